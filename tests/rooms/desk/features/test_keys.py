"""An interface key opens what its post may look at, no more, and nothing once it, its post or its account is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.accounts import actor_of, client_of, make_account
from tests.rooms.desk.features.conftest import HERE, issue

from anlan.desk.braking import Brake
from anlan.ground.people import keyring, keyrules, rules, services
from anlan.ground.people.catalogue import all_actions
from anlan.ground.people.models import Account, InterfaceKey
from anlan.ground.people.refusals import KeyForBusinessOnly, KeyLifetime, KeyOver, KeyReadsOnly, KeyRefused
from anlan.kernel import clock as kernel_clock
from anlan.kernel.access import Classification
from anlan.kernel.errors import NotPermitted
from anlan.ledger.models import AuditEntry

WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=43)


@given(WORDS, WORDS)
def test_a_key_is_told_the_same_by_either_scheme(username: str, secret: str) -> None:
    import base64

    coded = base64.b64encode(f"{username}:{secret}".encode()).decode()
    assert keyrules.told(f"Bearer {keyrules.bearer(username, secret)}") == (username, secret)
    assert keyrules.told(f"basic  {coded}") == (username, secret)
    kept = keyrules.digest(username, secret)
    assert keyrules.matches(username, secret, kept)
    assert not keyrules.matches(username, secret + "x", kept)
    assert not keyrules.matches(username + "x", secret, kept)


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Bearer .y", "Basic !!", "Basic eA==", "Basic //8="])
def test_a_header_that_cannot_be_read_is_refused(header: str) -> None:
    with pytest.raises(KeyRefused):
        keyrules.told(header)
    assert keyrules.told("") is keyrules.told("Digest x=y") is None


@pytest.mark.parametrize("kind", sorted(rules.KINDS))
def test_no_kind_of_post_yields_a_key_that_changes_anything_or_reads_accounts_or_audit(kind: str) -> None:
    readable = keyrules.readable(rules.KINDS[kind], all_actions())
    assert all(action.endswith(".view") and rules.KINDS[kind].allows(action) for action in readable)
    assert not [action for action in readable if action.startswith(("people.", "audit.", "own."))]


@pytest.mark.django_db
def test_a_key_reads_by_either_scheme_only_what_it_names(key) -> None:
    ogc = "/ogc/collections"
    for headers in (key.basic, key.bearer):
        told = Client().get(ogc, headers=headers)
        assert told.status_code == 200
        codes = {each["id"] for each in told.json()["collections"]}
        assert {"enterprises", "devices", "alarms"} <= codes
        assert "incidents" not in codes
    assert Client().get("/api/v1/enterprises", headers=key.bearer).status_code == 200
    assert Client().get("/api/v1/incidents", headers=key.bearer).status_code == 403
    assert Client().get("/enterprises/", headers=key.bearer).status_code == 302
    # It only reads: also where the post may write.
    assert Client().post("/api/v1/enterprises", "{}", content_type="application/json", headers=key.bearer).status_code == 403
    kept = InterfaceKey.objects.get(pk=key.key.pk)
    assert kept.last_used_at == kernel_clock.now()
    assert kept.last_address == "127.0.0.1"
    assert key.secret not in repr(kept.__dict__)
    entry = AuditEntry.objects.filter(action="people.issue_key").last()
    assert entry is not None
    assert key.secret not in str(entry.content)


@pytest.mark.django_db
def test_a_wrong_secret_and_an_unknown_name_are_told_alike_and_braked(key) -> None:
    for told in (f"Bearer {key.key.username}.wrong", "Bearer knobody.wrong"):
        answer = Client().get("/ogc/", headers={"Authorization": told})
        assert answer.status_code == 401
        assert answer.json()["code"] == "interface_key_refused"
        assert answer["WWW-Authenticate"].startswith("Bearer")
    codes = [Client().get("/ogc/", headers={"Authorization": f"Bearer {key.key.username}.wrong"}).status_code for _ in range(12)]
    assert codes[-1] == 429
    assert codes.count(401) == keyring.GUESSES_A_MINUTE - 1


@pytest.mark.django_db
def test_a_key_is_over_when_it_expires_is_revoked_or_its_holder_is_gone(key, clock) -> None:
    def code() -> str:
        answer = Client().get("/ogc/", headers=key.bearer)
        return "" if answer.status_code == 200 else f"{answer.status_code} {answer.json()['code']}"

    assert code() == ""
    start = kernel_clock.now()
    with kernel_clock.moved_to(start + timedelta(days=31)):
        assert code() == "401 interface_key_over"
    services.lock_account(key.account.id, actor=key.security, now=start, reason="离岗")
    assert code() == "401 interface_key_over"
    services.unlock_account(key.account.id, actor=key.security, now=start, reason="返岗")
    assert code() == ""
    services.revoke_post(key.holding.id, actor=key.security, now=start, reason="调岗")
    assert code() == "401 interface_key_over"
    other = issue(name="another-system")
    services.revoke_key(other.key.pk, reason="系统下线", actor=other.security, now=start)
    assert Client().get("/ogc/", headers=other.bearer).json()["description"].count("已被吊销") == 1
    with pytest.raises(KeyOver):
        services.revoke_key(other.key.pk, reason="再次", actor=other.security, now=start)


@pytest.mark.django_db
def test_a_key_that_asks_too_fast_is_told_to_wait(key, monkeypatch) -> None:
    monkeypatch.setattr(keyring, "requests", Brake(1, 2))
    monkeypatch.setattr(keyring.requests, "set_pace", lambda *_: None)
    codes = [Client().get("/ogc/conformance", headers=key.basic).status_code for _ in range(3)]
    assert codes == [200, 200, 429]


@pytest.mark.django_db
def test_what_a_key_may_not_be_is_refused(key, clock) -> None:
    now = kernel_clock.now()

    def tried(actor=key.security, holding=key.holding, actions=("devices.view",), days=30):
        return services.issue_key(holding.id, label="x", actions=actions, expires_at=now + timedelta(days=days), actor=actor, now=now)

    for actions in (("alarms.acknowledge",), ("people.view",), ("audit.view",), ("devices.view", "video.manage"), ()):
        with pytest.raises(KeyReadsOnly):
            tried(actions=actions)
    for days in (0, -1, 366):
        with pytest.raises(KeyLifetime):
            tried(days=days)
    with pytest.raises(NotPermitted):
        tried(actor=actor_of(key.account))
    with pytest.raises(NotPermitted):
        tried(actor=actor_of(make_account("far-security", "security_admin", "370103")))
    services.lock_account(key.account.id, actor=key.security, now=now, reason="离岗")
    with pytest.raises(KeyForBusinessOnly):
        tried()


@pytest.mark.django_db
def test_a_key_reads_up_to_its_class_of_information_and_never_above_its_post(key, clock) -> None:
    assert {grant.classification for grant in services.key_actor(key.key, kernel_clock.now()).grants} == {Classification.INTERNAL}
    higher = issue(name="trusted-system", information=2)
    assert {grant.classification for grant in services.key_actor(higher.key, kernel_clock.now()).grants} == {Classification.SENSITIVE}
    clerk = issue(name="clerk-system", kind="bureau_clerk", actions=("devices.view",), information=2)
    assert {grant.classification for grant in services.key_actor(clerk.key, kernel_clock.now()).grants} == {Classification.INTERNAL}


@pytest.mark.django_db
def test_the_page_issues_shows_the_secret_once_and_revokes(key, clock) -> None:
    browser = client_of(Account.objects.get(pk=key.security.account_id))
    page = browser.get("/interface-keys/?username=OTHER-SYSTEM").content.decode()
    assert key.key.username in page
    assert 'value="devices.view"' in page
    assert 'value="alarms.acknowledge"' not in page
    sent = {"holding": str(key.holding.id), "label": "指挥大屏", "expires_on": "2027-01-31", "actions": ["devices.view", "alarms.view"]}
    shown = browser.post("/interface-keys/issue/", sent).content.decode()
    made = InterfaceKey.objects.get(label="指挥大屏")
    assert f"Bearer {made.username}." in shown
    assert made.expires_at.isoformat() == "2027-01-31T16:00:00+00:00"
    assert f"{made.username}." not in browser.get("/interface-keys/").content.decode()
    assert browser.post("/interface-keys/issue/", {**sent, "expires_on": "x"}).status_code == 422
    browser.post(f"/interface-keys/{made.pk}/revoke/", {"reason": "不再使用"})
    made.refresh_from_db()
    assert made.revoked_why == "不再使用"
    assert client_of(make_account("far", "security_admin", "370103")).get("/interface-keys/").content.decode().count(HERE) == 0
