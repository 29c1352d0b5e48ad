"""The law of the stream: why a reading is kept apart, and how far a clock may be off. No Django, no clock."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire import quarantine

ACTIONS: dict[str, str] = {
    "stream.view_unknown": N_("查看身份不明的接入尝试"),
}

EXERCISE_NOT_ANNOUNCED = "reading_exercise_not_announced"
OVER_QUOTA = quarantine.OVER_QUOTA_USED
REASONS: dict[str, str] = {
    "reading_unknown_device": N_("设备未登记"),
    "reading_device_not_in_use": N_("设备未启用"),
    "reading_unknown_sensor": N_("测点未登记"),
    "reading_not_a_number": N_("数值不是有限数"),
    "reading_clock_ahead": N_("时间超前于本节点时钟"),
    "reading_clock_behind": N_("时间早于设备的启用时间"),
    "reading_not_kept": N_("时间早于读数的保存期限"),
    "reading_bad_time": N_("时间无法识别"),
    "reading_bad_json": N_("报文无法解析"),
    "reading_bad_shape": N_("报文结构不符"),
    "reading_too_large": N_("报文过大"),
    "reading_bad_topic": N_("主题不符"),
    "reading_bad_senml": N_("SenML 报文不符合规范"),
    "reading_no_measurement": N_("不是测量值"),
    "reading_wrong_unit": N_("单位不能换算"),
    "reading_bad_observation": N_("观测值结构不符"),
    "device_wrong_secret": N_("接入密钥错误"),
    "device_unknown_credential": N_("接入用户名未登记"),
    "device_revoked_credential": N_("接入凭证已吊销"),
    EXERCISE_NOT_ANNOUNCED: N_("标记为演练，但没有登记演练，已按真实读数采用"),
    OVER_QUOTA: N_("超过接入凭证的每分钟限额，已照常采用"),
}
NOTICES = frozenset({EXERCISE_NOT_ANNOUNCED, OVER_QUOTA})
"""Reasons for which nothing is kept apart: the readings are used, only not as their sender meant them."""

AHEAD_LIMIT_S = 600.0
"""A reading may be this many seconds ahead of the node's clock. Project default: more than any disciplined clock drifts in a month."""

BEHIND_LIMIT_S = 31 * 86400.0
"""A reading may be this many seconds behind, whatever is known of its device: equipment that was cut off sends what it kept. Project default,
one month. Older ones are judged by :mod:`anlan.sense.stream.earliest`."""

LATE_S = 300.0
"""A reading that arrives so many seconds after its time is marked as late. Project default."""


class StoreSilent(Refusal):
    code: ClassVar[str] = "telemetry_silent"
    sentence: ClassVar[str] = N_("时序库暂时没有应答，读数未知。请稍后重试，或查看“运行状态”。")
    status: ClassVar[int] = 503
