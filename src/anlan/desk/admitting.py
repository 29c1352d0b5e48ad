"""How another system is let in: by an interface key, which a room above the desk knows (:mod:`anlan.desk.joints`)."""

from __future__ import annotations

from django.http import HttpRequest

from anlan.desk.joints import joints
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class OnlyReads(Refusal):
    code = "interface_key_only_reads"
    sentence = N_("接口凭证只能读取数据，不能写入。写入请使用设备接入凭证，或由人员登录办理。")
    status = 403


def by_key(request: HttpRequest) -> Actor | None:
    """Who reads by the request's interface key; ``None`` when it carries none, or the node knows no keys.

    Raises what refuses it, and :class:`OnlyReads` for a request that writes.
    """
    actor = joints.actor_of_key(request) if joints.actor_of_key is not None else None
    if actor is not None and request.method not in {"GET", "HEAD", "OPTIONS"}:
        raise OnlyReads
    return actor
