"""The pages of administration: what each administrator reaches, does, and is refused."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.accounts import client_for, client_of, make_account

from anlan.ground.people import door, services
from anlan.ground.people.models import Account, PostHolding
from anlan.ledger.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(clock: ModuleType) -> Account:
    return make_account("clerk", "bureau_clerk", "370102")


@pytest.fixture
def system_admin(clock: ModuleType) -> Client:
    return client_for("system_admin", "370100")


@pytest.fixture
def security_admin(clock: ModuleType) -> Client:
    return client_for("security_admin", "370100")


@pytest.fixture
def audit_admin(clock: ModuleType) -> Client:
    return client_for("audit_admin", "370100")


def page(client: Client, name: str, *args: object, **params: Any) -> Any:
    return client.get(reverse(name, args=args), params)


def test_each_administrator_reaches_his_pages_and_no_other(system_admin: Client, security_admin: Client, audit_admin: Client) -> None:
    pages = ("desk:accounts-list", "people:permissions", "people:policy", "people:audit")
    reached = {
        who: [page(client, name).status_code for name in pages]
        for who, client in (("system", system_admin), ("security", security_admin), ("audit", audit_admin))
    }
    assert reached == {"system": [200, 200, 200, 403], "security": [200, 200, 200, 403], "audit": [403, 403, 403, 200]}


@pytest.mark.parametrize("kind", ["duty_officer", "approver", "bureau_clerk", "wallboard", "node_operator", "enterprise_manager"])
def test_no_business_post_reaches_a_page_of_administration(kind: str, clock: ModuleType) -> None:
    client = client_for(kind, enterprise_id=door.system("x").account_id if kind.startswith("enterprise") else None)
    for name in ("desk:accounts-list", "people:permissions", "people:policy", "people:audit", "people:audit_export"):
        assert page(client, name).status_code == 403, name


def test_the_system_administrator_makes_an_account_by_form(system_admin: Client, jinan_places: None) -> None:
    form = {
        "username": "New.Clerk",
        "display_name": "新人",
        "account_class": "ordinary",
        "place_code": "370102",
        "title": "",
        "phone": "13812345678",
    }
    answer = system_admin.post(reverse("desk:accounts-create"), form)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert Account.objects.get(username="new.clerk").display_name == "新人"
    shown = page(system_admin, "desk:accounts-list").content.decode()
    assert "138****5678" in shown
    assert "13812345678" not in shown


def test_the_page_of_an_account_offers_each_administrator_his_own_verbs(
    clerk: Account, system_admin: Client, security_admin: Client
) -> None:
    system = page(system_admin, "desk:accounts-detail", clerk.id).content.decode()
    security = page(security_admin, "desk:accounts-detail", clerk.id).content.decode()
    for verb, in_system, in_security in (
        ("reset_password", True, False),
        ("disable", True, False),
        ("lock", False, True),
        ("assign_post", False, True),
    ):
        address = reverse(f"people:{verb}", args=[clerk.id])
        assert (address in system) is in_system, verb
        assert (address in security) is in_security, verb


def test_posts_are_granted_and_withdrawn_by_form(security_admin: Client, system_admin: Client, jinan_places: None) -> None:
    account = make_account("newcomer")
    form = {"kind": "inspector", "place_code": "370102", "valid_from": "", "valid_to": "2026-12-31"}
    assert system_admin.post(reverse("people:assign_post", args=[account.id]), form).status_code == 403
    assert security_admin.post(reverse("people:assign_post", args=[account.id]), form).status_code == 302
    holding = PostHolding.objects.get(account=account)
    assert f"{holding.valid_to:%Y-%m-%d %H:%M}" == "2026-12-31 16:00"  # the end of that day in the node's time zone
    revoke = reverse("people:revoke_post", args=[account.id, holding.id])
    assert security_admin.post(revoke, {"reason": ""}).status_code == 422
    assert security_admin.post(revoke, {"reason": "轮岗"}).status_code == 302
    assert door.posts_of(account.id) == ()


def test_a_post_that_does_not_exist_or_clashes_is_refused_in_words(security_admin: Client, clerk: Account, jinan_places: None) -> None:
    assign = reverse("people:assign_post", args=[clerk.id])
    assert security_admin.post(assign, {"kind": "emperor", "place_code": "370102"}).status_code == 422
    clash = security_admin.post(assign, {"kind": "audit_admin", "place_code": "370102"})
    assert clash.status_code == 409
    assert "必须由不同账号担任" in clash.content.decode()
    for nowhere in ("37", "370199", "abcdef"):
        assert security_admin.post(assign, {"kind": "inspector", "place_code": nowhere}).status_code == 422
    assert security_admin.post(assign, {"kind": "inspector", "place_code": "370102", "valid_from": "2026-02-31"}).status_code == 422
    assert security_admin.post(assign, {"kind": "enterprise_manager", "place_code": "370102", "enterprise": "x"}).status_code == 422


def test_lock_unlock_and_reset_work_by_form_with_a_reason(clerk: Account, security_admin: Client, system_admin: Client) -> None:
    def state() -> str:
        clerk.refresh_from_db()
        return clerk.state

    assert security_admin.post(reverse("people:lock", args=[clerk.id])).status_code == 422
    security_admin.post(reverse("people:lock", args=[clerk.id]), {"reason": "可疑"})
    assert state() == "locked"
    security_admin.post(reverse("people:unlock", args=[clerk.id]), {"reason": "核实"})
    assert state() == "active"
    system_admin.post(reverse("people:disable", args=[clerk.id]), {"reason": "调离"})
    assert state() == "disabled"
    system_admin.post(reverse("people:enable", args=[clerk.id]), {"reason": "调回"})
    assert state() == "active"
    answer = system_admin.post(reverse("people:reset_password", args=[clerk.id]), {"reason": "忘记"})
    clerk.refresh_from_db()
    assert clerk.check_password(answer.context["password"])
    assert "no-store" in answer["Cache-Control"]


def test_the_security_administrator_ends_a_session(clerk: Account, security_admin: Client) -> None:
    client = client_of(clerk)
    session = clerk.session_records.get()
    assert security_admin.post(reverse("people:end_session", args=[clerk.id, session.id])).status_code == 302
    assert page(client, "people:profile").status_code == 302


def test_an_account_elsewhere_is_not_there(clock: ModuleType, security_admin: Client) -> None:
    far = make_account("far.away", "bureau_clerk", "370202")
    assert page(security_admin, "desk:accounts-detail", far.id).status_code == 404
    assert security_admin.post(reverse("people:lock", args=[far.id]), {"reason": "x"}).status_code == 404
    assert "far.away" not in page(security_admin, "desk:accounts-list").content.decode()


def test_the_permissions_page_shows_every_room_and_marks_what_is_allowed(security_admin: Client) -> None:
    answer = page(security_admin, "people:permissions")
    rows = {row["action"]: row["marks"] for room in answer.context["rooms"] for row in room["rows"]}
    kinds = [kind.code for kind in answer.context["kinds"]]
    assert rows["bulletins.approve"][kinds.index("approver")]
    assert sum(rows["bulletins.approve"]) == 1
    assert sum(rows["people.grant"]) == 1


def test_the_policy_is_set_by_form_within_its_bounds(security_admin: Client, system_admin: Client) -> None:
    setting = {"code": "lock_after_failures", "value": "3"}
    assert system_admin.post(reverse("people:set_policy"), setting).status_code == 403
    assert security_admin.post(reverse("people:set_policy"), setting).status_code == 302
    assert security_admin.post(reverse("people:set_policy"), {**setting, "value": "99"}).status_code == 422
    assert security_admin.post(reverse("people:set_policy"), {**setting, "value": "many"}).status_code == 422


def test_the_audit_log_is_filtered_paged_verified_and_exported(audit_admin: Client, clerk: Account, clock: ModuleType) -> None:
    for number in range(60):
        services.create_account(f"many-{number}", f"账号{number}", "370103", actor=door.system("tests"), now=clock.now())
    first = page(audit_admin, "people:audit")
    assert len(first.context["rows"]) == 50
    older = audit_admin.get(f"{reverse('people:audit')}?{first.context['older']}")
    assert older.context["rows"][0]["entry"].sequence == first.context["rows"][-1]["entry"].sequence - 1
    found = page(audit_admin, "people:audit", action="people.create", subject=str(clerk.id))
    assert [row["entry"].subject_id for row in found.context["rows"]] == [str(clerk.id)]
    assert page(audit_admin, "people:audit", **{"from": "2026-11-23"}).context["rows"] == []
    verified = audit_admin.post(reverse("people:audit_verify"))
    assert verified.context["verdict"]["intact"]
    export = page(audit_admin, "people:audit_export", action="people.create")
    lines = b"".join(export.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + AuditEntry.objects.filter(action="people.create").count()
    assert {"audit.verify", "audit.export"} <= set(AuditEntry.objects.values_list("action", flat=True))


def test_a_changed_byte_is_shown_with_its_number(audit_admin: Client, clerk: Account) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_auditentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_auditentry SET actor_name = 'somebody else' WHERE sequence = 2")
        cursor.execute("ALTER TABLE ledger_auditentry ENABLE TRIGGER USER")
    answer = audit_admin.post(reverse("people:audit_verify"))
    assert not answer.context["verdict"]["intact"]
    assert answer.context["verdict"]["broken_at"] == 2


def test_a_county_auditor_reads_no_other_countys_log(clerk: Account, clock: ModuleType) -> None:
    make_account("neighbour", "bureau_clerk", "370103")
    auditor = client_for("audit_admin", "370102")
    shown = {row["entry"].place_code for row in page(auditor, "people:audit").context["rows"]}
    assert shown <= {"370102", ""}
    export = b"".join(page(auditor, "people:audit_export").streaming_content).decode()
    assert "370103" not in export


def test_telephone_numbers_and_formulas_do_not_leave_in_an_export(audit_admin: Client, clock: ModuleType) -> None:
    services.create_account("formula", "=HYPERLINK(1)", "370102", phone="13812345678", actor=door.system("=tests"), now=clock.now())
    text = b"".join(page(audit_admin, "people:audit_export").streaming_content).decode()
    assert "13812345678" not in text
    assert ",=tests" not in text
    assert ",'=tests" in text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", ["people:profile", "people:change_password", "people:factor", "people:choose_post", "people:sessions"])
def test_the_own_pages_render_in_both_languages(clerk: Account, name: str, language: str) -> None:
    client = client_of(clerk)
    client.cookies["anlan_language"] = language
    answer = page(client, name)
    assert answer.status_code == 200
    assert answer["Content-Language"] == language


def test_the_profile_keeps_language_and_masks_what_is_private(clerk: Account) -> None:
    client = client_of(clerk)
    client.post(reverse("people:profile"), {"language": "en", "theme": "dark", "phone": "13812345678", "email": ""})
    clerk.refresh_from_db()
    assert (clerk.language, clerk.theme, clerk.phone) == ("en", "dark", "13812345678")
    assert "138****5678" in page(client, "people:profile").content.decode()
    assert client.post(reverse("people:profile"), {"language": "xx", "theme": "dark"}).status_code == 422


@pytest.mark.parametrize(
    "params", [{"actor": "\0"}, {"before": "9" * 40}, {"before": "²"}, {"from": "2026-02-31"}, {"address": "%"}, {"subject": "'"}]
)
def test_odd_filters_of_the_audit_log_are_no_fault(audit_admin: Client, params: dict[str, str]) -> None:
    assert page(audit_admin, "people:audit", **params).status_code == 200
