"""A grading as its pages and its printed sheet show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext

from anlan.desk.documents import Document, Heading, Pairs, Paragraph, Signatures, Table
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotPermitted, Refusal
from anlan.ledger import flows
from anlan.ledger.changes import permit
from anlan.prevent.standing import proposing, queries, rules
from anlan.prevent.standing.models import Grading


@dataclass(frozen=True)
class Line:
    """One item with what the enterprise said, what the platform proposed, and what the bureau found."""

    item: rules.Item
    text: str
    unit: str
    points: str
    count: str
    proof: str
    remark: str
    proposal: str
    proposal_url: str
    sure: bool
    found: str
    reason: str
    differs: bool
    holds: bool
    error: str


@dataclass(frozen=True)
class Part:
    """A group of items: ``cap`` what it can lose at most (empty: no ceiling), ``lost`` and ``gained`` by the enterprise's answers."""

    name: str
    cap: str
    lost: str
    gained: str
    lines: tuple[Line, ...]
    veto: bool


def colour_label(code: str) -> str:
    """A colour in words; a dash for none."""
    return gettext(rules.COLOURS[code]) if code else "—"


def parts(row: Grading, typed: dict[str, dict[str, str]] | None = None, errors: dict[str, str] | None = None) -> list[Part]:
    """Items by group, with what was typed in place of what is kept where a form was refused."""
    result = queries.grade(queries.counts_of(row.answers), row.rules_on)
    groups = {each.name_zh: each for each in result.groups}
    found: dict[str, list[rules.Item]] = {}
    for item in queries.items(row.rules_on):
        found.setdefault(item.group_zh, []).append(item)
    told = []
    for name, members in found.items():
        group = groups.get(name)
        told.append(
            Part(
                name=queries.worded(members[0], "group"),
                cap=f"{group.cap:g}" if group and group.cap is not None else "",
                lost=f"{group.lost:g}" if group else "",
                gained=f"{group.gained:g}" if group else "",
                lines=tuple(_line(row, item, typed or {}, errors or {}) for item in members),
                veto=members[0].kind == rules.VETO,
            )
        )
    return told


def _line(row: Grading, item: rules.Item, typed: dict[str, dict[str, str]], errors: dict[str, str]) -> Line:
    kept, given = row.answers.get(item.code, {}), typed.get(item.code, {})
    proposal, review = row.proposals.get(item.code), row.review.get(item.code)
    sign = {rules.DEDUCT: "−", rules.BONUS: "+"}.get(item.kind, "")
    return Line(
        item=item,
        text=queries.worded(item, "text"),
        unit=queries.worded(item, "unit") if item.counted else "",
        points=f"{sign}{item.points:g}" if item.points is not None else "",
        count=given.get("count", str(kept.get("count", 0))),
        proof=given.get("proof", str(kept.get("proof", ""))),
        remark=given.get("remark", str(kept.get("remark", ""))),
        proposal=gettext(proposing.SENTENCES[proposal["sentence"]]).format(names=proposal["names"]) if proposal else "",
        proposal_url=proposal["url"] if proposal else "",
        sure=bool(proposal and proposal["sure"]),
        found=given.get("found", str((review or kept).get("count", 0))),
        reason=given.get("reason", str((review or {}).get("reason", ""))),
        differs=review is not None and review.get("count", 0) != kept.get("count", 0),
        holds=bool(kept.get("count")) or bool((review or {}).get("count")),
        error=errors.get(item.code, ""),
    )


def page(row: Grading, actor: Actor) -> dict[str, Any]:
    """Everything the page of a grading shows."""
    result = queries.grade(queries.counts_of(row.answers), row.rules_on)
    texts = {item.code: queries.worded(item, "text") for item in queries.items(row.rules_on)}
    reviewed = queries.grade(queries.counts_of(row.review), row.rules_on) if row.review else None
    moves = {move.code for move in flows.available_moves(row, actor)}
    first = queries.items(row.rules_on)[0]
    return {
        "row": row,
        "place": places.full_name(row.place_code),
        "state_tone": rules.STATE_TONES[row.state],
        "self_label": colour_label(row.self_colour),
        "review_label": colour_label(row.review_colour),
        "colour_label": colour_label(row.colour),
        "vetoes": [texts[code] for code in result.vetoes],
        "review_vetoes": [texts[code] for code in reviewed.vetoes] if reviewed else [],
        "parts": parts(row),
        "may_fill": row.state in rules.EDITABLE and _may(row, actor, "standing.fill"),
        "may_submit": "submit" in moves,
        "may_review": bool({"accept", "send_back"} & moves) and actor.enterprise_id is None,
        "steps": [
            (step, gettext(rules.FLOW.move(step.move).label) if step.move != "open" else gettext("登记")) for step in flows.steps(row)
        ],
        "source": first.source,
        "source_status": gettext(rules.STATUSES[first.status]),
    }


def _may(row: Grading, actor: Actor, action: str) -> bool:
    try:
        permit(actor, action, record=row)
    except NotPermitted:
        return False
    return True


def errors_of(refusal: Refusal, fields: dict[str, str]) -> dict[str, str]:
    """Sentences beside the items they name; the others under ``""``."""
    return fields or {"": refusal.message(gettext)}


def document(row: Grading, actor: Actor) -> Document:
    """The printable sheet: result, vetoes, and every item that holds or that the two sides saw differently."""
    told = page(row, actor)
    head = (gettext("项目"), gettext("分值"), gettext("企业自评"), gettext("证明材料"), gettext("监管部门认定"), gettext("理由"))
    blocks: list[Any] = [
        Pairs(
            (
                (gettext("企业"), row.enterprise.name),
                (gettext("归属地"), told["place"]),
                (gettext("年度"), str(row.year)),
                (gettext("状态"), row.get_state_label()),
                (gettext("企业自评"), f"{row.self_score:g} · {told['self_label']}" if row.self_score is not None else "—"),
                (gettext("监管部门认定"), f"{row.review_score:g} · {told['review_label']}" if row.review_score is not None else "—"),
                (gettext("提交"), _signed(row.submitted_by_name, row.submitted_at)),
                (gettext("审核"), _signed(row.reviewed_by_name, row.reviewed_at)),
            )
        )
    ]
    if told["vetoes"] or told["review_vetoes"]:
        blocks.append(Paragraph(gettext("直接判定为红色：") + "；".join(dict.fromkeys([*told["vetoes"], *told["review_vetoes"]]))))
    for part in told["parts"]:
        blocks.append(Heading(f"{part.name}（−{part.lost} / {part.cap or '—'}，+{part.gained}）" if not part.veto else part.name))
        lines = tuple(
            (line.text, f"{line.points}{' / ' + line.unit if line.unit else ''}", line.count, line.proof or line.remark, line.found if row.review else "—", line.reason)
            for line in part.lines
        )  # fmt: skip
        blocks.append(Table(head, lines, (5, 1, 1, 2, 1, 2)))
    blocks.append(Paragraph(f"{told['source']}（{told['source_status']}）"))
    blocks.append(Signatures(((gettext("企业主要负责人"), ""), (gettext("监管部门审核人"), row.reviewed_by_name))))
    return Document(
        title=gettext("企业安全风险评估诊断分级表"),
        blocks=tuple(blocks),
        organ=row.enterprise.name,
        number=gettext("%(year)s 年度") % {"year": row.year},
        page=gettext("第 {page} 页，共 {pages} 页"),
        letterhead=False,
        marks=(gettext("演练"),) if row.exercise else (),
        language="en" if get_language() == "en" else "zh",
    )


def _signed(name: str, at: Any) -> str:
    return f"{name} {timezone.localtime(at):%Y-%m-%d %H:%M}" if at else "—"
