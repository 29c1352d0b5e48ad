"""The law of evidence: kinds and their limits. No Django, no clock."""

from __future__ import annotations

from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "evidence.view": N_("查看证据"),
    "evidence.attach": N_("提交证据"),
    "evidence.classify": N_("提高证据密级"),
}

KINDS: dict[str, str] = {
    "photograph": N_("照片"),
    "video": N_("视频"),
    "sound": N_("录音"),
    "document": N_("文档"),
    "data": N_("数据"),
}

UPLOAD, FIELD, DEVICE, FEDERATION = "upload", "field", "device", "federation"
ORIGINS: dict[str, str] = {
    UPLOAD: N_("网页上传"),
    FIELD: N_("现场采集"),
    DEVICE: N_("设备上传"),
    FEDERATION: N_("上下级交换"),
}
