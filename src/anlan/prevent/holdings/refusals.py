"""What is refused about the ledger of chemicals, each with what to do instead."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class Unprocessable(Refusal):
    status: ClassVar[int] = 422


class CentreUnknown(Unprocessable):
    code: ClassVar[str] = "holding_centre_unknown"
    sentence: ClassVar[str] = N_("找不到中心“{value}”。请写企业名称、行政区名称，或“经度,纬度”，例如 117.50,36.70。")


class QuantityMissing(Unprocessable):
    code: ClassVar[str] = "holding_quantity_missing"
    sentence: ClassVar[str] = N_("没有写数量，请填写。")


class QuantityWrong(Unprocessable):
    code: ClassVar[str] = "holding_quantity_wrong"
    sentence: ClassVar[str] = N_("数量“{value}”不是数字，请只写数字，单位另选。")


class QuantityNotPositive(Unprocessable):
    code: ClassVar[str] = "holding_quantity_not_positive"
    sentence: ClassVar[str] = N_("数量为 {value}，必须大于零（至少 1 克）。写错的记录请用“冲销”更正，不要登记负数。")


class QuantityTooLarge(Unprocessable):
    code: ClassVar[str] = "holding_quantity_too_large"
    sentence: ClassVar[str] = N_("数量 {value} 超过一千万吨，请核对数量和单位。")


class UnitMissing(Unprocessable):
    code: ClassVar[str] = "holding_unit_missing"
    sentence: ClassVar[str] = N_("没有写单位，请选择吨、千克或立方米。")


class UnitUnknown(Unprocessable):
    code: ClassVar[str] = "holding_unit_unknown"
    sentence: ClassVar[str] = N_("单位“{value}”不可用，请改用吨（t）、千克（kg）或立方米（m3）。")


class DensityNeeded(Unprocessable):
    code: ClassVar[str] = "holding_density_needed"
    sentence: ClassVar[str] = N_("按立方米登记需要密度：资料库没有该品种常温液体的密度，请填写密度和依据，或改按吨登记。")


class DensityWrong(Unprocessable):
    code: ClassVar[str] = "holding_density_wrong"
    sentence: ClassVar[str] = N_("密度“{value}”无效，应为 0.01 至 25000 千克每立方米的数字。")


class DensityWithoutSource(Unprocessable):
    code: ClassVar[str] = "holding_density_without_source"
    sentence: ClassVar[str] = N_("填写了密度，还须写明依据（如安全技术说明书第9部分、检验报告编号）。")


class FieldMissing(Unprocessable):
    code: ClassVar[str] = "holding_field_missing"
    sentence: ClassVar[str] = N_("请填写“{field}”。")


class FieldTooLong(Unprocessable):
    code: ClassVar[str] = "holding_field_too_long"
    sentence: ClassVar[str] = N_("“{field}”最多 {limit} 个字。")


class FieldWrong(Unprocessable):
    code: ClassVar[str] = "holding_field_wrong"
    sentence: ClassVar[str] = N_("“{field}”的值“{value}”无效，请核对后重新填写。")


class DatesReversed(Unprocessable):
    code: ClassVar[str] = "holding_dates_reversed"
    sentence: ClassVar[str] = N_("有效期止 {until} 早于有效期起 {since}，请核对。")


class SeveralEntries(Unprocessable):
    """One name or CAS number may mean several entries of the catalogue: it is chosen, not guessed."""

    code: ClassVar[str] = "holding_several_entries"
    sentence: ClassVar[str] = N_("“{value}”对应目录中的多个条目（{names}），请从列表中选定一个。")


class EntryUnknown(Unprocessable):
    code: ClassVar[str] = "holding_entry_unknown"
    sentence: ClassVar[str] = N_("化学品目录中没有“{value}”。请核对；确不在目录中的，请选“目录外”并填写危险性和应急措施。")


class OutsideNeedsWords(Unprocessable):
    code: ClassVar[str] = "holding_outside_needs_words"
    sentence: ClassVar[str] = N_("目录外的化学品没有现成的处置卡，请按安全技术说明书填写危险性和应急措施，扫码页面要用。")


class CodeTaken(Refusal):
    code: ClassVar[str] = "holding_store_code_taken"
    sentence: ClassVar[str] = N_("该企业已有编号为“{value}”的储存场所“{name}”，请换一个编号。")


class ProductTaken(Refusal):
    code: ClassVar[str] = "holding_product_taken"
    sentence: ClassVar[str] = N_("该企业已登记过“{name}”（规格“{specification}”）。一个品种只有一个码，请直接使用已登记的品种。")


class OfAnother(Unprocessable):
    code: ClassVar[str] = "holding_of_another"
    sentence: ClassVar[str] = N_("“{name}”不属于该企业，请重新选择。")


class OutOfUse(Refusal):
    code: ClassVar[str] = "holding_out_of_use"
    sentence: ClassVar[str] = N_("“{name}”已停用，不能再登记出入库。需要继续使用请先改回在用。")


class StillHolds(Refusal):
    code: ClassVar[str] = "holding_still_holds"
    sentence: ClassVar[str] = N_("“{name}”还存有 {held}，先移出、用完或处置，再停用。")


class KindUnknown(Unprocessable):
    code: ClassVar[str] = "holding_kind_unknown"
    sentence: ClassVar[str] = N_("没有“{value}”这类出入库，可选：{known}。")


class OtherStoreNeeded(Unprocessable):
    code: ClassVar[str] = "holding_other_store_needed"
    sentence: ClassVar[str] = N_("移库须选择与移出处不同的移入场所。")


class AheadOfTime(Unprocessable):
    code: ClassVar[str] = "holding_ahead_of_time"
    sentence: ClassVar[str] = N_("发生时间 {at} 在将来，请登记已经发生的出入库。")


class NotEnough(Refusal):
    """At some moment more would have gone than was there."""

    code: ClassVar[str] = "holding_not_enough"
    sentence: ClassVar[str] = N_(
        "“{store}”的{product}在 {at} 只有 {held}，还差 {missing}。请核对数量和时间；漏记的入库先补登，实物确有差异的做一次盘点。"
    )


class OpeningTwice(Refusal):
    code: ClassVar[str] = "holding_opening_twice"
    sentence: ClassVar[str] = N_("“{store}”的{product}已有出入库记录，不能再登记期初存量；期初写错请冲销后重登，实物有差异请盘点。")


class ReasonNeeded(Unprocessable):
    code: ClassVar[str] = "holding_reason_needed"
    sentence: ClassVar[str] = N_("请写明原因，台账会和记录一起保存。")


class AlreadyReversed(Refusal):
    code: ClassVar[str] = "holding_already_reversed"
    sentence: ClassVar[str] = N_("这条记录已经冲销过。")


class IsReversal(Refusal):
    code: ClassVar[str] = "holding_is_reversal"
    sentence: ClassVar[str] = N_("冲销记录不能再冲销，请按实际情况重新登记一条。")


class CountSettled(Refusal):
    code: ClassVar[str] = "holding_count_settled"
    sentence: ClassVar[str] = N_("这次盘点的差异已经入账，请先冲销由它产生的盘盈或盘亏记录。")


class LoadArrived(Refusal):
    code: ClassVar[str] = "holding_load_arrived"
    sentence: ClassVar[str] = N_("这车货收货方已签收，发货记录不能单独冲销。请先由收货方冲销收货记录。")


class LoadNotOnRoad(Refusal):
    code: ClassVar[str] = "holding_load_not_on_road"
    sentence: ClassVar[str] = N_("这车货已是“{state}”，不能再签收。")


class ReceivedBySender(Refusal):
    code: ClassVar[str] = "holding_received_by_receiver"
    sentence: ClassVar[str] = N_("收货方“{name}”在平台上，到货由收货方自己签收。")


class ChemicalDiffers(Refusal):
    code: ClassVar[str] = "holding_chemical_differs"
    sentence: ClassVar[str] = N_("这车是“{sent}”，不能收入品种“{product}”。请选择同一化学品，没有的先登记品种。")


class NothingToExplain(Refusal):
    code: ClassVar[str] = "holding_nothing_to_explain"
    sentence: ClassVar[str] = N_("这次盘点没有待说明的差异。")


class ExternalIdMissing(Unprocessable):
    code: ClassVar[str] = "holding_external_id_missing"
    sentence: ClassVar[str] = N_("编号须为 1 至 80 个字符。")


class BodyWrong(Unprocessable):
    code: ClassVar[str] = "holding_body_wrong"
    sentence: ClassVar[str] = N_(
        "请求正文应为 JSON 对象，含 enterprise（信用代码）、kind、product（品种名称或代码）、store（场所编号）、at、quantity、unit。"
    )


class TimeWrong(Unprocessable):
    code: ClassVar[str] = "holding_time_wrong"
    sentence: ClassVar[str] = N_("时间“{value}”无效，应写成 2026-11-22 08:30 的形式。")


class NamedNothing(Unprocessable):
    code: ClassVar[str] = "holding_named_nothing"
    sentence: ClassVar[str] = N_("{enterprise}没有名称或编号为“{value}”的{what}，请先登记。")


class NamedSeveral(Unprocessable):
    code: ClassVar[str] = "holding_named_several"
    sentence: ClassVar[str] = N_("“{value}”对应{enterprise}的多个品种（规格不同），请改写一品一码代码：{codes}。")


class RowRefused(Unprocessable):
    """One row of a spreadsheet cannot be written; the others wait until it is put right."""

    code: ClassVar[str] = "holding_row_refused"
    sentence: ClassVar[str] = N_("“{row}”不能登记：{why} 整个文件没有写入，改正后再导入。")


class NowhereToSearch(Unprocessable):
    code: ClassVar[str] = "holding_nowhere_to_search"
    sentence: ClassVar[str] = N_("请填写查找中心的经度和纬度，或在地图上点选。")


class ArrivesBeforeItLeaves(Unprocessable):
    code: ClassVar[str] = "holding_arrives_before_it_leaves"
    sentence: ClassVar[str] = N_("到达时间早于发车时间，请核对。")


class NoTerminal(Unprocessable):
    code: ClassVar[str] = "holding_no_terminal"
    sentence: ClassVar[str] = N_("所选设备不是本企业的车载定位终端（没有经度、纬度测点），请重新选择或留空。")
