"""What kind of fault stopped a request: some have a sentence that says more than 'a fault', and some pass by themselves."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from anlan.kernel.words import N_


@dataclass(frozen=True)
class Fault:
    """A fault of the node as it is told. ``retry_after_s``: after so many seconds it is worth asking again by itself; 0: it needs somebody."""

    status: int
    code: str
    sentence: str
    retry_after_s: int = 0


UNKNOWN = Fault(500, "fault", N_("系统出现故障，本次操作没有完成。请稍后重试；如仍不成功，请把请求编号告知运维人员。"))
DATABASE_AWAY = Fault(
    503,
    "database_away",
    N_("数据库暂时连不上，本次操作没有完成。系统正在自动恢复，通常不到一分钟；已填写的内容请退回上一页，稍后再提交。"),
    retry_after_s=5,
)
DISK_FULL = Fault(
    507,
    "disk_full",
    N_("服务器的磁盘已满，本次操作没有保存。请立即告知运维人员清理或扩容；腾出空间前请改用电话上报，并退回上一页留存已填写的内容。"),
)

_FULL = (errno.ENOSPC, errno.EDQUOT)
_SQL_DISK_FULL = "53100"
# PostgreSQL appendix A: shut down by an administrator, after a crash, starting up, too many connections; class 08 is the connection itself.
_SQL_AWAY = ("57P01", "57P02", "57P03", "53300")


def fault_of(exception: BaseException | None) -> Fault:
    """The fault behind ``exception``, looked for along its causes; :data:`UNKNOWN` when it says nothing that helps."""
    for each in _causes(exception):
        if isinstance(each, OSError) and each.errno in _FULL:
            return DISK_FULL
        if isinstance(each, psycopg.Error) and each.sqlstate == _SQL_DISK_FULL:
            return DISK_FULL
        if isinstance(each, psycopg.OperationalError) and (
            each.sqlstate is None or each.sqlstate.startswith("08") or each.sqlstate in _SQL_AWAY
        ):
            return DATABASE_AWAY
    return UNKNOWN


def _causes(exception: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while exception is not None and id(exception) not in seen:
        seen.add(id(exception))
        yield exception
        exception = exception.__cause__ or exception.__context__
