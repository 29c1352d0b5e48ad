"""Pages of the daily safety commitment: giving it, reading it beside what goes on, and a bureau's view of its area."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource.forms import ResourceForm
from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.sources import law_day
from anlan.prevent.permits import commitment, committing, queries
from anlan.prevent.permits.models import Commitment


class CommitmentForm(ResourceForm):
    """The fields of ``data/commitment_fields.csv`` that a person fills in, the statement, and a reason where figures disagree."""

    def __init__(self, *args: Any, correct: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in queries.commitment_fields():
            label = queries.worded(row)
            if row.kind == commitment.COUNT:
                self.fields[row.code] = forms.IntegerField(
                    label=label, min_value=0, max_value=commitment.MOST, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
                )
            elif row.kind == commitment.FLAG:
                self.fields[row.code] = forms.BooleanField(label=label, required=False)
            elif row.kind == commitment.GRADE:
                grades = [("", gettext("请选择")), *((str(code), gettext(word)) for code, word in commitment.RISK_GRADES.items())]
                self.fields[row.code] = forms.TypedChoiceField(label=label, coerce=int, choices=grades)
        self.fields["statement"] = forms.CharField(
            label=_("承诺内容"),
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("公告内容向社会公开，不要填写个人信息"),
        )
        self.fields["reason"] = forms.CharField(
            label=_("更正或不一致的原因"), max_length=500, required=correct, widget=forms.Textarea(attrs={"rows": 2})
        )

    def verb_values(self) -> dict[str, Any]:
        """What the verb takes."""
        cleaned = dict(self.cleaned_data)
        return {"statement": cleaned.pop("statement"), "reason": cleaned.pop("reason"), "values": cleaned}


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


@requires("commitments.give")
@require_http_methods(["GET", "POST"])
def give_page(request: ActorRequest) -> HttpResponse:
    """Give the commitment of this day, or correct it; what the platform knows stands beside what is typed."""
    actor, now = _actor(request), clock.now()
    if actor.enterprise_id is None:
        raise NotFound(what=gettext("企业"))
    enterprise = enterprises.enterprise(actor.enterprise_id, actor)
    day = law_day(now)
    row = Commitment.objects.filter(enterprise_id=enterprise.id, day=day).first()
    correct = row is not None and row.state == Commitment.GIVEN
    first: dict[str, Any] = dict(committing.offered(enterprise.id, now))
    if correct and row is not None:
        first |= row.values | {"statement": row.statement, "risk_grade": row.risk_grade}
    else:
        first.setdefault(
            "statement",
            gettext(
                "今天我公司已进行安全风险研判，各项安全风险防控措施已落实到位，我承诺所有装置处于安全运行状态，罐区、仓库等重大危险源安全风险得到有效管控。"
            ),
        )
    form = CommitmentForm(request.POST or None, initial=first, correct=correct)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                given = committing.give(enterprise.id, **form.verb_values(), correct=correct, actor=actor, now=now)
                messages.success(request, gettext("安全承诺已公告。"))
                return HttpResponseRedirect(reverse("permits:commitment", args=[given.pk]))
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
    known = committing.known_of(enterprise.id, now)
    names = {each.code: queries.worded(each) for each in queries.commitment_fields()}
    context = {
        "form": form,
        "errors": form.summary() if form.is_bound else [],
        "enterprise": enterprise,
        "correct": correct,
        "due_at": row.due_at if row is not None else queries.due_at(enterprise.place_code, day),
        "live": [(names[code], count) for code, count in known.permits.items()],
        "known": known,
        "draft_key": f"{actor.account_id}:commitment:{day}",
    }
    return render(request, "permits/commitment_give.html", context, status=status)


@requires("commitments.view")
@require_GET
def commitment_page(request: ActorRequest, commitment_id: UUID) -> HttpResponse:
    """One commitment with what was committed, what is known, and where they differ."""
    row = queries.commitment_of(commitment_id, _actor(request))
    fields = queries.commitment_fields()
    rows: list[tuple[str, str]] = []
    for each in fields:
        value = row.values.get(each.code)
        if each.kind == commitment.FLAG:
            rows.append((queries.worded(each), gettext("是") if value else gettext("否")))
        elif each.kind == commitment.COUNT:
            rows.append((queries.worded(each), "—" if value is None else str(value)))
    by_code = {each.code: queries.worded(each) for each in fields}
    context = {
        "row": row,
        "rows": rows if row.state == Commitment.GIVEN else [],
        "risk": gettext(commitment.RISK_GRADES[row.risk_grade]) if row.risk_grade else "",
        "risk_tone": commitment.RISK_TONES.get(row.risk_grade or 0, "grey"),
        "differences": [(by_code.get(code, code), committed, known) for code, committed, known in row.differences],
        "may_correct": row.enterprise_id == _actor(request).enterprise_id
        and row.day == law_day(clock.now())
        and _actor(request).may_somewhere("commitments.give"),
    }
    return render(request, "permits/commitment.html", context)


@requires("commitments.view")
@require_GET
def regions_page(request: ActorRequest) -> HttpResponse:
    """The bureau's view: counts by county of one day, the week before it, and who has not given a commitment."""
    actor = _actor(request)
    day = _day(request.GET.get("day", ""))
    week = queries.commitment_week(actor, day)
    context = {
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < law_day(clock.now()) else None,
        "counties": [(row, places.place_name(row.key)) for row in queries.commitment_counts(actor, day)],
        "week": week,
        "missing": list(
            queries.commitments(actor).filter(day=day, state=Commitment.OWED).order_by("place_code", "enterprise__name_key")[:100]
        ),
        "contradicted": list(queries.commitments(actor).filter(day=day, contradicted=True).order_by("place_code")[:100]),
        "data_time": clock.now(),
    }
    return render(request, "permits/commitment_regions.html", context)


def _day(text: str) -> date:
    """The day asked for, this day where none or a strange one was."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return law_day(clock.now())
