"""How another system is let in: by an interface key, which a room above the desk knows (:mod:`anlan.desk.joints`)."""

from __future__ import annotations

from django.http import HttpRequest

from anlan.desk.joints import joints
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class OnlyReads(Refusal):
    code = "interface_key_only_reads"
    sentence = N_(
        "该接口凭证在这里只能读取，不能写入。企业系统报送请使用带写入权限的凭证和报送接口（/api/v1/own/），设备读数请使用设备接入凭证，其他由人员登录办理。"
    )
    status = 403


def by_key(request: HttpRequest) -> Actor | None:
    """Who reads by the request's interface key; ``None`` when it carries none, or the node knows no keys.

    Raises what refuses it, and :class:`OnlyReads` for a request that writes.
    """
    actor = _actor(request)
    if actor is not None and request.method not in READING:
        raise OnlyReads
    return actor


def by_sending_key(request: HttpRequest) -> Actor | None:
    """The same for addresses to which an enterprise's own system may write (:mod:`anlan.desk.sending`).

    Raises :class:`OnlyReads` for a request that writes with a key that holds nothing to write.
    """
    actor = _actor(request)
    sends = actor is not None and actor.enterprise_id is not None and actor.facts.get("writes")
    if actor is not None and request.method not in READING and not sends:
        raise OnlyReads
    return actor


def _actor(request: HttpRequest) -> Actor | None:
    return joints.actor_of_key(request) if joints.actor_of_key is not None else None
