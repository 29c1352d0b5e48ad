"""Pages of merging: two files side by side, the proposal before the one who confirms, the trail of what was done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.ground.enterprises import belongings, matching, mergerules, merging, queries, rules, wording
from anlan.ground.enterprises.models import DuplicateCandidate, Enterprise, Merging
from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger import flows
from anlan.ledger.scope import visible

_TAKE = "take_"


@dataclass(frozen=True)
class Line:
    """One part of two files side by side. ``side``: whose value is proposed or was chosen; ``why``: the reason for it."""

    part: str
    label: str
    own: str
    other: str
    side: str
    why: str
    differs: bool


@requires(mergerules.ACTION)
@require_http_methods(["GET", "POST"])
def compare_page(request: ActorRequest) -> HttpResponse:
    """Two files side by side, which value of each part survives, what moves, what stands in the way; posting proposes the merging."""
    actor = cast(Actor, request.actor)
    asked = request.POST if request.method == "POST" else request.GET
    keep, drop = (_asked(asked.get(name, ""), actor) for name in ("keep", "drop"))
    refused: list[str] = []
    if keep is None or drop is None:
        wrong = [name for name, row in (("keep", keep), ("drop", drop)) if asked.get(name, "").strip() and row is None]
        context = {"asked": {name: asked.get(name, "") for name in ("keep", "drop")}, "wrong": wrong, "keep": keep, "drop": drop}
        return render(request, "enterprises/compare_which.html", context, status=404 if wrong else 200)
    if request.method == "POST":
        taken = [part for part in mergerules.PARTS if asked.get(f"{_TAKE}{part}") == "loser"]
        try:
            seen = (_number(asked.get("keep_version", "")), _number(asked.get("drop_version", "")))
            row = merging.propose(keep.pk, drop.pk, taken=taken, reason=asked.get("reason", ""), actor=actor, now=clock.now(), seen=seen)
            return HttpResponseRedirect(reverse("enterprises:merge", args=[row.pk]))
        except Refusal as refusal:
            refused = [sentence(refusal)]
    return render(
        request, "enterprises/compare.html", _comparing(request, keep, drop, actor) | {"refused": refused}, status=422 if refused else 200
    )


@requires(mergerules.ACTION)
@require_GET
def duplicate(request: ActorRequest, candidate_id: UUID) -> HttpResponse:
    """The pair side by side; the file to which more belongs is proposed to be kept."""
    row = _candidate(candidate_id, cast(Actor, request.actor))
    if row.state == mergerules.DONE:
        done = Merging.objects.filter(
            state=mergerules.MERGED, survivor__in=[row.first_id, row.second_id], loser__in=[row.first_id, row.second_id]
        )
        if (found := done.first()) is not None:
            return HttpResponseRedirect(reverse("enterprises:merge", args=[found.pk]))
    weights = {key: sum(count for _label, count in belongings.counts(key)) for key in (row.first_id, row.second_id)}
    keep, drop = sorted((row.first_id, row.second_id), key=lambda key: -weights[key])
    return HttpResponseRedirect(f"{reverse('enterprises:compare')}?{urlencode({'keep': keep, 'drop': drop})}")


@requires(mergerules.ACTION)
@require_POST
def dismiss(request: ActorRequest, candidate_id: UUID) -> HttpResponse:
    """Say that the pair is not one enterprise."""
    actor = cast(Actor, request.actor)
    row = _candidate(candidate_id, actor)
    try:
        matching.dismiss(row.pk, request.POST.get("reason", ""), actor=actor, now=clock.now())
    except (mergerules.DismissalReasonNeeded, mergerules.CandidateSettled) as refusal:
        keep, drop = row.first, row.second
        context = _comparing(request, keep, drop, actor) | {"refused": [sentence(refusal)]}
        return render(request, "enterprises/compare.html", context, status=refusal.status)
    return HttpResponseRedirect(reverse("desk:duplicates-list"))


@requires(mergerules.ACTION)
@require_GET
def merge_page(request: ActorRequest, merging_id: UUID) -> HttpResponse:
    """A proposal with everything that the one who confirms must see, or what was done."""
    actor = cast(Actor, request.actor)
    return _page(request, _merging(merging_id, actor), actor)


@requires(mergerules.ACTION)
@require_POST
def merge_act(request: ActorRequest, merging_id: UUID, act: str) -> HttpResponse:
    """Confirm, return or withdraw."""
    actor = cast(Actor, request.actor)
    row = _merging(merging_id, actor)
    if act not in {move.code for move in row.flow.moves}:
        raise NotFound(what=act)
    try:
        merging.decide(row.pk, act, actor=actor, now=clock.now(), reason=request.POST.get("reason", ""))
    except Refusal as refusal:
        return _page(request, row, actor, refused=[sentence(refusal)], status=refusal.status)
    return HttpResponseRedirect(reverse("enterprises:merge", args=[row.pk]))


@requires(mergerules.ACTION)
@require_GET
def trail(request: ActorRequest, merging_id: UUID) -> HttpResponse:
    """Everything that a merging did, with the ids of the rows that it handed over, to file or to take a mistaken one apart."""
    row = _merging(merging_id, cast(Actor, request.actor))
    told = {
        "id": row.pk,
        "state": row.state,
        "survivor": {"id": row.survivor_id, "name": row.survivor.name, "uscc": row.survivor.uscc},
        "loser": {"id": row.loser_id, "name": row.loser.name, "uscc": row.loser.uscc},
        "reason": row.reason,
        "proposed": {"by": row.proposed_by_name, "at": row.opened_at},
        "confirmed": {"by": row.confirmed_by_name, "at": row.confirmed_at},
        "values": row.values,
        "tables": [
            {"model": one.model, "column": one.column, "moved": one.moved, "altered": one.altered, "kept": one.kept,
             "ids": belongings.unpacked(bytes(one.ids))}
            for one in row.rows.all()
        ],
    }  # fmt: skip
    answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="merge-{row.pk}.json"'
    return answer


def _asked(text: str, actor: Actor) -> Enterprise | None:
    """The enterprise of an id or a credit code, as far as it may be seen."""
    try:
        return queries.enterprises(actor).filter(pk=UUID(text.strip())).first()
    except ValueError:
        return queries.enterprises(actor).filter(uscc=text.strip().upper()).first() if text.strip() else None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _candidate(candidate_id: UUID, actor: Actor) -> DuplicateCandidate:
    found = visible(DuplicateCandidate.objects.select_related("first", "second"), actor, mergerules.ACTION).filter(pk=candidate_id).first()
    if found is None:
        raise NotFound(what=_("疑似重复企业"))
    return found


def _merging(merging_id: UUID, actor: Actor) -> Merging:
    found = visible(Merging.objects.select_related("survivor", "loser"), actor, mergerules.ACTION).filter(pk=merging_id).first()
    if found is None:
        raise NotFound(what=_("企业合并"))
    return found


def _comparing(request: ActorRequest, keep: Enterprise, drop: Enterprise, actor: Actor) -> dict[str, Any]:
    pair = sorted((keep.pk, drop.pk))
    candidate = DuplicateCandidate.objects.filter(first=pair[0], second=pair[1]).first()
    try:
        merging.check_pair(keep, drop, actor)
        stopped = ""
    except Refusal as refusal:
        stopped = sentence(refusal)
    chosen = {part: request.POST.get(f"{_TAKE}{part}", "") for part in mergerules.PARTS}
    return {
        "keep": keep,
        "drop": drop,
        "lines": _lines(keep, drop, chosen),
        "candidate": candidate,
        "reasons": matching.sentences(candidate) if candidate else [],
        "counts": _counts(keep, drop),
        "blocks": [sentence(each) for each in merging.blocks(keep, drop, clock.now())],
        "stopped": stopped,
        "swap_url": f"{reverse('enterprises:compare')}?{urlencode({'keep': drop.pk, 'drop': keep.pk})}",
        "reason": request.POST.get("reason", ""),
        "may_dismiss": candidate is not None and candidate.state == mergerules.OPEN,
    }


def _counts(keep: Enterprise, drop: Enterprise) -> list[tuple[str, int, int]]:
    """What belongs to each, by kind: (label, of the kept one, of the one that goes)."""
    own, other = ({str(label): count for label, count in belongings.counts(row.pk)} for row in (keep, drop))
    return [(label, own.get(label, 0), other.get(label, 0)) for label in {**other, **own}]


def _lines(keep: Enterprise, drop: Enterprise, chosen: dict[str, str] | None = None) -> list[Line]:
    found = []
    for proposal in mergerules.proposals(merging.side(keep), merging.side(drop)):
        side = (chosen or {}).get(proposal.part) or proposal.side
        found.append(
            Line(
                proposal.part,
                _label(proposal.part),
                _shown(keep, proposal.part),
                _shown(drop, proposal.part),
                side,
                _(mergerules.WHY[proposal.why]) if proposal.differs and proposal.why != mergerules.KEPT and side == proposal.side else "",
                proposal.differs,
            )
        )
    return sorted(found, key=lambda line: not line.differs)


def _label(part: str) -> str:
    if part == "point":
        return _("坐标")
    if part == "place_code":
        return _("归属地")
    return _column(part)


def _shown(row: Enterprise, part: str) -> str:
    match part:
        case "point":
            return "" if row.longitude is None or row.latitude is None else f"{row.longitude:.5f}, {row.latitude:.5f}"
        case "place_code":
            return places.full_name(row.place_code)
        case "industry_code":
            return wording.industry_label(row.industry_code) if row.industry_code else ""
        case "sector_code":
            return wording.sector_label(row.sector_code) if row.sector_code else ""
        case "supervisor":
            found = organisations.organisation(row.supervisor_id) if row.supervisor_id else None
            return found.name if found else ""
        case "scale":
            return str(row.get_scale_display())  # type: ignore[attr-defined]
        case "state":
            return _("已合并") if row.state == rules.MERGED else str(row.get_state_display())  # type: ignore[attr-defined]
    value = getattr(row, part)
    return "" if value is None else str(value)


def _page(request: ActorRequest, row: Merging, actor: Actor, *, refused: list[str] | None = None, status: int = 200) -> HttpResponse:
    proposed = row.state == mergerules.PROPOSED
    chosen = {part: "loser" if part in row.taken else "survivor" for part in mergerules.PARTS}
    context = {
        "row": row,
        "tone": mergerules.TONES.get(row.state, "grey"),
        "place": places.full_name(row.place_code),
        "lines": _lines(row.survivor, row.loser, chosen) if proposed else [],
        "values": [(_column(name), *map(_plain, kept)) for name, kept in row.values.items() if name != "industry_division"],
        "counts": _counts(row.survivor, row.loser) if proposed else [],
        "blocks": [sentence(each) for each in merging.blocks(row.survivor, row.loser, clock.now())] if proposed else [],
        "outdated": proposed and row.seen != [row.survivor.version, row.loser.version],
        # The files attached to the enterprise itself are among its files already.
        "tables": [(belongings.label_of(one.model), one) for one in row.rows.exclude(column="subject_id")],
        "moves": {move.code for move in flows.available_moves(row, actor)},
        "mine": row.proposed_by_id == actor.account_id,
        "steps": [(step, _("提出合并") if step.move == "open" else _(row.flow.move(step.move).label)) for step in flows.steps(row)],
        "refused": refused or [],
    }
    return render(request, "enterprises/merge.html", context, status=status)


def _column(name: str) -> str:
    return str(cast(Any, Enterprise._meta.get_field(name.removesuffix("_id"))).verbose_name)


def _plain(value: Any) -> str:
    return "—" if value in (None, "") else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
