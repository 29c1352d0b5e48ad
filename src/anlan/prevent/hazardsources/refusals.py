"""What is refused about major hazard sources, each with what to do instead."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class NoTablesOfDay(Refusal):
    code: ClassVar[str] = "hazard_no_tables_of_day"
    sentence: ClassVar[str] = N_("{day} 没有可用的 GB 18218 表格（GB 18218-2018 自 2019-03-01 起施行），请核对评估日期。")
    status: ClassVar[int] = 422


class LineRefused(Refusal):
    """One line of an inventory cannot be reckoned with; ``line`` is its number as on the form."""

    status: ClassVar[int] = 422


class SubstanceMissing(LineRefused):
    code: ClassVar[str] = "hazard_substance_missing"
    sentence: ClassVar[str] = N_("第 {line} 行没有写物质名称，请填写。")


class QuantityMissing(LineRefused):
    code: ClassVar[str] = "hazard_quantity_missing"
    sentence: ClassVar[str] = N_("第 {line} 行“{substance}”没有写数量，请填写设计最大量。")


class QuantityWrong(LineRefused):
    code: ClassVar[str] = "hazard_quantity_wrong"
    sentence: ClassVar[str] = N_("第 {line} 行“{substance}”的数量“{value}”不是数字，请填写设计最大量。")


class QuantityNotPositive(LineRefused):
    code: ClassVar[str] = "hazard_quantity_not_positive"
    sentence: ClassVar[str] = N_("第 {line} 行“{substance}”的数量为 {value}，设计最大量必须大于零；不再存放的物质请删除该行。")


class QuantityTooLarge(LineRefused):
    code: ClassVar[str] = "hazard_quantity_too_large"
    sentence: ClassVar[str] = N_("第 {line} 行“{substance}”的数量 {value} 超过 {most} 吨，请核对数量和单位。")


class UnitMissing(LineRefused):
    code: ClassVar[str] = "hazard_unit_missing"
    sentence: ClassVar[str] = N_("第 {line} 行“{substance}”没有写单位，请选择吨或千克。")


class UnitUnknown(LineRefused):
    code: ClassVar[str] = "hazard_unit_unknown"
    sentence: ClassVar[str] = N_("第 {line} 行“{substance}”的单位“{value}”不能换算为质量，请改用吨（t）或千克（kg）。")


class MixtureUnknown(LineRefused):
    code: ClassVar[str] = "hazard_mixture_unknown"
    sentence: ClassVar[str] = N_("第 {line} 行“{substance}”的混合物类型“{value}”不可选，请从列表中选择。")


class SymbolUnknown(LineRefused):
    code: ClassVar[str] = "hazard_symbol_unknown"
    sentence: ClassVar[str] = N_("第 {line} 行“{substance}”的类别符号“{value}”不在表2中，可选：{known}。")


class RowUnknown(LineRefused):
    code: ClassVar[str] = "hazard_row_unknown"
    sentence: ClassVar[str] = N_("第 {line} 行“{substance}”：表1没有序号“{value}”，请填写 1 至 {most}，不属于表1的填 0。")


class RowContradictsCas(LineRefused):
    code: ClassVar[str] = "hazard_row_contradicts_cas"
    sentence: ClassVar[str] = N_("第 {line} 行“{substance}”：CAS 号 {cas} 不是表1第 {seq} 行“{row}”的 CAS 号（{known}），请核对其中一项。")


class NameContradictsCas(LineRefused):
    code: ClassVar[str] = "hazard_name_contradicts_cas"
    sentence: ClassVar[str] = N_(
        "第 {line} 行“{substance}”：名称对应表1{by_name}，CAS 号 {cas} 对应{by_cas}，请核对其中一项或直接填写表1序号。"
    )


class SeveralRows(LineRefused):
    """Trap: one CAS number or name stands in several rows of Table 1 with different critical quantities."""

    code: ClassVar[str] = "hazard_several_rows"
    sentence: ClassVar[str] = N_("第 {line} 行“{substance}”在表1中对应多行，临界量不同，请选择序号：{candidates}。")


class ConditionUnclear(LineRefused):
    """The row of Table 1 holds only under a condition (content, water) that neither name nor CAS number tells."""

    code: ClassVar[str] = "hazard_condition_unclear"
    sentence: ClassVar[str] = N_(
        "第 {line} 行“{substance}”：表1第 {seq} 行“{row}”附有条件，符合请填序号 {seq}，不符合请填 0 并填写表2类别符号。"
    )


class SymbolsNeededForRow(LineRefused):
    """Trap: a substance named in Table 1 and not in Table 3 takes β from Table 4, which is keyed by category."""

    code: ClassVar[str] = "hazard_symbols_needed_for_row"
    sentence: ClassVar[str] = N_(
        "第 {line} 行“{substance}”（表1第 {seq} 行）不在表3中，校正系数 β 须按类别查表4，请填写其类别符号（如 W5.3），可在安全技术说明书第2部分查到。"
    )


class SymbolsNeeded(LineRefused):
    code: ClassVar[str] = "hazard_symbols_needed"
    sentence: ClassVar[str] = N_(
        "第 {line} 行“{substance}”不在表1中，请按安全技术说明书填写表2类别符号；不属于表2任何类别的物质不列入清单。"
    )


class SubstanceUnknown(LineRefused):
    code: ClassVar[str] = "hazard_substance_unknown"
    sentence: ClassVar[str] = N_("第 {line} 行“{substance}”不是已知的化学品，也没有填写类别符号。请核对名称或 CAS 号，或填写表2类别符号。")


class MixtureNeedsSymbols(LineRefused):
    code: ClassVar[str] = "hazard_mixture_needs_symbols"
    sentence: ClassVar[str] = N_("第 {line} 行“{substance}”按新危险类别计算的混合物，必须填写该混合物自身的类别符号。")


class PeopleWrong(Refusal):
    code: ClassVar[str] = "hazard_people_wrong"
    sentence: ClassVar[str] = N_("常住人口“{value}”无效，应为 0 或正整数。")
    status: ClassVar[int] = 422


class PeopleNotKnown(Refusal):
    code: ClassVar[str] = "hazard_people_not_known"
    sentence: ClassVar[str] = N_("{places} 没有人口数据，无法估算500米范围内的常住人口，请实地调查后填写人数。")
    status: ClassVar[int] = 422


class PlaceNotKnown(Refusal):
    code: ClassVar[str] = "hazard_place_not_known"
    sentence: ClassVar[str] = N_("单元“{unit}”没有厂区边界也没有坐标，无法估算周边人口。请补充坐标，或直接填写人数。")
    status: ClassVar[int] = 422


class InventoryEmpty(Refusal):
    code: ClassVar[str] = "hazard_inventory_empty"
    sentence: ClassVar[str] = N_("单元“{unit}”的物质清单是空的，请先填写清单再评估。")
    status: ClassVar[int] = 422


class InventoryIncomplete(Refusal):
    """At least one line could not be reckoned with; a sum without it would be too low."""

    code: ClassVar[str] = "hazard_inventory_incomplete"
    sentence: ClassVar[str] = N_("清单第 {lines} 行还不能计算，缺了它们结果会偏低。请按各行提示改正后再评估，其余各行已保留。")
    status: ClassVar[int] = 422


class TooManyLines(Refusal):
    code: ClassVar[str] = "hazard_too_many_lines"
    sentence: ClassVar[str] = N_("清单有 {count} 行，最多 {most} 行，请把单元划分得更小。")
    status: ClassVar[int] = 422


class FieldMissing(Refusal):
    code: ClassVar[str] = "hazard_field_missing"
    sentence: ClassVar[str] = N_("请填写“{field}”。")
    status: ClassVar[int] = 422


class FieldTooLong(Refusal):
    code: ClassVar[str] = "hazard_field_too_long"
    sentence: ClassVar[str] = N_("“{field}”最多 {limit} 个字。")
    status: ClassVar[int] = 422


class FieldWrong(Refusal):
    code: ClassVar[str] = "hazard_field_wrong"
    sentence: ClassVar[str] = N_("“{field}”的值“{value}”无效，请核对后重新填写。")
    status: ClassVar[int] = 422


class CodeTaken(Refusal):
    code: ClassVar[str] = "hazard_unit_code_taken"
    sentence: ClassVar[str] = N_("该企业已有编号为“{value}”的单元“{name}”，请换一个编号。")


class SourceOfAnother(Refusal):
    code: ClassVar[str] = "hazard_source_of_another"
    sentence: ClassVar[str] = N_("危险源“{name}”不属于该企业，不能列入本单元。")
    status: ClassVar[int] = 422


class SourceInAnotherUnit(Refusal):
    code: ClassVar[str] = "hazard_source_in_another_unit"
    sentence: ClassVar[str] = N_("危险源“{name}”已列入单元“{unit}”。一个危险源只属于一个单元，请先从那里移出。")


class NotAssessed(Refusal):
    code: ClassVar[str] = "hazard_not_assessed"
    sentence: ClassVar[str] = N_("单元“{unit}”还没有评估，请先评估再备案。")


class ReassessFirst(Refusal):
    code: ClassVar[str] = "hazard_reassess_first"
    sentence: ClassVar[str] = N_("单元“{unit}”须先重新评估（{reasons}），再提交备案。")


class AnswersMissing(Refusal):
    code: ClassVar[str] = "hazard_answers_missing"
    sentence: ClassVar[str] = N_("危险源“{name}”还没有写全主要负责人、技术负责人、操作负责人，请在危险源档案中补齐后再提交备案。")
    status: ClassVar[int] = 422


class ExplainTrigger(Refusal):
    code: ClassVar[str] = "hazard_explain_trigger"
    sentence: ClassVar[str] = N_("请写明需要重新评估的具体情况。")
    status: ClassVar[int] = 422


class NoSources(Refusal):
    code: ClassVar[str] = "hazard_no_sources"
    sentence: ClassVar[str] = N_("单元“{unit}”还没有列入危险源，等级无处记入。请先在单元中选择危险源档案里的装置、储罐或库房。")
    status: ClassVar[int] = 422
