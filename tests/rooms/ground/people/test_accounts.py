"""Accounts and posts: who makes them, who grants, and what the database itself refuses."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType

import pytest
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from tests.accounts import LOADER, PASSWORD, actor_of, give_post, make_account

from anlan.ground.people import door, queries, services
from anlan.ground.people.models import Account, PostHolding
from anlan.ground.people.refusals import (
    AdministratorsExist,
    AdministratorsSeparate,
    AlreadyHeld,
    EnterpriseNeeded,
    NotToYourself,
    PolicyOutOfBounds,
    StateHeldByOther,
    UsernameMalformed,
    UsernameTaken,
    WeakPassword,
    WrongDates,
)
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotPermitted
from anlan.kernel.ids import new_id
from anlan.ledger.models import AuditEntry
from anlan.site import settings as node_settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def security(clock: ModuleType) -> Actor:
    return actor_of(make_account("security", "security_admin", "370100"))


@pytest.fixture
def system_admin(clock: ModuleType) -> Actor:
    return actor_of(make_account("sysadmin", "system_admin", "370100"))


def test_the_system_administrator_makes_an_account_that_may_do_nothing(system_admin: Actor, clock: ModuleType) -> None:
    account = services.create_account("Zhang.San", "张三", "370102", password=PASSWORD, actor=system_admin, now=clock.now())
    assert account.username == "zhang.san"
    actor = door.actor_for(account.id)
    assert actor is not None
    assert not actor.may("alarms.view", place_code="370102")
    assert actor.may("own.change_password")


def test_an_account_outside_the_administrators_place_is_refused(system_admin: Actor, clock: ModuleType) -> None:
    with pytest.raises(NotPermitted):
        services.create_account("elsewhere", "李四", "370202", actor=system_admin, now=clock.now())


def test_user_names_are_one_whatever_their_letter_case(system_admin: Actor, clock: ModuleType) -> None:
    services.create_account("lisi", "李四", "370102", actor=system_admin, now=clock.now())
    with pytest.raises(UsernameTaken):
        services.create_account("LiSi", "李四", "370102", actor=system_admin, now=clock.now())
    with pytest.raises(UsernameMalformed):
        services.create_account("1 or 1=1", "x", "370102", actor=system_admin, now=clock.now())


def test_a_node_keeps_passwords_by_a_method_that_is_slow_to_guess() -> None:
    """Argon2id with 19 MiB and two passes at least (OWASP Password Storage Cheat Sheet); other tests use it at its cheapest."""
    (method,) = node_settings.PASSWORD_HASHERS
    _, kind, _, costs, *_ = import_string(method)().encode(PASSWORD, "salt-of-this-test").split("$")
    cost = dict(part.split("=") for part in costs.split(","))
    assert kind == "argon2id"
    assert int(cost["m"]) >= 19 * 1024
    assert int(cost["t"]) >= 2


def test_common_and_former_passwords_are_refused(clock: ModuleType) -> None:
    account = make_account("wangwu")
    actor = actor_of(account)
    with pytest.raises(WeakPassword) as refused:
        services.check_password_allowed("password123", "someone", now=clock.now())
    assert "common" in refused.value.facts["faults"]
    for number in range(5):
        services.change_own_password(
            PASSWORD if number == 0 else f"New-Password-{number - 1}", f"New-Password-{number}", actor=actor, now=clock.advance(days=1)
        )
    with pytest.raises(WeakPassword) as refused:
        services.change_own_password("New-Password-4", "New-Password-0", actor=actor, now=clock.now())
    assert refused.value.facts["faults"] == ["used"]
    services.change_own_password("New-Password-4", PASSWORD, actor=actor, now=clock.advance(days=1))


def test_no_account_holds_posts_of_two_classes(security: Actor, clock: ModuleType) -> None:
    officer = make_account("officer", "duty_officer", "370102")
    admin_post = services.ensure_post("system_admin", "370102", actor=security, now=clock.now())
    with pytest.raises(AdministratorsSeparate):
        services.assign_post(officer.id, admin_post.id, actor=security, now=clock.now())
    auditor = make_account("auditor", "audit_admin", "370102")
    for kind in ("security_admin", "system_admin", "duty_officer"):
        post = services.ensure_post(kind, "370102", actor=security, now=clock.now())
        with pytest.raises(AdministratorsSeparate):
            services.assign_post(auditor.id, post.id, actor=security, now=clock.now())


def test_the_database_itself_refuses_a_mixed_holding(clock: ModuleType) -> None:
    officer = make_account("officer", "duty_officer", "370102")
    post = services.ensure_post("audit_admin", "370102", actor=LOADER, now=clock.now())
    for claimed in ("ordinary", "audit_admin"):
        with pytest.raises(IntegrityError), transaction.atomic():
            PostHolding.objects.create(
                account=officer, post=post, account_class=claimed, place_code="370102", valid_from=clock.now(), created_at=clock.now()
            )


def test_a_class_cannot_change_under_a_holding(clock: ModuleType) -> None:
    officer = make_account("officer", "duty_officer", "370102")
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=officer.pk).update(account_class="audit_admin")


def test_nobody_grants_to_himself(security: Actor, clock: ModuleType) -> None:
    post = services.ensure_post("security_admin", "370102", actor=security, now=clock.now())
    with pytest.raises(NotToYourself):
        services.assign_post(security.account_id, post.id, actor=security, now=clock.now())
    own = PostHolding.objects.get(account_id=security.account_id)
    with pytest.raises(NotToYourself):
        services.revoke_post(own.id, actor=security, now=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        PostHolding.objects.create(
            account_id=security.account_id,
            post=post,
            account_class="security_admin",
            place_code="370102",
            valid_from=clock.now(),
            created_at=clock.now(),
            granted_by=security.account_id,
        )


def test_only_the_security_administrator_grants_and_only_at_his_places(system_admin: Actor, security: Actor, clock: ModuleType) -> None:
    account = make_account("clerk")
    post = services.ensure_post("bureau_clerk", "370102", actor=security, now=clock.now())
    with pytest.raises(NotPermitted):
        services.assign_post(account.id, post.id, actor=system_admin, now=clock.now())
    with pytest.raises(NotPermitted):
        services.ensure_post("bureau_clerk", "370202", actor=security, now=clock.now())
    services.assign_post(account.id, post.id, actor=security, now=clock.now())
    with pytest.raises(AlreadyHeld):
        services.assign_post(account.id, post.id, actor=security, now=clock.now())


def test_passwords_and_second_factors_are_reset_by_different_administrators(
    system_admin: Actor, security: Actor, clock: ModuleType
) -> None:
    account = make_account("clerk", "bureau_clerk", "370102")
    with pytest.raises(NotPermitted):
        services.reset_password(account.id, actor=security, now=clock.now(), reason="忘记")
    with pytest.raises(NotPermitted):
        services.reset_factor(account.id, actor=system_admin, now=clock.now(), reason="丢失")
    with pytest.raises(NotToYourself):
        services.reset_password(system_admin.account_id, actor=system_admin, now=clock.now(), reason="忘记")
    password = services.reset_password(account.id, actor=system_admin, now=clock.now(), reason="忘记")
    account.refresh_from_db()
    assert account.check_password(password)
    assert account.must_change_password


def test_what_one_administrator_did_the_other_does_not_undo(system_admin: Actor, security: Actor, clock: ModuleType) -> None:
    account = make_account("clerk", "bureau_clerk", "370102")
    services.disable_account(account.id, actor=system_admin, now=clock.now(), reason="调离")
    with pytest.raises(StateHeldByOther):
        services.unlock_account(account.id, actor=security, now=clock.now(), reason="x")
    services.enable_account(account.id, actor=system_admin, now=clock.now(), reason="调回")
    services.lock_account(account.id, actor=security, now=clock.now(), reason="可疑")
    with pytest.raises(StateHeldByOther):
        services.enable_account(account.id, actor=system_admin, now=clock.now(), reason="x")


def test_a_post_grants_from_its_first_day_to_its_last(security: Actor, clock: ModuleType) -> None:
    account = make_account("stand.in")
    post = services.ensure_post("duty_officer", "370102", actor=security, now=clock.now())
    services.assign_post(
        account.id,
        post.id,
        valid_from=clock.now() + timedelta(days=2),
        valid_to=clock.now() + timedelta(days=5),
        actor=security,
        now=clock.now(),
    )

    def may() -> bool:
        actor = door.actor_for(account.id)
        return actor is not None and actor.may("alarms.view", place_code="370102")

    assert not may()
    clock.advance(days=2)
    assert may()
    assert not door.actor_for(account.id).may("alarms.view", place_code="370103")  # type: ignore[union-attr]
    assert [holder.name for holder in door.holders_of("duty_officer", "370102")] == ["Stand.In"]
    clock.advance(days=3)
    assert not may()
    assert door.holders_of("duty_officer", "370102") == ()


def test_a_holding_cannot_end_before_it_begins(security: Actor, clock: ModuleType) -> None:
    account = make_account("clerk")
    post = services.ensure_post("bureau_clerk", "370102", actor=security, now=clock.now())
    with pytest.raises(WrongDates):
        services.assign_post(account.id, post.id, valid_to=clock.now() - timedelta(days=1), actor=security, now=clock.now())


def test_a_future_holding_can_be_revoked(security: Actor, clock: ModuleType) -> None:
    account = make_account("clerk")
    post = services.ensure_post("bureau_clerk", "370102", actor=security, now=clock.now())
    holding = services.assign_post(account.id, post.id, valid_from=clock.now() + timedelta(days=9), actor=security, now=clock.now())
    services.revoke_post(holding.id, actor=security, now=clock.now())
    clock.advance(days=10)
    assert door.posts_of(account.id) == ()


def test_an_enterprise_post_reaches_its_enterprise_only(security: Actor, clock: ModuleType) -> None:
    with pytest.raises(EnterpriseNeeded):
        services.ensure_post("enterprise_manager", "370102", actor=security, now=clock.now())
    own, other = new_id(), new_id()
    account = make_account("plant")
    give_post(account, "enterprise_manager", "370102", enterprise_id=own)
    actor = actor_of(account)
    assert actor.enterprise_id == own
    assert actor.may("alarms.view", place_code="370102", enterprise_id=own)
    assert not actor.may("alarms.view", place_code="370102", enterprise_id=other)
    assert not actor.may("alarms.view", place_code="370102")
    assert actor.may("bulletins.view", place_code="370102")


def test_grants_go_one_post_at_a_time(clock: ModuleType) -> None:
    account = make_account("two.hats", "duty_officer", "370102")
    give_post(account, "approver", "370103")
    posts = {post.kind: post.post_id for post in door.posts_of(account.id)}
    officer, approver = door.actor_for(account.id, posts["duty_officer"]), door.actor_for(account.id, posts["approver"])
    assert officer is not None
    assert approver is not None
    assert not officer.may("bulletins.approve", place_code="370103")
    assert approver.may("bulletins.approve", place_code="370103")
    assert not approver.may("alarms.acknowledge", place_code="370102")


def test_every_change_is_audited_without_secrets(security: Actor, system_admin: Actor, clock: ModuleType) -> None:
    account = make_account("clerk", "bureau_clerk", "370102")
    password = services.reset_password(account.id, actor=system_admin, now=clock.now(), reason="忘记")
    account.refresh_from_db()
    written = "".join(str(content) for content in AuditEntry.objects.values_list("content", flat=True))
    assert PASSWORD not in written
    assert password not in written
    assert account.password not in written
    assert {"people.create", "people.grant", "people.reset_password"} <= set(AuditEntry.objects.values_list("action", flat=True))


def test_the_security_administrator_tightens_the_policy_from_now_on(security: Actor, system_admin: Actor, clock: ModuleType) -> None:
    before = clock.now()
    clock.advance(hours=1)
    services.set_policy("password_min_length", 14, actor=security, now=clock.now())
    assert queries.policy(clock.now()).password_min_length == 14
    assert queries.policy(before).password_min_length == 10
    with pytest.raises(PolicyOutOfBounds):
        services.set_policy("password_min_length", 3, actor=security, now=clock.now())
    with pytest.raises(NotPermitted):
        services.set_policy("password_min_length", 12, actor=system_admin, now=clock.now())


def test_telephone_and_e_mail_are_masked() -> None:
    assert queries.masked_phone("13812345678") == "138****5678"
    assert queries.masked_phone("12345") == "***45"
    assert queries.masked_email("zhangsan@example.cn") == "z***@example.cn"
    assert queries.masked_email("") == ""


def test_a_new_node_gets_its_three_administrators_once(clock: ModuleType) -> None:
    passwords = services.make_first_administrators("370100", actor=LOADER, now=clock.now())
    assert set(passwords) == {"sysadmin", "secadmin", "auditadmin"}
    for username, password in passwords.items():
        account = Account.objects.get(username=username)
        assert account.check_password(password)
        assert account.must_change_password
    secadmin = door.actor_for(Account.objects.get(username="secadmin").id)
    assert secadmin is not None
    assert secadmin.may("people.grant", place_code="370102")
    with pytest.raises(AdministratorsExist):
        services.make_first_administrators("370100", actor=LOADER, now=clock.now())
