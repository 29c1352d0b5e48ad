"""The permit on paper, after forms A.1 to A.8 of GB 30871-2022: fields, measures with who confirmed, samples, signatures."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language, gettext

from anlan.desk.documents import Block, Document, Heading, Pairs, Paragraph, Table, pdf
from anlan.kernel.words import N_
from anlan.prevent.permits import grading, presenting, queries, rules, working
from anlan.prevent.permits.models import Permit

TITLES: dict[str, str] = {
    rules.HOT_WORK: N_("动火安全作业票"),
    rules.CONFINED_SPACE: N_("受限空间安全作业票"),
    rules.BLIND_PLATE: N_("盲板抽堵安全作业票"),
    rules.WORK_AT_HEIGHT: N_("高处安全作业票"),
    rules.LIFTING: N_("吊装安全作业票"),
    rules.TEMP_POWER: N_("临时用电安全作业票"),
    rules.EXCAVATION: N_("动土安全作业票"),
    rules.ROAD_BREAK: N_("断路安全作业票"),
}


def _at(moment: datetime | None) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment is not None else "　"


def print_permit(permit: Permit, now: datetime) -> bytes:
    """The permit as a PDF. What was not done yet is an empty place, never a guess."""
    return pdf(document(permit, now))


def document(permit: Permit, now: datetime) -> Document:
    """The blocks of the printed permit."""
    grade = queries.grade(permit.grade_code)
    blocks: list[Block] = [Pairs(_facts(permit), boxed=True), Paragraph(f"{gettext('风险辨识结果')}：{permit.work.hazards}")]
    head = (gettext("序号"), gettext("安全措施"), gettext("是否涉及"), gettext("措施确认人"))
    body = tuple(
        (str(line.number), line.text, line.label, line.answer.by_name if line.answer is not None else "　")
        for line in presenting.lines(permit)
    )
    blocks += [Heading(gettext("安全措施")), Table(head, body, (0.7, 7, 1.3, 1.5))]
    if permit.other_measures:
        blocks.append(Paragraph(f"{gettext('其他安全措施')}：{permit.other_measures}"))
    if samples := list(permit.gas_tests.all()):
        gas_head = (gettext("取样时间"), gettext("取样部位"), gettext("分析结果"), gettext("结论"), gettext("分析人"))
        rows = tuple(
            (
                _at(row.sampled_at) + (f"（{gettext('补录')}）" if row.late else ""),
                row.point or "—",
                presenting.describe_sample(row),
                gettext("合格") if row.passed else gettext("不合格"),
                row.by_name,
            )
            for row in reversed(samples)
        )
        blocks += [Heading(gettext("气体分析")), Table(gas_head, rows, (2, 2, 3, 1, 1.4))]
    blocks += [Heading(gettext("签字")), Pairs(_signatures(permit, queries.worded(grade, "approver")), boxed=True)]
    words = f"{grade.source} {gettext(rules.KINDS[permit.kind])} {grade.valid_clause}".strip()
    return Document(
        title=gettext(TITLES[permit.kind]) + (f"（{gettext('演练')}）" if permit.exercise else ""),
        blocks=tuple(blocks),
        organ=permit.enterprise.name,
        number=gettext("作业票编号：%(number)s") % {"number": permit.number},
        date=gettext("审批时间：%(at)s") % {"at": _at(permit.approved_at)} if permit.approved_at else "",
        foot=gettext("%(words)s。本票不得涂改、不得延期；打印时间 %(now)s，状态：%(state)s。")
        % {"words": words, "now": _at(now), "state": permit.get_state_label()},
        page=gettext("第 {page} 页，共 {pages} 页"),
        language="en" if get_language() == "en" else "zh",
        letterhead=False,
    )


def _facts(permit: Permit) -> tuple[tuple[str, str], ...]:
    work, grade = permit.work, queries.grade(permit.grade_code)
    raised = "、".join(gettext(grading.REASONS[each]) for each in permit.upgrade_reasons)
    related = "、".join(row.number for row in queries.of_work(permit.work_id) if row.pk != permit.pk)
    level = queries.worded(grade)
    return (
        (gettext("作业申请单位"), work.applicant_unit),
        (gettext("作业申请时间"), _at(permit.opened_at)),
        (gettext("作业内容"), permit.title),
        (gettext("作业地点及部位"), permit.location),
        (gettext("作业级别"), f"{level}（{gettext('升级原因')}：{raised}）" if raised else level),
        (gettext("作业方式或原有介质"), permit.method or "　"),
        (gettext("作业单位"), work.work_unit),
        (gettext("作业负责人"), permit.leader_name or "　"),
        (gettext("作业人员及证书编号"), permit.workers or "　"),
        (gettext("关联的其他特殊作业票"), related or gettext("无")),
        (gettext("作业实施时间"), f"{_at(permit.valid_from)} — {_at(permit.valid_until)}"),
        (gettext("监护人"), permit.supervisor_name or "　"),
    )


def _signatures(permit: Permit, approver: str) -> tuple[tuple[str, str], ...]:
    paused = f"（{working.said(permit.pause_kind)}）" if permit.pause_kind else ""
    return (
        (gettext("安全交底人"), permit.briefed_by_name or "　"),
        (gettext("接受交底人"), permit.briefed_to_name or "　"),
        (f"{gettext('审批人')}（{approver}）", f"{permit.approved_by_name} {_at(permit.approved_at)}".strip() or "　"),
        (gettext("审批意见"), permit.opinion or "　"),
        (gettext("开工时间"), _at(permit.started_at) + paused),
        (gettext("完工时间"), f"{permit.finished_by_name} {_at(permit.finished_at)}".strip() or "　"),
        (gettext("完工验收"), f"{permit.accepted_by_name} {_at(permit.accepted_at)}".strip() or "　"),
    )
