"""What this room hears: answers of judgements, drawings and incidents go to the devices in the field; a call for help goes to who is on duty."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from anlan.command.duty import door as duty
from anlan.command.field import plotted, queries, rules, sending
from anlan.command.field.door import FieldCallRaised, FieldUnitChanged
from anlan.command.field.sending import Audience, Shape
from anlan.command.incidents import door as incidents
from anlan.command.incidents.door import IncidentChanged, IncidentClosed, IncidentOpened, IncidentSummary, ResponseEnded, ResponseStarted
from anlan.command.judgement import door as judgement
from anlan.command.judgement.door import JudgementChanged, JudgementRun
from anlan.command.plotting import door as plotting
from anlan.command.plotting.door import PlottingChanged
from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel import clock
from anlan.kernel.access import Classification, system_actor
from anlan.kernel.levels import NATION, parent_code
from anlan.kernel.words import N_
from anlan.wire.cot.event import MOST_VERTICES

DONE, CLOSED, OPEN = "done", "closed", "open"
"""States of a run, of judgements and incidents, and of boards, as their rooms' doors tell them."""
MOST_CORNERS = 400
"""Corners of a zone on a device: more cost its radio link dear and show nothing more (project default)."""
_DESK = system_actor("field units")
_TOLD_ON_DUTY = ("duty_officer", "duty_leader")


def show_zones(event: JudgementRun) -> None:
    """Put the zones of the run on the maps of the units they concern; they replace those of the run before.

    A run that came to no answer changes nothing; one that found no place beyond a limit takes the zones away.
    """
    if event.state != DONE:
        return
    zones = judgement.zones_of(event.run_id)
    summary = judgement.judgement(event.subject_id, None)
    wanted = [
        Shape(f"{event.title} {zone.label}"[:100], _thinned(polygon[0]), zone.severity, _remarks(zone))
        # The worst comes last, so that devices draw it on top.
        for zone in reversed(zones)
        for polygon in zone.area
        if polygon and len(polygon[0]) >= 4
    ]
    sending.send(
        _source(event.subject_id),
        wanted,
        place_code=event.place_code,
        incident_id=summary.incident_id,
        exercise=event.exercise or summary.exercise,
        now=clock.now(),
        made_at=event.at,
    )


def clear_zones(event: JudgementChanged) -> None:
    """Take the zones of a judgement that was closed off the devices' maps."""
    summary = judgement.judgement(event.subject_id, None)
    if summary.state == CLOSED:
        sending.send(_source(event.subject_id), [], place_code=event.place_code, now=clock.now(), made_at=event.at)


def show_plot(event: PlottingChanged) -> None:
    """Put what is drawn on a board on the maps of the units it concerns; of a closed board nothing stays.

    Strokes come faster than they are sent: whoever is first sends the board as it stands, the others find that done.
    """
    if queries.any_unit():
        _send_board(event.subject_id, event.sequence)


def show_incident(event: IncidentOpened | IncidentChanged | IncidentClosed | ResponseStarted | ResponseEnded) -> None:
    """Put the place of an incident on the maps of the units it concerns, until it is closed."""
    if queries.any_unit():
        _send_incident(event.subject_id)


def fill_picture(event: FieldUnitChanged) -> None:
    """A unit was enrolled or moved: what was drawn and opened while there was no unit to see it is put on the maps as well."""
    if not queries.any_unit():
        return
    for board_id, number in plotting.open_boards():
        if sending.shown_number(_plot(board_id)) < number:
            _send_board(board_id, number)
    for incident in incidents.open_incidents(_DESK, limit=100):
        _send_incident(incident.id)


def tell_duty(event: FieldCallRaised) -> None:
    """A unit calls for help: it stands red at the head of every page, and who is on duty at its county is told and finds it in the log.

    Where nobody holds a post of duty, the next place above is told.
    """
    found = queries.call(event.subject_id)
    if found is None or found.ended_at is not None:
        return
    place, holders = _on_duty(event.place_code, event.at)
    what, callsign = rules.CALL_KINDS.get(found.kind, rules.CALL_KINDS["b-a-o-tbl"]), found.unit.callsign
    for account_id in {holder.account_id for holder in holders}:
        notify(
            account_id,
            event=event.kind,
            once=f"field.call:{found.pk}:{found.raised_at.isoformat()}",
            sentence=N_("现场求救：{callsign}（{what}），请立即核实并处置。"),
            facts={"callsign": callsign, "what": what},
            url=reverse("desk:field-units-detail", args=[found.unit_id]),
            tone="red",
            exercise=event.exercise,
            now=event.at,
        )
    where = "" if found.longitude is None else f"，位置 {found.longitude:.5f}, {found.latitude:.5f}"
    actor = replace(_DESK, place_code=place)
    line = f"现场求救：{callsign}（{what}）{where}{f'：{found.text}' if found.text else ''}"
    duty.append_log(line, kind="event", actor=actor, now=event.at, exercise=event.exercise)


def _on_duty(place_code: str, at: datetime) -> tuple[str, list[people.Holder]]:
    """The nearest place, from the county upward, at which somebody holds a post of duty, and who does."""
    county = place_code[:6]
    place: str | None = county
    while place is not None and place != NATION:
        holders = [holder for kind in _TOLD_ON_DUTY for holder in people.holders_of(kind, place, now=at)]
        if holders:
            return place, holders
        place = parent_code(place)
    return county, []


def _send_board(board_id: UUID, number: int) -> None:
    source = _plot(board_id)
    sent, board = sending.shown_number(source), plotting.board(board_id)
    if board.state == OPEN and sent >= number:
        return
    # After the lock: what is read now is at least as new as what another hearer sent.
    now = clock.now()
    features = plotting.features_of(board_id) if board.state == OPEN else ()
    made = ((feature.id, plotted.event_of(feature, at=now, lasts=rules.PLOTS_LAST)) for feature in features)
    wanted = [(key, event) for key, event in made if event is not None]
    sending.send_events(source, wanted, _audience(board), now=now, lasts=rules.PLOTS_LAST)
    sending.note_number(source, board.sequence)


def _send_incident(incident_id: UUID) -> None:
    source, now = f"incident {incident_id}", clock.now()
    sending.shown_number(source)
    incident = incidents.incident(incident_id, None)
    event = plotted.incident_event(incident, at=now, lasts=rules.PLOTS_LAST) if incident.closed_at is None else None
    wanted = [("place", event)] if event is not None else []
    audience = replace(_audience(incident), incident_id=incident.id)
    sending.send_events(source, wanted, audience, now=now, lasts=rules.PLOTS_LAST)


def _audience(what: plotting.BoardSummary | IncidentSummary) -> Audience:
    """Whom something is for; what is sensitive goes to the units of its incident alone."""
    place = "" if what.classification >= Classification.SENSITIVE else what.place_code
    return Audience(place, getattr(what, "incident_id", None), what.exercise)


def _plot(board_id: UUID) -> str:
    return f"plotting {board_id}"


def _source(judgement_id: UUID) -> str:
    return f"judgement {judgement_id}"


def _thinned(ring: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    step = max(1, -(-len(ring) // min(MOST_CORNERS, MOST_VERTICES - 2)))
    return tuple(ring[::step])


def _remarks(zone: judgement.ZoneFacts) -> str:
    minutes = "" if zone.arrival_s is None else f" {round(zone.arrival_s / 60)} min"
    return f"{zone.code} {zone.limit:g} {zone.unit} {round(zone.reach_m)} m{minutes}"
