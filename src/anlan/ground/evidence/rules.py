"""The law of evidence: kinds, types with their limits, and what is refused. No Django, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, load_rules

ACTIONS: dict[str, str] = {
    "evidence.view": N_("查看证据"),
    "evidence.attach": N_("提交证据"),
    "evidence.classify": N_("提高证据密级"),
}

SENDABLE = ("evidence.attach",)
"""What an enterprise's own system may send with an interface key."""

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


@dataclass(frozen=True, kw_only=True)
class TypeRow(DatedRule):
    """A type of file that may be evidence.

    ``extensions``: the endings that fit, without dot, blank between; ``limit_mb``: largest size in MiB; ``inline``: a browser may show
    it in the page (nothing that can carry a script).
    """

    media_type: str
    kind: str
    name_zh: str
    name_en: str
    extensions: str
    limit_mb: int
    inline: bool

    @property
    def limit(self) -> int:
        """Largest size in bytes."""
        return self.limit_mb * 1024 * 1024

    @property
    def endings(self) -> tuple[str, ...]:
        """The endings that fit."""
        return tuple(self.extensions.split())


@lru_cache(maxsize=1)
def types() -> dict[str, TypeRow]:
    """The types that may be evidence, by media type."""
    return {row.media_type: row for row in load_rules(Path(__file__).parent / "data" / "types.csv", TypeRow)}


def type_row(media_type: str) -> TypeRow:
    """The row of a media type. Raises :class:`TypeNotAccepted`."""
    found = types().get(media_type)
    if found is None:
        raise TypeNotAccepted(filename="", known=known_endings())
    return found


def known_endings() -> str:
    """The endings accepted, for sentences and file inputs."""
    return "、".join(sorted({ending for row in types().values() for ending in row.endings}))


def check_name(filename: str, row: TypeRow) -> None:
    """Raise :class:`NameDoesNotFit` unless the ending of ``filename`` is one that its content may have."""
    ending = filename.rpartition(".")[2].lower() if "." in filename else ""
    if ending not in row.endings:
        raise NameDoesNotFit(filename=filename, found=row.name_zh, endings="、".join(row.endings))


def check_size(filename: str, size: int, row: TypeRow) -> None:
    """Raise :class:`TooLarge` or :class:`Empty`."""
    if size == 0:
        raise Empty(filename=filename)
    if size > row.limit:
        raise TooLarge(filename=filename, size=megabytes(size), limit=row.limit_mb, type=row.name_zh)


def megabytes(size: int) -> str:
    """A size in MiB with one decimal."""
    return f"{size / 1024 / 1024:.1f}"


class TypeNotAccepted(Refusal):
    code: ClassVar[str] = "evidence_type"
    sentence: ClassVar[str] = N_("文件“{filename}”的内容不是可以接收的类型。可接收：{known}。")
    status: ClassVar[int] = 415


class Executable(Refusal):
    code: ClassVar[str] = "evidence_executable"
    sentence: ClassVar[str] = N_("文件“{filename}”是程序或含有程序（{found}），不予接收。")
    status: ClassVar[int] = 415


class NotInspectable(Refusal):
    code: ClassVar[str] = "evidence_not_inspectable"
    sentence: ClassVar[str] = N_("文件“{filename}”（{found}）无法检查内部内容，请解压后上传，或改用未加密的 ZIP。")
    status: ClassVar[int] = 415


class NameDoesNotFit(Refusal):
    code: ClassVar[str] = "evidence_name"
    sentence: ClassVar[str] = N_("文件“{filename}”的扩展名与内容不符：内容是{found}，扩展名应为 {endings}。")
    status: ClassVar[int] = 415


class TooLarge(Refusal):
    code: ClassVar[str] = "evidence_too_large"
    sentence: ClassVar[str] = N_("文件“{filename}”有 {size} MB，{type}最大 {limit} MB，请压缩或分段后上传。")
    status: ClassVar[int] = 413


class Empty(Refusal):
    code: ClassVar[str] = "evidence_empty"
    sentence: ClassVar[str] = N_("文件“{filename}”是空的，请重新选择。")
    status: ClassVar[int] = 422


class NoFile(Refusal):
    code: ClassVar[str] = "evidence_no_file"
    sentence: ClassVar[str] = N_("请选择或拍摄要上传的文件。")
    status: ClassVar[int] = 422


class DiskFull(Refusal):
    code: ClassVar[str] = "evidence_disk_full"
    sentence: ClassVar[str] = N_("证据库磁盘空间不足，文件“{filename}”没有保存。请联系系统管理员清理磁盘后重新上传。")
    status: ClassVar[int] = 507


class StoreNotWritable(Refusal):
    code: ClassVar[str] = "evidence_not_writable"
    sentence: ClassVar[str] = N_("证据库目录 {folder} 不可写，文件“{filename}”没有保存。请联系系统管理员检查目录权限。")
    status: ClassVar[int] = 507


class Damaged(Refusal):
    code: ClassVar[str] = "evidence_damaged"
    sentence: ClassVar[str] = N_("证据文件 {sha256} 缺失或已被改动，无法提供。请通知系统管理员核查存储。")
    status: ClassVar[int] = 500


class AccessClassNotRaised(Refusal):
    code: ClassVar[str] = "evidence_class_not_raised"
    sentence: ClassVar[str] = N_("证据的信息类别只能提高，不能降低（现为“{present}”）。")


class ReasonMissing(Refusal):
    code: ClassVar[str] = "evidence_reason"
    sentence: ClassVar[str] = N_("请填写原因。")
    status: ClassVar[int] = 422
