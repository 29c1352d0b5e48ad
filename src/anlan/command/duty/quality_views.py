"""The page of the quality of duty, and its export."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import astuple
from datetime import date, timedelta
from io import StringIO
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.command.duty import quality
from anlan.desk.guard import requires
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.sources import law_day


def _heads() -> list[str]:
    return [
        _("归属地"),
        _("未按时交接班"),
        _("岗位无人值守"),
        _("未及时应答"),
        _("到期未报"),
        _("提醒总数"),
        _("及时应答"),
        _("应答用时中位数（秒）"),
        _("最长应答用时（秒）"),
    ]


@requires("duty.view")
@require_GET
def month(request: HttpRequest) -> HttpResponse:
    """Figures of a month by place; ``?format=csv`` exports them."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    shown = _shown(request.GET.get("month", ""))
    rows = [(places.place_name(each.place_code), *astuple(each)[1:]) for each in quality.of_month(shown, actor)]
    if request.GET.get("format") == "csv":
        return _csv(rows, shown)
    earlier, later = (shown - timedelta(days=1)).replace(day=1), (shown + timedelta(days=31)).replace(day=1)
    return render(request, "duty/quality.html", {"rows": rows, "heads": _heads(), "shown": shown, "earlier": earlier, "later": later})


def _shown(asked: str) -> date:
    try:
        return date.fromisoformat(f"{asked}-01")
    except ValueError:
        return law_day(clock.now()).replace(day=1)


def _csv(rows: Sequence[tuple[object, ...]], shown: date) -> HttpResponse:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(_heads())
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="duty-quality-{shown:%Y-%m}.csv"'
    return response
