"""Reports that pass from node to node: what the others have not been told yet goes to them, what they tell is taken over, once and in any order.

A filing is one record with one name on every node that knows it. Versions and steps only ever grow; a step's receipt, an instruction's answer
are filled in by whoever owes them. So two nodes that have told each other everything hold the same, in whatever order it came
(a report of deaths overtakes what waited before it).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from anlan.federation import addressing, inbox, outbox
from anlan.federation.envelope import Address, Lane
from anlan.federation.models import Node, OutboxEnvelope
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import Conflict
from anlan.kernel.events import Event
from anlan.kernel.levels import Level
from anlan.ledger import clocks
from anlan.ledger.changes import change
from anlan.ledger.flows import advance, open_case
from anlan.ledger.models import FlowStep
from anlan.report.filings import chain, content, door, dossier, instructing, marking, queries, recording, rules, travelling
from anlan.report.filings.models import Filing, FilingCopy, FilingSource, FilingStep, FilingVersion, Instruction

KIND = "filings.dossier"
URGENT_STEPS = ("written", "direct", "parallel")
"""Steps that themselves report: they go before all else."""


# --- what is told ----------------------------------------------------------------------------------------------------------------


def share(event: Event) -> None:
    """Something about a filing changed: whoever else holds it, or is to have it, is told what he has not been told yet."""
    # Locked: a step that is sent meanwhile would be told with the state before it, and nothing would ever tell the state after it.
    known = Filing.objects.select_for_update(of=("self",)).select_related("enterprise")
    filing = known.filter(pk=event.subject_id).exclude(state=rules.DRAFT).first()
    if filing is None:
        return
    _hold(filing, event.at)
    if addressing.own() is None:
        return
    _tell(filing, _readers(filing), event.at)


def _readers(filing: Filing) -> list[Address]:
    """Bureaus on other nodes to which one of this node sent something, and nodes from which the report came or to which it went; each node once."""
    found: dict[str, Address] = {}
    ways = filing.steps.values_list("sender_level", "receiver_level").distinct()
    named = [travelling.address(filing, Level(receiver)) for sender, receiver in ways if _sent_here(filing, sender)]
    named += [Address(Level(row.level), row.place_code) for row in filing.copies.all()]
    for to in named:
        node = addressing.node_of(to)
        whole = node.bureau if node is not None else to
        if addressing.elsewhere(whole, exercise=filing.exercise):
            found[whole.key] = whole
    return list(found.values())


def _sent_here(filing: Filing, sender: int | None) -> bool:
    """Whether a step was sent from this node; those of others are told by their nodes."""
    if sender is None:
        return filing.source != rules.SOURCE_LOWER
    return not travelling.elsewhere(filing, Level(sender))


def _tell(filing: Filing, readers: Iterable[Address], now: datetime) -> None:
    """What the others have not been told goes into the outbox; those who lack the same get the same envelope."""
    letters: dict[str, tuple[dict[str, Any], list[Address]]] = {}
    for to in readers:
        body = _lacking(filing, to)
        if body is not None:
            letters.setdefault(json.dumps(body, sort_keys=True), (body, []))[1].append(to)
    head = dossier.header(filing, _why(filing)) if letters else {}
    for body, together in letters.values():
        steps = [row["id"] for row in body.get("steps", []) if row["received_at"] is None]
        outbox.post(
            outbox.Letter(
                kind=KIND,
                to=tuple(together),
                lane=lane_of(body),
                subject=filing.pk,
                place_code=filing.place_code,
                title=filing.title,
                body={**body, "header": head},
                exercise=filing.exercise,
                refs={"steps": steps},
            ),
            now=now,
        )


def _lacking(filing: Filing, to: Address) -> dict[str, Any] | None:
    """Rows that a node has not been told, which it now is; ``None`` when it knows all."""
    copy, _made = FilingCopy.objects.select_for_update().get_or_create(filing=filing, level=int(to.level), place_code=to.place_code)
    body: dict[str, Any] = {}
    for kind, columns in dossier.KINDS.items():
        rows = [dossier.told(record, columns) for record in _records(filing, kind, to)]
        fresh = [row for row in rows if copy.told.get(row["id"]) != dossier.digest(row)]
        if fresh:
            body[kind] = fresh
            copy.told.update({row["id"]: dossier.digest(row) for row in fresh})
    over = filing.state in rules.OVER and copy.told.get("state") != filing.state
    if not body and not over:
        return None
    copy.told["state"] = filing.state
    copy.save(update_fields=["told"])
    return body


def _records(filing: Filing, kind: str, to: Address) -> Iterable[Any]:
    if kind == "versions":
        return filing.versions.all()
    if kind == "steps":
        return filing.steps.all()
    # An instruction is told to whom it is for and to those above him, not further down than it was meant.
    return [row for row in filing.instructions.all() if row.to_level is None or to.level <= row.to_level]


def _why(filing: Filing) -> str:
    """The reason with which a filing was ended."""
    if filing.state not in rules.OVER:
        return ""
    last = FlowStep.objects.filter(subject_type=Filing._meta.label_lower, subject_id=filing.pk).order_by("at", "pk").last()
    return last.reason if last is not None else ""


def lane_of(body: Mapping[str, Any]) -> Lane:
    """How urgent what is told is: a report upward and news of people first, then supplements, receipts and instructions."""
    steps, versions = body.get("steps", ()), body.get("versions", ())
    if any(row["kind"] in URGENT_STEPS and row["received_at"] is None for row in steps):
        return Lane.FLASH
    if any(row["kind"] == rules.FIRST or rules.CASUALTIES & row["changed"].keys() for row in versions):
        return Lane.FLASH
    return Lane.URGENT


# --- links within this node that an exercise holds cut ---------------------------------------------------------------------------------


def _hold(filing: Filing, now: datetime) -> None:
    """Steps between bureaus of this node that are not there yet wait in the outbox for their link, or are there when it is not cut any more."""
    if not filing.exercise:
        return
    waiting = [
        step for step in filing.steps.filter(delivered_at__isnull=True) if not travelling.elsewhere(filing, Level(step.receiver_level))
    ]
    held = set[str]()
    for row in OutboxEnvelope.objects.filter(subject=filing.pk, cut__isnull=False):
        held.update(row.refs.get("steps", ()))
    for step in waiting:
        if str(step.pk) in held:
            continue
        sender = Level(step.sender_level) if step.sender_level is not None else None
        cut = travelling.held(filing, sender, Level(step.receiver_level))
        if cut is None:
            _arrived(filing, [step], now)
            continue
        told = {"steps": [dossier.told(step, dossier.STEP)]}
        told["versions"] = [dossier.told(row, dossier.VERSION) for row in filing.versions.filter(number=step.version_number)]
        letter = outbox.Letter(
            kind=KIND,
            to=(travelling.address(filing, Level(step.receiver_level)),),
            lane=lane_of(told),
            subject=filing.pk,
            place_code=filing.place_code,
            title=filing.title,
            body={**told, "header": dossier.header(filing, "")},
            exercise=True,
            refs={"steps": [str(step.pk)]},
        )
        outbox.post(letter, now=now, cut=cut)


def hear_arrival(row: OutboxEnvelope, receivers: Sequence[Address], at: datetime) -> None:
    """Receivers have what was sent: it is there, and the duty to send it is done at that moment."""
    steps = FilingStep.objects.select_related("filing").filter(pk__in=row.refs.get("steps", ()), delivered_at__isnull=True)
    there = [step for step in steps if _is_for(step, receivers)]
    if there:
        _arrived(there[0].filing, there, at)


def _is_for(step: FilingStep, receivers: Sequence[Address]) -> bool:
    to = travelling.address(step.filing, Level(step.receiver_level))
    nodes = [addressing.node_of(each) for each in receivers]
    return to in receivers or any(node is not None and node.serves(to) for node in nodes)


def _arrived(filing: Filing, steps: Iterable[FilingStep], at: datetime) -> None:
    with change(_relay(""), "filings.relay", now=at, record=filing) as gathered:
        for step in steps:
            step.delivered_at = max(at, step.sent_at)
            if step.rule_code and step.sender_level is not None:
                clock = chain.settle(filing, step.rule_code, now=step.delivered_at, by=step.sent_by)
                if clock is not None:
                    step.due, step.late_seconds = clock.until, chain.late_seconds(clock, step.delivered_at)
                    recording.mark_late(
                        filing, clock, who=step.sender_name, level=step.sender_level, actor=_relay(""), now=step.delivered_at
                    )
            step.save(update_fields=["delivered_at", "due", "late_seconds"])
            gathered.announce(recording.reported_up(filing, step, at))
        gathered.facts["arrived"] = [str(step.pk) for step in steps]


def _relay(name: str) -> Actor:
    """The hand that takes over what another node tells."""
    return system_actor(name or "relay")


# --- what came -------------------------------------------------------------------------------------------------------------------


def take(came: inbox.Came) -> None:
    """Take over what another node tells of a report. Raises ``EnvelopeMalformed``, ``PlaceUnknown``, ``Invalid``, ``Conflict``."""
    if came.origin is None:
        return  # of this node itself: everything is here, only its arrival counts
    body, now = came.envelope.body, came.at
    head = dossier.read(body.get("header"), dossier.HEADER)
    versions, steps, instructions = (dossier.rows_of(body, kind) for kind in ("versions", "steps", "instructions"))
    filing = Filing.objects.select_for_update().filter(pk=came.envelope.subject).first()
    actor = _relay(came.origin.name)
    fresh = filing is None
    if filing is None:
        filing = _begin(came, head, versions, now)
    elif filing.place_code != came.envelope.place_code or filing.exercise != came.envelope.exercise:
        raise Conflict(what=filing.title)
    with change(actor, "filings.relay", now=now, record=None if fresh else filing, place_code=filing.place_code) as gathered:
        if fresh:
            filing.save(force_insert=True)
            gathered.subject = filing
            open_case(filing, actor=actor, now=now)
            FilingSource.objects.create(
                filing=filing, source=rules.SOURCE_LOWER, who=came.origin.name[:120], at=now, text=head["unit_name"]
            )
        before = filing.reporting_code
        added = _add_versions(filing, versions, now)
        here, signed = _merge_steps(filing, steps, now)
        orders = _merge_instructions(filing, instructions, now)
        _fold(filing, now)
        _mark_late(filing, actor=actor, now=now)
        _remember(filing, came.origin, body)
        gathered.facts.update({"from": came.origin.name, "versions": len(added), "steps": len(steps), "instructions": len(orders)})
        for step in here:
            gathered.announce(recording.reported_up(filing, step, now))
        for level in sorted(signed):
            gathered.announce(door.FilingReceived(**recording.about(filing, now), title=filing.title, level=level))
        if added and not fresh:
            rose = rules.graver(filing.reporting_code, before, content.levels_of(filing))
            if rose:
                recording.owe_anew(filing, now)
            about = recording.about(filing, now)
            gathered.announce(
                door.FilingSupplemented(
                    **about, title=filing.title, number=added[-1].number, level_code=filing.reporting_code, level_rose=rose
                )
            )
        if orders:
            gathered.announce(door.FilingInstructed(**recording.about(filing, now), title=filing.title))
        if not here and not signed and not added and not orders:
            gathered.announce(door.FilingChanged(**recording.about(filing, now), title=filing.title))
    _follow(filing, head, actor=actor, now=now)


def _begin(came: inbox.Came, head: Mapping[str, Any], versions: list[dossier.Row], now: datetime) -> Filing:
    """A filing that this node did not know, as far as its head tells; its content follows from its versions. Raises ``PlaceUnknown``."""
    if not versions:
        raise Conflict(what=came.envelope.title)
    place = came.envelope.place_code
    content.clean({"place_code": place}, now=now, partial=True)
    filing = Filing(
        id=came.envelope.subject,
        state=rules.SUBMITTED,
        place_code=place,
        exercise=came.envelope.exercise,
        title=came.envelope.title[:120],
        source=rules.SOURCE_LOWER,
        enterprise_id=content.enterprise_named(head["unit_code"]),
        holder_level=int(Level.COUNTY),
        **{name: head[name] for name in ("known_at", "opened_at", "classification", "reporter_id", "reporter_phone")},
    )
    filing.reporter_name = (head["unit_name"] if filing.enterprise_id is None and head["unit_name"] else head["reporter_name"])[:100]
    filing.occurred_at = head["known_at"]
    # It comes into the case as it stands with who sent it; what follows moves along its flow.
    if head["holder_level"] is not None and head["state"] in (rules.SUBMITTED, rules.RECEIVED, rules.REPORTED_UP):
        filing.state, filing.holder_level = head["state"], head["holder_level"]
    return filing


def _add_versions(filing: Filing, rows: list[dossier.Row], now: datetime) -> list[FilingVersion]:
    known = set(filing.versions.values_list("pk", flat=True))
    numbers = set(filing.versions.values_list("number", flat=True))
    made = []
    for row in sorted(rows, key=lambda each: (each["at"], each["number"])):
        if row["id"] in known:
            continue
        dossier.content_of(row["content"], now)
        # Two nodes may have written a version of the same number: here the later one gets the next that is free.
        number = row["number"] if row["number"] and row["number"] not in numbers else max(numbers, default=0) + 1
        numbers.add(number)
        made.append(FilingVersion.objects.create(**{**row, "filing": filing, "number": number}))
    return made


def _merge_steps(filing: Filing, rows: list[dossier.Row], now: datetime) -> tuple[list[FilingStep], set[int]]:
    """Steps that were not known are added, what was filled in of known ones is taken over; returns those that wait for a bureau of this node, and
    levels that have signed since."""
    known = {step.pk: step for step in filing.steps.all()}
    last = max((step.sequence for step in known.values()), default=0)
    waiting, signed = [], set()
    for row in sorted(rows, key=lambda each: (each["sent_at"], each["sequence"])):
        step = known.get(row["id"])
        if step is None:
            last += 1
            sender, receiver = row["sender_level"], Level(row["receiver_level"])
            # When it was there, where it was not for this node, is not told: the receipt is the latest that it can have been.
            there = row["received_at"] or row["sent_at"] if travelling.elsewhere(filing, receiver) else now
            step = FilingStep(**{**row, "filing": filing, "sequence": last}, delivered_at=there)
            step.receiver_organisation_id = chain.Bureau(receiver, filing.place_code).organisation_id
            step.sender_organisation_id = chain.Bureau(Level(sender), filing.place_code).organisation_id if sender is not None else None
            step.save(force_insert=True)
            if step.received_at is None and not travelling.elsewhere(filing, receiver):
                waiting.append(step)
        else:
            # What a bureau of this node signs for, nobody else says.
            receipt = (
                step.received_at is None and row["received_at"] is not None and travelling.elsewhere(filing, Level(step.receiver_level))
            )
            if receipt:
                signed.add(step.receiver_level)
            _fill_in(step, row, receipt=receipt)
    return waiting, signed


def _mark_late(filing: Filing, *, actor: Actor, now: datetime) -> None:
    """A bureau below was late: the mark is raised here too, for only a bureau above it decides on it."""
    labels, own = queries.step_labels(), addressing.own()
    for step in filing.steps.filter(late_seconds__gt=0, due__isnull=False, sender_level__isnull=False):
        row = labels.get(step.rule_code)
        if row is None or own is None or step.due is None or step.sender_level is None or step.sender_level <= own.level:
            continue
        at = step.due + timedelta(seconds=step.late_seconds)
        facts = recording.late_words(row.label_zh, step.due, at)
        marking.raise_by_rule(
            filing,
            rules.LATE,
            who=step.sender_name,
            level=step.sender_level,
            rule_code=step.rule_code,
            late_minutes=step.late_minutes,
            facts=facts,
            actor=actor,
            now=now,
        )


def _fill_in(step: FilingStep, row: dossier.Row, *, receipt: bool) -> None:
    if receipt:
        step.received_at, step.received_by = row["received_at"], row["received_by"]
        step.delivered_at = step.delivered_at or row["received_at"]
    step.late_seconds, step.due = max(step.late_seconds, row["late_seconds"]), step.due or row["due"]
    step.save(update_fields=["received_at", "received_by", "delivered_at", "late_seconds", "due"])


def _merge_instructions(filing: Filing, rows: list[dossier.Row], now: datetime) -> list[Instruction]:
    """Instructions that are new or answered otherwise than before; what was confirmed stays."""
    known = {row.pk: row for row in filing.instructions.all()}
    changed = []
    for row in sorted(rows, key=lambda each: each["at"]):
        found = known.get(row["id"])
        if found is not None and found.confirmed_at is not None:
            continue
        if row["parent_id"] not in known:
            row["parent_id"] = None
        instruction = found or Instruction(filing=filing)
        before = None if found is None else (found.done_at, found.returned, found.confirmed_at)
        ours = _ours(filing, found, row) if found is not None else frozenset()
        for name, value in row.items():
            if name not in ours:
                setattr(instruction, name, value)
        instruction.save()
        known[instruction.pk] = instruction
        if before == (instruction.done_at, instruction.returned, instruction.confirmed_at):
            continue
        changed.append(instruction)
        if instruction.done_at is not None:
            clocks.stop(filing, instructing.clock_code(instruction), now=instruction.done_at, by=instruction.done_by)
        elif instruction.to_level is None or not travelling.elsewhere(filing, Level(instruction.to_level)):
            instructing.start_clock(filing, instruction, now)
    return changed


def _ours(filing: Filing, known: Instruction, told: dossier.Row) -> frozenset[str]:
    """What of a known instruction nobody but this node says: that it was carried out, where it is for a bureau of this node (sent back it may be);
    what it asks for and what was said of the answer, where one of this node gave it."""
    given = (
        ()
        if travelling.elsewhere(filing, Level(known.given_level))
        else ("text", "due", "to_level", "confirmed_at", "confirmed_by", "returned")
    )
    if known.to_level is None or travelling.elsewhere(filing, Level(known.to_level)):
        return frozenset(given)
    sent_back = told["done_at"] is None and bool(told["returned"])
    return frozenset((*given, "done_by", "outcome", *(() if sent_back else ("done_at",))))


def _fold(filing: Filing, now: datetime) -> None:
    """The present values: those of the first version, and over them what each later one changed, by the moment at which it was written."""
    rows = sorted(filing.versions.all(), key=lambda row: (row.at, row.number, row.pk))
    values = dossier.content_of(rows[0].content, now)
    for row in rows[1:]:
        after = dossier.content_of(row.content, now)
        values |= {name: after[name] for name in row.changed if name in after}
    content.apply(filing, values)
    content.judge_into(filing)
    filing.latest_number = max(row.number for row in rows)
    filing.save()
    recording.agree(filing)


def _remember(filing: Filing, origin: Node, body: Mapping[str, Any]) -> None:
    """What the other node knows by having told it."""
    copy, _made = FilingCopy.objects.select_for_update().get_or_create(filing=filing, level=origin.level, place_code=origin.place_code)
    for kind, columns in dossier.KINDS.items():
        for row in body.get(kind, []):
            said = dossier.as_told(dossier.read(row, columns))
            copy.told[said["id"]] = dossier.digest(said)
    copy.save(update_fields=["told"])


_SIGNED = {rules.SUBMITTED: 0, rules.REPORTED_UP: 0, rules.RECEIVED: 1}


def _follow(filing: Filing, head: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """The case moves along its flow to where the other node says that it is; it never goes back."""
    wanted = (head["holder_level"], head["state"]) if head["state"] in _SIGNED and head["holder_level"] is not None else None
    while wanted is not None and _further(wanted, filing):
        if filing.state in (rules.SUBMITTED, rules.REPORTED_UP):
            advance(filing, "receive", actor=actor, now=now)
        else:
            above = chain.level_above(Level(filing.holder_level or 0), filing.place_code)
            advance(filing, "report_up", actor=actor, now=now, fields={"holder_level": wanted[0] if above is None else int(above)})
    if head["state"] in (rules.CLOSED, rules.WITHDRAWN) and filing.state in _SIGNED:
        if filing.state != rules.RECEIVED and head["state"] == rules.CLOSED:
            advance(filing, "receive", actor=actor, now=now)
        advance(filing, "close" if head["state"] == rules.CLOSED else "withdraw", actor=actor, now=now, reason=head["why"] or "—")
        chain.cancel_all(filing)


def _further(wanted: tuple[int, str], filing: Filing) -> bool:
    if filing.state not in _SIGNED or filing.holder_level is None:
        return False
    return (-wanted[0], _SIGNED[wanted[1]]) > (-filing.holder_level, _SIGNED[filing.state])
