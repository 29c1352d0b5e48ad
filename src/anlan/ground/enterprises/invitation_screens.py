"""Invitations of enterprises as the desk lists them, and what waits for a bureau's review."""

from __future__ import annotations

from typing import Any, cast

from django.utils.translation import gettext_lazy as _

from anlan.desk.resource import Actions, Badge, Choice, Column, PlaceFilter, Resource, register
from anlan.ground.enterprises import onboarding
from anlan.ground.enterprises.models import Invitation

register(
    Resource(
        code="invitations",
        label=_("企业入驻邀请"),
        model=Invitation,
        title="name",
        actions=Actions(view="enterprises.register", create="enterprises.register"),
        columns=(
            Column("name", link=True),
            Column("uscc"),
            Column("state", label=_("状态"), value=Invitation.get_state_label, badge=Badge(cast(Any, onboarding.TONES))),
            Column("contact_name"),
            Column("place_code", label=_("归属地"), place=True),
            Column("opened_at", label=_("邀请时间"), sort=True),
            Column("expires_at"),
            Column("submitted_at"),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in onboarding.FLOW.states]),
        ),
        order="-opened_at",
        navigation="enterprise",
        detail_url="enterprises:invitation",
        create_url="enterprises:invite",
        empty=_("还没有邀请。点“新建”邀请企业自己填报，审核后成为企业档案。"),
        live=("enterprises.invitation",),
    )
)
