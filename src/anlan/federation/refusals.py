"""Why something between nodes was refused, in sentences for whoever looks after the link."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class EnvelopeMalformed(Refusal):
    code: ClassVar[str] = "envelope_malformed"
    sentence: ClassVar[str] = N_("收到的信封无法读出：{why}。已原样留存，请与对方节点管理员核对版本。")
    status: ClassVar[int] = 422


class SignatureWrong(Refusal):
    code: ClassVar[str] = "envelope_signature"
    sentence: ClassVar[str] = N_("签名与节点“{node}”登记的公钥不符，内容可能被改动，或对方换了密钥。请电话核对密钥指纹后重新接入。")
    status: ClassVar[int] = 403


class OriginUnknown(Refusal):
    code: ClassVar[str] = "envelope_origin_unknown"
    sentence: ClassVar[str] = N_("不认识发出节点“{node}”：它还没有接入，或接入信息尚未传到。对方会继续重试。")
    status: ClassVar[int] = 403


class OutOfScope(Refusal):
    code: ClassVar[str] = "envelope_out_of_scope"
    sentence: ClassVar[str] = N_("节点“{node}”无权发来关于“{place}”的信息：不在它的管辖范围内。")
    status: ClassVar[int] = 403


class NoExercises(Refusal):
    code: ClassVar[str] = "envelope_no_exercises"
    sentence: ClassVar[str] = N_("本节点没有向“{node}”转送演练信息的约定，该演练信封未转送。请与本节点管理员商定后再办一次。")
    status: ClassVar[int] = 409


class KindUnknown(Refusal):
    code: ClassVar[str] = "envelope_kind_unknown"
    sentence: ClassVar[str] = N_("本节点还不会办理“{kind}”类信封，可能是对方版本较新。升级后可在链路页再办一次。")
    status: ClassVar[int] = 422


class NotForUs(Refusal):
    code: ClassVar[str] = "link_wrong_receiver"
    sentence: ClassVar[str] = N_("请求是发给另一个节点的。请核对上级节点地址。")
    status: ClassVar[int] = 403


class NotJoined(Refusal):
    code: ClassVar[str] = "link_not_joined"
    sentence: ClassVar[str] = N_("上级节点尚未同意接入，请电话联系上级核对密钥指纹。")
    status: ClassVar[int] = 403


class Stale(Refusal):
    code: ClassVar[str] = "link_stale"
    sentence: ClassVar[str] = N_("该请求已经办理过，或序号落后，不再重复办理。")
    status: ClassVar[int] = 409


class LinkFailed(Refusal):
    code: ClassVar[str] = "link_failed"
    sentence: ClassVar[str] = N_("没有连上“{node}”：{why}")
    status: ClassVar[int] = 502


class NoIdentity(Refusal):
    code: ClassVar[str] = "node_without_identity"
    sentence: ClassVar[str] = N_("请先填写本节点的名称、层级和所在地，再接入上级。")
    status: ClassVar[int] = 409
