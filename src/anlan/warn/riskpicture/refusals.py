"""What this room refuses, each with what to do."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class IndexUnsound(Refusal):
    code: ClassVar[str] = "riskpicture_index_unsound"
    sentence: ClassVar[str] = N_("指标体系不能使用，请修改后再试：{what}。")
    status: ClassVar[int] = 422


class NotTested(Refusal):
    code: ClassVar[str] = "riskpicture_not_tested"
    sentence: ClassVar[str] = N_("指标体系“{version}”的现有内容还没有完成回测，请先回测再启用。")


class NotDraft(Refusal):
    code: ClassVar[str] = "riskpicture_not_draft"
    sentence: ClassVar[str] = N_("指标体系“{version}”已启用或已停用，不能修改；请复制为新版本。")


class VersionTaken(Refusal):
    code: ClassVar[str] = "riskpicture_version_taken"
    sentence: ClassVar[str] = N_("已有名为“{version}”的指标体系，请换一个名称。")
    status: ClassVar[int] = 422


class VersionUnnamed(Refusal):
    code: ClassVar[str] = "riskpicture_version_unnamed"
    sentence: ClassVar[str] = N_("请填写新版本的名称：1至40个字母、数字、点或短横线。")
    status: ClassVar[int] = 422


class AlreadyRunning(Refusal):
    code: ClassVar[str] = "riskpicture_already_running"
    sentence: ClassVar[str] = N_("上一次计算还没有结束，请等它结束或先取消。")


class NothingLive(Refusal):
    code: ClassVar[str] = "riskpicture_nothing_live"
    sentence: ClassVar[str] = N_("还没有启用的指标体系，请先启用一个版本。")


class FactorSilent(Refusal):
    """A contributed reader raises it where its room cannot answer now: the factor's last known part is kept and marked as old."""

    code: ClassVar[str] = "riskpicture_factor_silent"
    sentence: ClassVar[str] = N_("“{factor}”暂时读不到，沿用上次的数值。")
    status: ClassVar[int] = 503
