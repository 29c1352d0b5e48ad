"""Sign-in by pages: lock-out, second factor, forced steps, session limits, sign-out, the demonstration's one click."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pyotp
import pytest
from django.test import Client
from django.urls import reverse
from tests.accounts import PASSWORD, actor_of, client_of, give_post, make_account

from anlan.ground.people import door, queries, services
from anlan.ground.people.door import DemoRole
from anlan.ground.people.models import Account, SessionRecord
from anlan.ground.people.refusals import CodeRefused, FactorNeeded
from anlan.ledger.models import AuditEntry

pytestmark = pytest.mark.django_db


def sign_in(client: Client, username: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(reverse("people:sign_in"), {"username": username, "password": password, **extra.pop("data", {})}, **extra)


def signed_in(client: Client) -> bool:
    return client.get(reverse("people:profile")).status_code == 200


@pytest.fixture
def clerk(clock: ModuleType) -> Account:
    return make_account("clerk", "bureau_clerk", "370102")


def test_the_right_password_opens_a_session_and_leads_on(clerk: Account) -> None:
    client = Client()
    response = sign_in(client, "CLERK", data={"next": "/own/sessions/"})
    assert response.status_code == 302
    assert response.url == "/own/sessions/"
    assert signed_in(client)
    assert AuditEntry.objects.filter(action="own.sign_in", actor_id=clerk.id).exists()


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_nobody_is_led_to_another_host(clerk: Account, wanted: str) -> None:
    assert sign_in(Client(), "clerk", data={"next": wanted}).url == "/"


def test_a_failure_does_not_tell_whether_the_account_exists(clerk: Account) -> None:
    services.disable_account(make_account("gone", "bureau_clerk").id, actor=door.system("tests"), now=clerk.created_at, reason="x")
    answers = [sign_in(Client(), name, password) for name, password in [("clerk", "wrong"), ("nobody", "wrong"), ("gone", PASSWORD)]]
    assert {answer.status_code for answer in answers} == {401}
    bodies = {
        answer.content.decode().replace(name, "").count("用户名或口令不正确")
        for answer, name in zip(answers, ["clerk", "nobody", "gone"], strict=True)
    }
    assert bodies == {1}


def test_five_failures_lock_the_name_at_one_address_for_thirty_minutes(clerk: Account, clock: ModuleType) -> None:
    client = Client()
    for _ in range(4):
        assert sign_in(client, "clerk", "wrong").status_code == 401
        clock.advance(minutes=1)
    assert sign_in(client, "clerk", "wrong").status_code == 429
    refused = sign_in(client, "clerk")
    assert refused.status_code == 429
    assert "08:34" in refused.content.decode()  # 08:04 in the node's time zone, and thirty minutes
    assert sign_in(Client(REMOTE_ADDR="10.0.0.9"), "clerk").status_code == 302
    clock.advance(minutes=29)
    assert sign_in(client, "clerk").status_code == 429
    clock.advance(minutes=1, seconds=1)
    assert sign_in(client, "clerk").status_code == 302


def test_the_security_administrator_lifts_a_lock_out(clerk: Account, clock: ModuleType) -> None:
    client = Client()
    for _ in range(5):
        sign_in(client, "clerk", "wrong")
    security = actor_of(make_account("security", "security_admin", "370100"))
    services.unlock_account(clerk.id, actor=security, now=clock.now(), reason="本人核实")
    assert sign_in(client, "clerk").status_code == 302


def test_failures_are_audited_once_each_and_a_locked_door_writes_no_more(clerk: Account) -> None:
    for _ in range(9):
        sign_in(Client(), "clerk", "wrong")
    outcomes = [
        content["facts"]["outcome"] for content in AuditEntry.objects.filter(actor_name="sign-in").values_list("content", flat=True)
    ]
    assert sorted(outcomes) == ["locked", "refused", "refused", "refused", "refused"]


def test_an_account_that_must_change_its_password_can_do_nothing_else(clerk: Account, clock: ModuleType) -> None:
    admin = actor_of(make_account("sysadmin", "system_admin", "370100"))
    password = services.reset_password(clerk.id, actor=admin, now=clock.now(), reason="忘记")
    client = Client()
    sign_in(client, "clerk", password)
    assert client.get(reverse("people:sessions")).url == reverse("people:change_password")
    assert client.get("/", headers={"HX-Request": "true"})["HX-Redirect"] == reverse("people:change_password")
    key = client.cookies["anlan_session"].value
    actor = door.actor_for_session(key)
    assert actor is not None
    assert not actor.may_somewhere("enterprises.view")
    wrong = client.post(reverse("people:change_password"), {"current": password, "new": "short", "again": "short"})
    assert wrong.status_code == 422
    right = client.post(reverse("people:change_password"), {"current": password, "new": "Calm-Water-88", "again": "Calm-Water-88"})
    assert right.status_code == 302
    assert signed_in(client)


def test_an_old_password_must_be_changed_after_ninety_days(clerk: Account, clock: ModuleType) -> None:
    clock.advance(days=91)
    client = Client()
    sign_in(client, "clerk")
    assert client.get(reverse("people:profile")).url == reverse("people:change_password")


def enrol(account: Account, clock: ModuleType) -> tuple[str, tuple[str, ...]]:
    actor = actor_of(account)
    secret = services.begin_factor(actor=actor, now=clock.now())
    codes = services.confirm_factor(pyotp.TOTP(secret).at(clock.now()), actor=actor, now=clock.now())
    clock.advance(seconds=60)
    return secret, codes


def test_the_second_factor_is_asked_and_a_code_works_once(clerk: Account, clock: ModuleType) -> None:
    secret, _codes = enrol(clerk, clock)
    assert sign_in(client := Client(), "clerk").url == reverse("people:sign_in_code")
    assert not signed_in(client)
    code = pyotp.TOTP(secret).at(clock.now())
    assert client.post(reverse("people:sign_in_code"), {"code": "000000"}).status_code == 401
    assert client.post(reverse("people:sign_in_code"), {"code": code}).status_code == 302
    assert signed_in(client)
    sign_in(again := Client(), "clerk")
    assert again.post(reverse("people:sign_in_code"), {"code": code}).status_code == 401


def test_a_recovery_code_replaces_the_phone_once(clerk: Account, clock: ModuleType) -> None:
    _secret, codes = enrol(clerk, clock)
    assert len(set(codes)) == 10
    sign_in(client := Client(), "clerk")
    assert client.post(reverse("people:sign_in_code"), {"code": codes[0].lower()}).status_code == 302
    sign_in(again := Client(), "clerk")
    assert again.post(reverse("people:sign_in_code"), {"code": codes[0]}).status_code == 401
    assert SessionRecord.objects.get(account=clerk, ended_at=None).proof == "recovery"


def test_guessing_codes_locks_the_name_too(clerk: Account, clock: ModuleType) -> None:
    secret, _codes = enrol(clerk, clock)
    sign_in(client := Client(), "clerk")
    for _ in range(5):
        client.post(reverse("people:sign_in_code"), {"code": "000000"})
    refused = client.post(reverse("people:sign_in_code"), {"code": pyotp.TOTP(secret).at(clock.now())})
    assert refused.status_code == 429
    assert not signed_in(client)


def test_the_password_step_is_worth_five_minutes(clerk: Account, clock: ModuleType) -> None:
    secret, _codes = enrol(clerk, clock)
    sign_in(client := Client(), "clerk")
    clock.advance(minutes=5)
    answer = client.post(reverse("people:sign_in_code"), {"code": pyotp.TOTP(secret).at(clock.now())})
    assert answer.status_code == 401
    assert not signed_in(client)


def test_the_secret_is_sealed_in_the_database(clerk: Account, clock: ModuleType) -> None:
    secret, codes = enrol(clerk, clock)
    clerk.refresh_from_db()
    assert secret.encode() not in bytes(clerk.totp_secret)
    assert not set(codes) & set(clerk.recovery_codes.values_list("code_hash", flat=True))


def test_an_approver_must_enrol_before_anything_else_and_cannot_stop(clock: ModuleType) -> None:
    approver = make_account("approver", "approver", "370100")
    client = Client()
    sign_in(client, "approver")
    assert client.get(reverse("people:profile")).url == reverse("people:factor")
    page = client.get(reverse("people:factor"))
    assert b"<svg" in page.content
    secret = str(page.context["secret"]).replace(" ", "")
    done = client.post(reverse("people:confirm_factor"), {"code": pyotp.TOTP(secret).at(clock.now())})
    assert len(done.context["codes"]) == 10
    assert signed_in(client)
    clock.advance(seconds=60)
    with pytest.raises(FactorNeeded):
        services.disable_factor(pyotp.TOTP(secret).at(clock.now()), actor=actor_of(approver), now=clock.now())


def test_a_wrong_first_code_takes_no_factor_into_use(clerk: Account, clock: ModuleType) -> None:
    services.begin_factor(actor=actor_of(clerk), now=clock.now())
    with pytest.raises(CodeRefused):
        services.confirm_factor("000000", actor=actor_of(clerk), now=clock.now())
    clerk.refresh_from_db()
    assert not clerk.has_second_factor


def test_the_fourth_session_ends_the_first(clerk: Account, clock: ModuleType) -> None:
    clients = []
    for _ in range(4):
        clients.append(client_of(clerk, proof="password"))
        clock.advance(minutes=1)
    assert [signed_in(client) for client in clients] == [False, True, True, True]
    page = clients[0].get(reverse("people:sign_in"))
    assert "同一账号登录过多" in page.content.decode()


def test_an_idle_session_ends_and_a_used_one_lives_to_its_twelfth_hour(clerk: Account, clock: ModuleType) -> None:
    used, idle = client_of(clerk, proof="password"), client_of(clerk, proof="password")
    for _ in range(2):
        clock.advance(minutes=20)
        assert signed_in(used)
    assert not signed_in(idle)
    for _ in range(33):
        clock.advance(minutes=20)
        assert signed_in(used)
    clock.advance(minutes=20)
    assert not signed_in(used)
    assert set(SessionRecord.objects.values_list("ended_why", flat=True)) == {"idle", "longest"}


def test_what_a_page_asks_by_itself_keeps_no_session_alive(clerk: Account, clock: ModuleType) -> None:
    client = client_of(clerk, proof="password")
    clock.advance(minutes=20)
    assert client.get(reverse("people:profile"), headers={"X-Anlan-Unattended": "1"}).status_code == 200
    clock.advance(minutes=11)
    assert not signed_in(client)


@pytest.mark.parametrize("how", ["lock", "disable"])
def test_a_running_session_and_its_stream_end_with_the_account(clerk: Account, clock: ModuleType, how: str) -> None:
    client = client_of(clerk, proof="password")
    key = client.cookies["anlan_session"].value
    assert door.actor_for_session(key) is not None
    verb = services.lock_account if how == "lock" else services.disable_account
    verb(clerk.id, actor=door.system("tests"), now=clock.now(), reason="离岗")
    assert door.actor_for_session(key) is None
    assert not signed_in(client)


def test_a_withdrawn_post_is_felt_at_the_next_request(clerk: Account, clock: ModuleType) -> None:
    client = client_of(clerk, proof="password")
    key = client.cookies["anlan_session"].value
    assert door.actor_for_session(key).may_somewhere("enterprises.view")  # type: ignore[union-attr]
    services.revoke_post(clerk.holdings.get().id, actor=door.system("tests"), now=clock.now(), reason="轮岗")
    assert not door.actor_for_session(key).may_somewhere("enterprises.view")  # type: ignore[union-attr]


def test_signing_out_ends_the_session_for_good(clerk: Account) -> None:
    client = Client()
    sign_in(client, "clerk")
    key = client.cookies["anlan_session"].value
    assert client.post(reverse("people:sign_out")).status_code == 302
    assert door.actor_for_session(key) is None
    client.cookies["anlan_session"] = key
    assert not signed_in(client)


def test_a_new_password_ends_the_other_sessions(clerk: Account) -> None:
    here, elsewhere = client_of(clerk, proof="password"), client_of(clerk, proof="password")
    here.post(reverse("people:change_password"), {"current": PASSWORD, "new": "Calm-Water-88", "again": "Calm-Water-88"})
    assert signed_in(here)
    assert not signed_in(elsewhere)


def test_one_ends_only_ones_own_sessions(clerk: Account) -> None:
    other = make_account("other", "bureau_clerk", "370103")
    client_of(other)
    theirs = SessionRecord.objects.get(account=other)
    client = client_of(clerk)
    assert client.post(reverse("people:end_own_session", args=[theirs.id])).status_code == 403
    theirs.refresh_from_db()
    assert theirs.ended_at is None


def test_with_several_posts_one_is_chosen_first_and_can_be_switched(clerk: Account) -> None:
    give_post(clerk, "duty_officer", "370103")
    client = Client()
    sign_in(client, "clerk")
    assert client.get("/").url == reverse("people:choose_post")
    posts = {post.kind: post for post in door.posts_of(clerk.id)}
    key = client.cookies["anlan_session"].value
    for kind, place in (("duty_officer", "370103"), ("bureau_clerk", "370102")):
        assert client.post(reverse("people:choose_post"), {"holding": posts[kind].holding_id}).status_code == 302
        assert door.actor_for_session(key).place_code == place  # type: ignore[union-attr]
    stranger = make_account("stranger", "approver", "370100")
    assert client.post(reverse("people:choose_post"), {"holding": stranger.holdings.get().id}).status_code == 404


def test_a_wall_stays_signed_in_for_weeks_and_can_only_look(clock: ModuleType) -> None:
    wall = make_account("hall.wall", "wallboard", "370100")
    client = client_of(wall, proof="password")
    key = client.cookies["anlan_session"].value
    actor = door.actor_for_session(key)
    assert actor is not None
    assert actor.may("alarms.view", place_code="370102")
    assert not actor.may_somewhere("alarms.acknowledge")
    assert not actor.may_somewhere("own.change_password")
    clock.advance(days=60)
    assert door.actor_for_session(key) is not None
    clock.advance(days=30)
    assert door.actor_for_session(key) is None


@pytest.fixture
def roles(clerk: Account) -> Any:
    door.register_demo_roles(lambda: [DemoRole("clerk", "业务人员", "Clerk", group_zh="县级", group_en="County")])
    yield
    door.register_demo_roles(None)


def test_the_demonstration_offers_its_roles_by_one_click(roles: None, settings: Any) -> None:
    settings.ANLAN = {**settings.ANLAN, "DEMO": True}
    client = Client()
    assert "业务人员" in client.get(reverse("people:sign_in")).content.decode()
    assert client.post(reverse("people:sign_in_demo"), {"username": "clerk"}).status_code == 302
    assert signed_in(client)


def test_outside_demo_mode_nobody_enters_by_one_click(roles: None, settings: Any) -> None:
    settings.ANLAN = {**settings.ANLAN, "DEMO": False}
    client = Client()
    assert "业务人员" not in client.get(reverse("people:sign_in")).content.decode()
    assert client.post(reverse("people:sign_in_demo"), {"username": "clerk"}).status_code == 403
    assert not signed_in(client)


def test_in_demo_mode_only_the_offered_accounts_enter(roles: None, settings: Any) -> None:
    settings.ANLAN = {**settings.ANLAN, "DEMO": True}
    make_account("not.offered", "system_admin", "370100")
    assert Client().post(reverse("people:sign_in_demo"), {"username": "not.offered"}).status_code == 403


def test_a_forged_or_stale_cookie_is_nobody(clerk: Account) -> None:
    client = Client()
    client.cookies["anlan_session"] = "f" * 32
    assert not signed_in(client)
    assert queries.standing("", clerk.created_at) is None


def test_forms_without_their_token_are_refused(clerk: Account) -> None:
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, "clerk").status_code == 403


def test_a_password_that_grows_old_in_mid_shift_is_asked_for_at_the_next_sign_in(clock: ModuleType) -> None:
    officer = make_account("night.watch", "duty_officer", "370102")
    clock.advance(days=89, hours=20)
    client = client_of(officer, proof="password")
    clock.advance(hours=10)
    assert signed_in(client)
    assert client_of(officer, proof="password").get(reverse("people:profile")).url == reverse("people:change_password")


@pytest.mark.parametrize("name", ["a\0b", "x" * 500, "', OR 1=1 --", "\u202eadmin", "用户"])
def test_odd_names_are_refused_like_any_other(name: str, clock: ModuleType) -> None:
    assert sign_in(Client(), name, "x\0y").status_code == 401


@pytest.mark.parametrize("holding", ["", "x", "\0", "00000000-0000-0000-0000-000000000000"])
def test_a_post_that_is_none_is_not_found(clerk: Account, holding: str) -> None:
    assert client_of(clerk).post(reverse("people:choose_post"), {"holding": holding}).status_code == 404


def test_the_sweep_ends_what_no_browser_asked_about_and_forgets_last_year(clerk: Account, clock: ModuleType) -> None:
    wall = make_account("hall.wall", "wallboard", "370100")
    client_of(clerk, proof="password")
    client_of(wall, proof="password")
    clock.advance(hours=1)
    assert services.sweep_sessions(clock.now()) == 1
    assert SessionRecord.objects.get(account=clerk).ended_why == "idle"
    assert SessionRecord.objects.get(account=wall).ended_at is None
    clock.advance(days=366)
    services.sweep_sessions(clock.now())
    assert not SessionRecord.objects.filter(account=clerk).exists()


def test_visitors_of_a_demonstration_do_not_put_each_other_out(clerk: Account) -> None:
    clients = [client_of(clerk) for _ in range(6)]
    assert all(signed_in(client) for client in clients)
