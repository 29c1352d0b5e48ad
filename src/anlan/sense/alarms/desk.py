"""The desk of open alarms: lines by cause or event, opened in place, answered alone or together, with keys and without a script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.desk import panels
from anlan.desk.guard import ActorRequest, requires
from anlan.ground.enterprises import door as enterprises
from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.sense.alarms import lines, queries, rules, services, wording
from anlan.sense.alarms.models import Alarm, EscalationRecord

PAGE = "alarms.desk"
"""Name of the desk for panels of other rooms: what is suppressed, what is under maintenance."""
LIVE = (
    *("alarms.raised", "alarms.acknowledged", "alarms.cleared", "alarms.noted"),
    *("alarms.escalated", "alarms.shelved", "alarms.reviewed"),
)
_SHOWS = {
    lines.OPEN: _("未关闭"),
    lines.UNACKNOWLEDGED: _("未确认"),
    lines.ACTIVE: _("未恢复"),
    lines.SHELVED: _("已搁置"),
    lines.REVIEWING: _("待复核"),
}
_GROUPINGS = {lines.BY_CAUSE: _("按起因"), lines.BY_EVENT: _("按事件"), lines.ONE_BY_ONE: _("不归并")}
_MOST_OPENED = 20


@dataclass(frozen=True)
class Row:
    """One row of the desk: a line, or an alarm of an opened group (``of``: its line)."""

    id: str
    alarm: Alarm
    line: lines.Line | None
    of: str
    tone: str
    level_label: str
    state: str
    says: str
    kind: str
    marks: list[str]
    owner: str
    place: str
    delay: str
    elapsed: str
    escalated: str
    answer: str
    """How it is acknowledged here: ``one``, ``group``, or empty."""
    may_handle: bool
    may_review: bool

    @property
    def waiting(self) -> int:
        """How many alarms behind this row nobody acknowledged."""
        return self.line.waiting if self.line is not None else int(not self.alarm.is_acknowledged)

    @property
    def runs(self) -> bool:
        """Whether its time still counts up."""
        return self.line.active > 0 or self.line.waiting > 0 if self.line is not None else self.alarm.state in rules.OPEN_STATES

    @property
    def since(self) -> datetime:
        """Since when."""
        return self.line.since if self.line is not None else self.alarm.raised_at


@requires("alarms.view")
@require_GET
def desk_page(request: ActorRequest) -> HttpResponse:
    """Lines of open alarms, those that nobody acknowledged first; the script keeps the row under the cursor where it is."""
    actor, now = cast(Actor, request.actor), clock.now()
    wanted = wanted_of(request.GET)
    page = lines.page(actor, wanted)
    counts = lines.counts(actor)
    rows = rows_of(page.lines, actor, now)
    context = {
        "rows": rows,
        "page": page,
        "counts": counts,
        "wanted": wanted,
        "tabs": _tabs(wanted, counts),
        "groupings": [(code, label, code == wanted.by) for code, label in _GROUPINGS.items()],
        "levels": [(level, wording.level_label(level), level == wanted.level) for level in rules.LEVELS],
        "query": query_of(wanted),
        "next": query_of(wanted, number=wanted.number + 1) if page.more else "",
        "previous": query_of(wanted, number=wanted.number - 1) if wanted.number > 1 else "",
        "openings": {str(line.key): query_of(wanted, toggled=line.key) for line in page.lines if line.count > 1},
        "apart": queries.apart_waiting(),
        "may_see_apart": actor.may_somewhere("alarms.apart"),
        "live": " ".join(f"sse:{kind}" for kind in LIVE),
        "note_kinds": rules.NOTE_KINDS.items(),
        "panels": panels.render(PAGE, actor, request),
        "data_time": now,
    }
    return render(request, "alarms/desk.html", context)


@requires("alarms.acknowledge")
@require_http_methods(["GET", "POST"])
def acknowledge_group(request: ActorRequest, by: str, key: UUID) -> HttpResponse:
    """Acknowledge every alarm of a line with one note: GET asks for it where no script does."""
    actor, now = cast(Actor, request.actor), clock.now()
    if by not in lines.GROUPINGS:
        raise NotFound(what=by)
    rows = queries.still_open(actor).filter(**{lines.key_of(by): key})
    if request.method == "POST":
        services.acknowledge_group(rows, request.POST.get("note", ""), actor=actor, now=now)
        return HttpResponseRedirect(back_to(request, reverse("alarms:desk")))
    waiting = rows.filter(state__in=sorted(rules.UNACKNOWLEDGED_STATES)).order_by("level", "raised_at")
    number = waiting.count()
    if not number:
        raise rules.NothingToAcknowledge()
    shown = [(row, wording.LEVEL_TONES[row.level], wording.state_label(row)) for row in waiting[:20]]
    context = {"rows": shown, "number": number, "by": by, "key": key, "back": back_to(request, reverse("alarms:desk"))}
    return render(request, "alarms/acknowledge_group.html", context)


def back_to(request: ActorRequest, otherwise: str) -> str:
    """The page of this node that the reader came from, as the form says it."""
    wanted = request.POST.get("back", "") or request.GET.get("back", "")
    if wanted == "desk":
        return reverse("alarms:desk")
    return wanted if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else otherwise


def wanted_of(asked: QueryDict) -> lines.Wanted:
    """What an address asks the desk for; what it says wrongly is left out."""
    said = {name: str(asked.get(name, "")) for name in ("show", "by", "q", "level", "page", "open")}
    return lines.Wanted(
        show=said["show"] if said["show"] in lines.SHOWS else lines.OPEN,
        by=said["by"] if said["by"] in lines.GROUPINGS else lines.BY_CAUSE,
        words=said["q"].strip()[:80],
        level=int(said["level"]) if said["level"] in {"1", "2", "3", "4"} else 0,
        number=max(1, int(said["page"])) if said["page"].isdecimal() and len(said["page"]) < 6 else 1,
        opened=tuple(_keys(said["open"]))[:_MOST_OPENED],
    )


def _keys(text: str) -> Iterable[UUID]:
    for part in text.split(","):
        try:
            yield UUID(part)
        except ValueError:
            continue


def query_of(wanted: lines.Wanted, *, number: int | None = None, toggled: UUID | None = None, show: str = "") -> str:
    """The address that asks for the same, for another page, with a group opened or closed, or for another list."""
    opened = list(wanted.opened)
    if toggled is not None:
        opened = [key for key in opened if key != toggled] if toggled in opened else [*opened, toggled]
    values = {
        "show": show or wanted.show,
        "by": wanted.by if wanted.by != lines.BY_CAUSE else "",
        "q": wanted.words,
        "level": wanted.level or "",
        "page": (number or (wanted.number if not show else 1)) if (number or wanted.number) > 1 else "",
        "open": ",".join(map(str, opened)) if not show else "",
    }
    values["show"] = values["show"] if values["show"] != lines.OPEN else ""
    said = urlencode({name: value for name, value in values.items() if value})
    return f"?{said}" if said else "?"


def _tabs(wanted: lines.Wanted, counts: lines.Counts) -> list[dict[str, Any]]:
    numbers = {
        lines.OPEN: counts.open,
        lines.UNACKNOWLEDGED: counts.waiting,
        lines.ACTIVE: counts.active,
        lines.SHELVED: counts.shelved,
        lines.REVIEWING: counts.reviewing,
    }
    return [
        {"code": code, "label": label, "number": numbers[code], "here": code == wanted.show, "query": query_of(wanted, show=code)}
        for code, label in _SHOWS.items()
    ]


def rows_of(found: Iterable[lines.Line], actor: Actor, now: datetime) -> list[Row]:
    """Rows of lines and of what is opened below them, in the reader's language."""
    told = [(line.lead, line) for line in found]
    alarms = [lead for lead, _line in told] + [member for _lead, line in told for member in line.members]
    names = enterprises.names({alarm.enterprise_id for alarm in alarms})
    counties = {code: places.place_name(code) for code in {alarm.place_code[:6] for alarm in alarms}}
    known = _Known(names, counties, queries.last_escalations([alarm.pk for alarm in alarms]), people.post_kinds())
    rows: list[Row] = []
    for lead, line in told:
        rows.append(_row(lead, line, "", known, actor, now))
        rows += [_row(member, None, str(line.key), known, actor, now) for member in line.members]
    return rows


@dataclass(frozen=True)
class _Known:
    """What the rows of one page are told with, read once for all of them."""

    enterprises: Mapping[UUID, str]
    counties: Mapping[str, str]
    climbed: Mapping[UUID, EscalationRecord]
    posts: Mapping[str, str]


def _row(alarm: Alarm, line: lines.Line | None, of: str, known: _Known, actor: Actor, now: datetime) -> Row:
    level = line.level if line is not None else alarm.level
    step = known.climbed.get(alarm.pk)
    return Row(
        id=f"line-{line.key}" if line is not None else f"alarm-{alarm.pk}",
        alarm=alarm,
        line=line,
        of=of,
        tone=wording.LEVEL_TONES[level],
        level_label=wording.level_label(level),
        state=wording.state_label(alarm),
        says=wording.says(alarm),
        kind=wording.kind_label(alarm.kind),
        marks=wording.quality_marks(alarm),
        owner=known.enterprises.get(alarm.enterprise_id, ""),
        place=known.counties[alarm.place_code[:6]],
        delay=wording.duration(alarm.delay) if alarm.late else "",
        elapsed=wording.duration((alarm.cleared_at or now) - (line.since if line is not None else alarm.raised_at)),
        escalated=wording.escalated(step, known.posts) if step is not None and step.ring == alarm.rings else "",
        answer=_answer(alarm, line) if may(actor, "acknowledge", alarm) else "",
        may_handle=may(actor, "handle", alarm),
        may_review=alarm.state == rules.REVIEWING and may(actor, "review", alarm) and alarm.acknowledged_by_id != actor.account_id,
    )


def _answer(alarm: Alarm, line: lines.Line | None) -> str:
    waits = rules.acknowledge_move(alarm.state, alarm.level) is not None
    if line is None or line.waiting < 2:
        return "one" if waits else "group" if line is not None and line.waiting else ""
    return "group"


def may(actor: Actor, verb: str, row: Alarm) -> bool:
    """Whether the actor may do ``alarms.<verb>`` on the alarm."""
    return actor.may(f"alarms.{verb}", place_code=row.place_code, enterprise_id=row.enterprise_id, classification=row.classification)
