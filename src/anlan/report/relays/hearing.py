"""What this room hears: who is told that a node asks to join, that a link is cut, that it is back."""

from __future__ import annotations

from django.urls import reverse

from anlan.desk.notifications import notify
from anlan.federation.events import LinkChanged
from anlan.ground.people import door as people
from anlan.kernel.words import N_

_SENTENCES = {
    "asked": N_("节点“{node}”申请接入，请核对密钥指纹后决定。"),
    "joined": N_("节点“{node}”已接入。"),
    "left": N_("与节点“{node}”的链路已断开或未同意接入。"),
    "cut": N_("与“{node}”的链路中断，{waiting} 件待发。紧急信息请改用电话报送。"),
    "back": N_("与“{node}”的链路已恢复，{waiting} 件正在补发。"),
}
_TONES = {"asked": "orange", "cut": "red"}


def tell(event: LinkChanged) -> None:
    """Officers and leaders on duty hear of every change of a link: while it is cut they report by telephone."""
    for kind in ("duty_officer", "duty_leader"):
        for holder in people.holders_of(kind, event.place_code, now=event.at):
            notify(
                holder.account_id,
                event=event.kind,
                once=f"relays.{event.what}:{event.node_id}:{event.at.isoformat()}",
                sentence=_SENTENCES[event.what],
                facts={"node": event.node, "waiting": event.waiting},
                url=reverse("relays:links"),
                tone=_TONES.get(event.what, "blue"),
                now=event.at,
            )
