"""Accounts on the desk: list, form and detail; what administrators do to one account is in ``pages.accounts``."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource.declare import (
    Actions,
    Badge,
    Choice,
    Column,
    Field,
    Form,
    Fragment,
    Input,
    PlaceFilter,
    Resource,
    Section,
)
from anlan.desk.resource.registry import register
from anlan.ground.people import queries, services
from anlan.ground.people.models import Account
from anlan.ground.people.pages.accounts import account_parts

STATE = Badge({"active": "green", "locked": "orange", "disabled": "grey"})

accounts = register(
    Resource(
        code="accounts",
        label=_("账号"),
        model=Account,
        actions=Actions(view="people.view", create="people.create", change="people.change"),
        title="display_name",
        order="-created_at",
        search=True,
        columns=(
            Column("display_name", link=True),
            Column("username"),
            Column("account_class"),
            Column("state", badge=STATE),
            Column("place_code", place=True),
            Column("title"),
            Column("phone", value=lambda account: queries.masked_phone(account.phone)),
            Column("totp_confirmed_at", hidden=True),
            Column("last_login", label=_("上次登录")),
            Column("created_at", sort=True, hidden=True),
        ),
        filters=(Choice("state"), Choice("account_class"), PlaceFilter()),
        detail=(
            Section(
                _("账号资料"),
                (
                    "username",
                    "display_name",
                    "account_class",
                    Field("state", badge=STATE),
                    "title",
                    Field("organisation"),
                    "place_code",
                    Field("phone", value=lambda account: queries.masked_phone(account.phone)),
                    Field("email", value=lambda account: queries.masked_email(account.email)),
                    Field("last_login", label=_("上次登录")),
                    "password_changed_at",
                    "must_change_password",
                    "totp_confirmed_at",
                ),
            ),
            Fragment(_("岗位与任职"), template="people/_account_posts.html", context=account_parts),
            Fragment(_("登录会话"), template="people/_account_sessions.html", context=account_parts),
            Fragment(_("管理操作"), template="people/_account_actions.html", context=account_parts),
        ),
        form=Form(
            inputs=(
                Input("username", on="create", help=_("3 到 64 个字母、数字、点、下划线或短横线，以字母开头；不区分大小写。")),
                Input("display_name"),
                Input("account_class", on="create", help=_("三类管理员和业务岗位由不同账号担任，创建后不能更改类别。")),
                Input("place_code", place=True),
                Input("title", required=False),
                Input("phone", field=lambda: forms.CharField(label=_("手机号"), required=False, max_length=32)),
                Input("email", required=False),
            ),
            create=services.create_account,
            change=services.change_account,
        ),
        empty=_("还没有账号。由系统管理员创建账号，再由安全管理员授予岗位。"),
    )
)
