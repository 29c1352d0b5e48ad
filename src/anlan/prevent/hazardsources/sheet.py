"""The calculation sheet (重大危险源辨识与分级计算书) of one assessment, as it is filed: PDF and Word file from the same words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.desk.documents import Block, Document, Heading, Pairs, Paragraph, Signatures, Table
from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.ground.risksources import door as risksources
from anlan.ledger.sources import law_day
from anlan.prevent.hazardsources import presenting, queries, rules, tables
from anlan.prevent.hazardsources.models import Assessment


def document(row: Assessment, now: datetime) -> Document:
    """The sheet of one assessment: unit, inventory, identification, grading, people, who answers, sources of every table."""
    unit = row.unit
    enterprise = enterprises.enterprise(unit.enterprise_id)
    return Document(
        title=_("危险化学品重大危险源辨识与分级计算书"),
        organ=enterprise.name,
        number=_("{unit} 第 {n} 次评估").format(unit=unit.code, n=row.number),
        date=f"{timezone.localtime(row.at):%Y-%m-%d}",
        foot=_("由安澜平台生成于 {at}").format(at=f"{timezone.localtime(now):%Y-%m-%d %H:%M}"),
        page=_("第 {page} 页，共 {pages} 页"),
        language="en" if get_language() == "en" else "zh",
        letterhead=False,
        blocks=(*_unit(row, enterprise), *_identification(row), *_grading(row), *_people(row), *_answers(row), *_sources(row)),
    )


def _unit(row: Assessment, enterprise: enterprises.EnterpriseSummary) -> tuple[Block, ...]:
    unit = row.unit
    point = f"{unit.longitude:.5f}, {unit.latitude:.5f}" if unit.longitude is not None and unit.latitude is not None else "—"
    return (
        Heading(_("一、单元概况")),
        Pairs(
            (
                (_("企业"), f"{enterprise.name} {enterprise.uscc}"),
                (_("单元"), f"{unit.code} {unit.name}"),
                (_("单元类型"), _(rules.KINDS[unit.kind])),
                (_("划分依据"), unit.extent or "—"),
                (_("所在地"), places.full_name(unit.place_code)),
                (_("坐标"), point),
                (_("评估人或机构"), row.assessor),
                (_("评估日期"), f"{timezone.localtime(row.at):%Y-%m-%d}"),
                (_("下次评估期限"), row.next_due_on.isoformat()),
            )
        ),
    )


def _identification(row: Assessment) -> tuple[Block, ...]:
    steps = presenting.steps_told(row.sheet["steps"])
    header = (_("序号"), _("物质"), _("表1序号或表2类别"), _("临界量 Q（t）"), _("设计最大量 q（t）"), "q/Q")
    lines = tuple((f"{s['number']}", _substance(s), s["basis"], s["critical_t"], s["quantity_t"], s["ratio"]) for s in steps)
    verdict = _("S ≥ 1，构成重大危险源。") if row.is_major else _("S < 1，不构成重大危险源。")
    total = (_("合计"), "", "", "", "", f"S = {row.sheet['s']}")
    formula = _("辨识公式：S = q1/Q1 + q2/Q2 + … + qn/Qn（{edition} 4.2）").format(edition=row.sheet["edition"])
    return (
        Heading(_("二、辨识")),
        Paragraph(formula),
        Table(header, (*lines, total), (0.5, 2.2, 1.3, 1.0, 1.2, 1.1)),
        Paragraph(verdict),
    )


def _substance(step: dict[str, Any]) -> str:
    more = [step["row"]] if step["row"] != step["substance"] else []
    more += [step["mixture_told"]] if step["mixture_told"] else []
    return f"{step['substance']}（{'；'.join(more)}）" if more else str(step["substance"])


def _grading(row: Assessment) -> tuple[Block, ...]:
    steps = presenting.steps_told(row.sheet["steps"])
    header = (_("序号"), _("物质"), "q/Q", "β", _("β 依据"), "β·q/Q")
    lines = tuple((f"{s['number']}", s["substance"], s["ratio"], s["beta"], s["beta_basis"], s["product"]) for s in steps)
    total = (_("合计"), "", "", "", "", row.sheet["sum_beta"])
    told = _("R = α × Σ(β·q/Q) = {alpha} × {sum} = {r}，等级：{level}").format(
        alpha=row.sheet["alpha"], sum=row.sheet["sum_beta"], r=row.sheet["r"], level=presenting.level_told(row.is_major, row.level)
    )
    return (
        Heading(_("三、分级")),
        Table(header, (*lines, total), (0.5, 1.8, 1.0, 0.7, 1.6, 1.1)),
        Paragraph(told),
        Paragraph(_("有多个危险类别的物质，临界量取最低者，β 取最高者。比值只舍不入，保留四位小数；合计按精确值计算。")),
    )


def _people(row: Assessment) -> tuple[Block, ...]:
    return (
        Heading(_("四、厂区边界外500米常住人口")),
        Pairs(
            (
                (_("常住人口"), _("{n} 人").format(n=row.people)),
                ("α", f"{row.sheet['alpha']}"),
                (_("人口来源"), presenting.people_told(row)),
                *(((_("说明"), row.note),) if row.note else ()),
            )
        ),
    )


def _answers(row: Assessment) -> tuple[Block, ...]:
    rows = tuple(
        (f"{each.code} {each.name}", each.principal or "—", each.technical or "—", each.operation or "—")
        for each in risksources.answers_of(source.id for source in queries.sources_of(row.unit_id))
    )
    header = (_("危险源"), _("主要负责人"), _("技术负责人"), _("操作负责人"))
    return (Heading(_("五、安全包保责任人")), Table(header, rows, (2.0, 1.0, 1.0, 1.0))) if rows else ()


def _sources(row: Assessment) -> tuple[Block, ...]:
    held = tables.on(law_day(row.at))
    cut = sorted({step["basis"] for step in row.sheet["steps"] if step["status"] != "verified"})
    lines = [
        _("{edition}，表1至表6，自 {day} 起施行").format(edition=held.edition, day=row.sheet["tables_since"]),
        _("清单第 {n} 版，{who} {at}").format(
            n=row.inventory.number, who=row.inventory.by_name, at=f"{timezone.localtime(row.inventory.at):%Y-%m-%d %H:%M}"
        ),
    ]
    if cut:
        lines.append(_("{rows} 的数值未与标准原件核对").format(rows="、".join(cut)))
    signed = Signatures(((_("编制人"), row.by_name), (_("审核人"), ""), (_("主要负责人"), "")))
    return Heading(_("六、依据")), Paragraph("\n".join(f"· {line}" for line in lines)), Heading(_("签字")), signed
