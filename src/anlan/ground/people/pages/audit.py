"""The audit log for the audit administrator: read, verify, export, and nothing else."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.ground.people.catalogue import action_catalogue
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger import audit, changes
from anlan.ledger.models import AuditEntry

PAGE = 50
EXPORT_LIMIT = 100_000
_PRIVATE = frozenset({"phone", "email"})
"""Columns whose values the log keeps for proof but no page shows in full."""


def scoped(actor: Actor, action: str) -> QuerySet[AuditEntry]:
    """Entries that ``actor`` may read: of his places, and of what belongs to no place (processes, unknown user names)."""
    condition = Q()
    for grant in actor.scopes(action):
        if not grant.place_prefix:
            return AuditEntry.objects.all()
        condition |= Q(place_code__startswith=grant.place_prefix) | Q(place_code="")
    return AuditEntry.objects.filter(condition) if condition else AuditEntry.objects.none()


def _day(params: QueryDict, name: str) -> datetime | None:
    try:
        day = parse_date(params.get(name, ""))
    except ValueError:
        return None
    return timezone.make_aware(datetime.combine(day, datetime.min.time())) if day else None


def _word(params: QueryDict, name: str) -> str:
    """A filter as typed; PostgreSQL's text holds no NUL."""
    return str(params.get(name, "")).replace("\0", "").strip()


def filtered(entries: QuerySet[AuditEntry], params: QueryDict) -> QuerySet[AuditEntry]:
    """Entries of the days, actor, action and subject asked for. What cannot be read is not asked."""
    if since := _day(params, "from"):
        entries = entries.filter(at__gte=since)
    if until := _day(params, "to"):
        entries = entries.filter(at__lt=until + timedelta(days=1))
    if who := _word(params, "actor"):
        entries = entries.filter(actor_name__icontains=who)
    if action := _word(params, "action"):
        entries = entries.filter(action=action)
    if subject := _word(params, "subject"):
        entries = entries.filter(subject_id=subject)
    if address := _word(params, "address"):
        entries = entries.filter(address__startswith=address)
    return entries


def told(content: object) -> list[tuple[str, str]]:
    """What an entry says changed, line by line; telephone numbers and e-mail addresses are hidden."""
    if not isinstance(content, dict):
        return []
    lines = []
    for name, pair in (content.get("changed") or {}).items():
        before, after = pair if isinstance(pair, list) and len(pair) == 2 else (None, pair)
        if before in (None, "") and after in (None, ""):
            continue
        lines.append((name, "•••" if name in _PRIVATE else f"{_plain(before)} → {_plain(after)}"))
    lines += [(name, _plain(value)) for name, value in (content.get("facts") or {}).items()]
    return lines


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@requires("audit.view")
@never_cache
@require_GET
def log_page(request: ActorRequest) -> HttpResponse:
    """The log, newest first, with filters kept in the URL."""
    return _page(request)


def _page(request: ActorRequest, verdict: dict[str, object] | None = None) -> HttpResponse:
    actor = request.actor
    assert actor is not None  # the guard lets nobody else in
    entries = filtered(scoped(actor, "audit.view"), request.GET).order_by("-sequence")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        entries = entries.filter(sequence__lt=int(before))
    rows = list(entries[: PAGE + 1])
    words = {action: label for _room, _label, actions in action_catalogue() for action, label in actions}
    older = request.GET.copy()
    if len(rows) > PAGE:
        older["before"] = str(rows[PAGE - 1].sequence)
    kept = request.GET.copy()
    kept.pop("before", None)
    context = {
        "rows": [{"entry": row, "action": words.get(row.action, ""), "lines": told(row.content)} for row in rows[:PAGE]],
        "older": older.urlencode() if len(rows) > PAGE else "",
        "newest": kept.urlencode() if before else "",
        "query": kept.urlencode(),
        "params": request.GET,
        "actions": [(label, actions) for _room, label, actions in action_catalogue()],
        "verdict": verdict,
        "may_verify": actor.may_somewhere("audit.verify"),
        "may_export": actor.may_somewhere("audit.export"),
        "filtered": bool(kept.urlencode()),
    }
    return render(request, "people/audit.html", context)


@requires("audit.verify")
@never_cache
@require_POST
def verify(request: ActorRequest) -> HttpResponse:
    """Recompute the whole chain; the verification is itself written to the log."""
    actor = request.actor
    assert actor is not None  # the guard lets nobody else in
    verdict = audit.verify()
    with changes.change(actor, "audit.verify", now=clock.now(), place_code=actor.place_code) as c:
        c.facts.update(intact=verdict.intact, entries=verdict.entries, broken_at=verdict.broken_at)
    return _page(request, {"intact": verdict.intact, "entries": verdict.entries, "broken_at": verdict.broken_at})


class _Echo:
    """Hands each written line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


@requires("audit.export")
@never_cache
@require_GET
def export(request: ActorRequest) -> StreamingHttpResponse:
    """What is filtered as CSV, oldest first, each line with its links of the chain. The export is logged."""
    actor = request.actor
    assert actor is not None  # the guard lets nobody else in
    entries = filtered(scoped(actor, "audit.export"), request.GET).order_by("sequence")[:EXPORT_LIMIT]
    with changes.change(actor, "audit.export", now=clock.now(), place_code=actor.place_code) as c:
        c.facts["query"] = request.GET.urlencode()
    response = StreamingHttpResponse(_csv(entries), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-{timezone.localtime(clock.now()):%Y%m%d-%H%M}.csv"'
    return response


def _csv(entries: QuerySet[AuditEntry]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    heads = [_("序号"), _("时间"), _("操作人"), _("岗位"), _("地址"), _("操作"), _("对象类型"), _("对象编号"), _("区划"), _("内容")]
    # The mark lets spreadsheet programs read the file as UTF-8.
    yield "\ufeff" + writer.writerow([*heads, "previous", "digest"])
    for entry in entries.iterator(chunk_size=2000):
        content = "; ".join(f"{name}: {value}" for name, value in told(entry.content))
        cells = [
            entry.sequence,
            timezone.localtime(entry.at).isoformat(),
            entry.actor_name,
            entry.post,
            entry.address,
            entry.action,
            entry.subject_type,
            entry.subject_id,
            entry.place_code,
            content,
        ]
        yield writer.writerow([*[_safe(cell) for cell in cells], entry.previous, entry.digest])


def _safe(cell: object) -> object:
    """A text that a spreadsheet program would take for a formula is kept a text."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t" and cell[:1] else cell
