"""What an enterprise's own system sends: once is enough, twice does no harm, and nothing passes that a key may not do."""

from __future__ import annotations

import json
import re
import shlex
import threading
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.accounts import actor_of, client_of
from tests.rooms.desk.sending.conftest import Plant, System, system, told
from tests.rooms.prevent.holdings.works import Works

from anlan.desk.sending import all_sendables, taking
from anlan.ground.enterprises.models import Certificate, Enterprise, EnterpriseContact, Site
from anlan.ground.people import rules, services
from anlan.ground.people.catalogue import sendable_actions
from anlan.ground.people.models import InterfaceKey
from anlan.ground.people.refusals import KeySendsListedOnly
from anlan.kernel import clock as kernel_clock
from anlan.kernel.access import Actor
from anlan.ledger.models import AuditEntry, ExternalReference
from anlan.prevent.hazardsources.models import InventoryVersion

DOCS = Path(__file__).resolve().parents[4] / "docs" / "enterprise-interface.md"
CONTACT = {"role": "emergency", "name": "周敏", "phone": "13805310001"}
DECIDES = re.compile(
    r"approve|verify|close|cancel|sign|accept|review|grant|publish|supervise|confirm|withdraw|delete|merge|register_enterprise"
)


def test_nothing_that_decides_can_ever_be_sent() -> None:
    assert not [action for action in sendable_actions() if DECIDES.search(action.partition(".")[2])]
    assert not [
        action for action in sendable_actions() if action.split(".")[0] in {"people", "audit", "own", "permits", "commitments", "bulletins"}
    ]
    for sendable in all_sendables():
        assert not sendable.write or sendable.write in sendable_actions(), sendable.code
        assert bool(sendable.write) == (sendable.put is not None) == (sendable.body is not None)
    for kind in rules.KINDS.values():
        from anlan.ground.people import keyrules

        assert kind.of_enterprise or keyrules.sendable(kind, sendable_actions()) == ()


@pytest.mark.django_db
def test_the_same_content_again_changes_nothing_and_other_content_changes_once(erp: System) -> None:
    first = erp.put("/contacts/HR-1", CONTACT)
    assert (first.status_code, first.json()["result"]) == (201, "created")
    assert AuditEntry.objects.latest("sequence").actor_name.endswith(f"（{erp.issued.key.username}）")
    assert AuditEntry.objects.latest("sequence").actor_id == erp.account.id
    before = told()
    again = erp.put("/contacts/HR-1", dict(reversed(CONTACT.items())))
    assert (again.status_code, again.json()["result"], told()) == (200, "same", before)
    other = erp.put("/contacts/HR-1", {**CONTACT, "phone": "13805310002"})
    assert (other.status_code, other.json()["result"]) == (200, "changed")
    assert told() == (before[0] + 1, before[1] + 1)
    assert EnterpriseContact.objects.get().phone == "13805310002"
    # What a person corrected stays until the system has something new.
    EnterpriseContact.objects.update(phone="13805310003")
    assert erp.put("/contacts/HR-1", {**CONTACT, "phone": "13805310002"}).json()["result"] == "same"
    assert EnterpriseContact.objects.get().phone == "13805310003"
    # It says what is there already: nothing to change, nothing to audit.
    before = told()
    assert erp.put("/contacts/HR-1", {**CONTACT, "phone": "13805310003"}).json()["result"] == "same"
    assert told() == before
    assert erp.get("/contacts/HR-1").json()["record"]["phone"] == "138****0003"
    assert erp.get("/contacts/HR-2").status_code == 404


@pytest.mark.django_db
def test_what_is_there_already_gets_the_number_and_a_second_number_is_refused(erp: System, plant: Plant) -> None:
    site = Site.objects.create(enterprise=plant.own, name="东厂区", place_code=plant.own.place_code)
    sent = erp.put("/sites/E", {"name": "东厂区", "address": "工业路 8 号"})
    assert (sent.status_code, sent.json()["id"]) == (200, str(site.pk))
    twice = erp.put("/sites/EAST", {"name": "东厂区", "address": "工业路 9 号"})
    assert (twice.status_code, twice.json()["code"]) == (409, "numbered_already")
    assert "E" in twice.json()["message"]
    # Another system of the enterprise counts by itself.
    Site.objects.create(enterprise=plant.own, name="西厂区", place_code=plant.own.place_code)
    lims = system("lims", plant.own)
    assert lims.put("/sites/E", {"name": "西厂区"}).json()["result"] == "same"
    assert lims.get("/sites/E").json()["id"] != erp.get("/sites/E").json()["id"]
    renewed = services.issue_key(
        services_holding(erp), label="换发", actions=("enterprises.view",), writes=("enterprises.change",),
        expires_at=kernel_clock.now() + timedelta(days=9), actor=erp.security, now=kernel_clock.now(),
    )  # fmt: skip
    assert (
        System(erp.account, renewed, erp.security).put("/sites/E", {"name": "东厂区", "address": "工业路 8 号"}).json()["result"] == "same"
    )


def services_holding(of: System) -> Any:
    from anlan.ground.people import queries

    return queries.holdings_of(of.account.id, kernel_clock.now())[0].id


@pytest.mark.django_db
def test_an_older_revision_changes_nothing_and_one_used_twice_is_refused(erp: System) -> None:
    assert erp.put("/contacts/1", {**CONTACT, "revision": 5}).status_code == 201
    late = erp.put("/contacts/1", {**CONTACT, "phone": "13805319999", "revision": 4})
    assert (late.status_code, late.json()["result"]) == (200, "superseded")
    assert EnterpriseContact.objects.get().phone == CONTACT["phone"]
    clash = erp.put("/contacts/1", {**CONTACT, "phone": "13805319999", "revision": 5})
    assert (clash.status_code, clash.json()["code"]) == (409, "revision_reused")
    assert erp.put("/contacts/1", {**CONTACT, "revision": 6}).json()["result"] == "same"
    assert ExternalReference.objects.get().revision == 6


@pytest.mark.django_db
def test_bad_input_is_refused_by_field_in_the_language_asked_for_and_leaves_nothing(erp: System) -> None:
    wrong = erp.put("/contacts/1", {"role": "emergency", "name": "周敏", "phone": "12", "fax": "1"})
    assert (wrong.status_code, wrong.json()["fields"]["fax"]) == (422, "没有这个字段，请对照接口说明核对名称。")
    assert (
        "no such field" in erp.put("/contacts/1", {**CONTACT, "fax": "1"}, **{"Accept-Language": "en-GB,zh;q=0.5"}).json()["fields"]["fax"]
    )
    assert set(erp.put("/contacts/1", {"role": "x"}).json()["fields"]) == {"name", "phone"}
    assert erp.put("/contacts/1", {**CONTACT, "phone": "12"}).json()["fields"].keys() == {"phone"}
    for body in ("", "[]", "{", '{"name": NaN}', b"\xff", '{"name": "a\\u0000b"}', '{"name": "\\ud800"}', "[" * 100_000):
        assert erp.put("/contacts/1", body).status_code == 422, body[:20]
    for number in ("x" * 121, "batch", "%20x", "a%00", "a%0Ab"):
        assert erp.put(f"/contacts/{number}", CONTACT).status_code in {404, 405, 422}, number
    owned = erp.put("/enterprise", {"name": "改名有限公司", "staff_count": 5})
    assert (owned.status_code, list(owned.json()["fields"])) == (422, ["name"])
    for asked in ("updated_since=yesterday", "after=x", "limit=0", "limit=501", "limit=²", "after=2026-01-01~x"):
        assert erp.get(f"/contacts?{asked}").json()["code"] == "cursor_wrong", asked
    assert not EnterpriseContact.objects.exists()
    assert not ExternalReference.objects.exists()


@pytest.mark.django_db
def test_a_batch_answers_for_each_and_a_bad_one_takes_no_good_one_with_it(erp: System, plant: Plant) -> None:
    good = {"kind": "特种作业操作证", "person_name": "李平", "valid_until": "2030-05-11"}
    items: list[Any] = [{"external_id": f"C-{n}", "content": {**good, "number": f"T{n}"}} for n in range(3)]
    items[1:1] = [
        {"external_id": "bad", "content": {**good, "number": "T9", "valid_until": "1999-01-01", "issued_on": "2020-01-01"}},
        7,
        {"external_id": 3},
    ]
    items += [items[0], {"external_id": "batch", "content": good}]
    answer = erp.ask("POST", "/certificates/batch", {"items": items})
    told_of = answer.json()
    assert answer.status_code == 200
    assert told_of["counts"] == {"created": 3, "changed": 0, "same": 1, "superseded": 0, "refused": 4}
    assert [each["status"] for each in told_of["items"]] == [201, 422, 422, 422, 201, 201, 200, 422]
    assert told_of["items"][1]["fields"].keys() == {"valid_until"}
    assert Certificate.objects.filter(enterprise_id=plant.own.id).count() == 3
    # A nightly repetition asks little of the node, however long it is.
    with CaptureQueriesContext(connection) as asked:
        again = erp.ask("POST", "/certificates/batch", {"items": [each for each in items if isinstance(each, dict)][:4]}).json()
    assert (again["counts"]["same"], again["counts"]["refused"]) == (2, 2)
    assert sum("pg_advisory" in each["sql"] for each in asked) <= 1
    for items_wrong in ([], [{}] * 501, {}, None):
        assert erp.ask("POST", "/certificates/batch", {"items": items_wrong}).json()["code"] == "batch_unreadable"
    # Pages of what changed, each once, with the numbers given.
    seen, after = [], ""
    while True:
        page = erp.get(f"/certificates?limit=2&updated_since=2020-01-01&after={after.replace('+', '%2B')}").json()
        seen += [each["external_id"] for each in page["items"]]
        if not (after := page["next"]):
            break
    assert sorted(seen) == ["C-0", "C-1", "C-2"]
    assert erp.get("/certificates?updated_since=2099-01-01").json() == {"items": [], "next": None}


@pytest.mark.django_db
def test_every_wall_stands(erp: System, plant: Plant) -> None:
    erp.put("/contacts/1", CONTACT)
    theirs = system("theirs", plant.other)
    # An id of another enterprise is as if it were not there, by number and by list.
    assert theirs.get("/contacts/1").status_code == 404
    assert theirs.get("/contacts").json()["items"] == []
    assert theirs.put("/contacts/1", CONTACT).status_code == 201
    assert EnterpriseContact.objects.filter(enterprise_id=plant.own.id).count() == 1
    # A key that only reads, and one that may send something else.
    reader = system("reader", plant.own, writes=())
    assert reader.get("/contacts").status_code == 200
    assert reader.put("/contacts/1", CONTACT).json()["code"] == "interface_key_only_reads"
    counter = system("counter", plant.own, writes=("holdings.record",))
    assert counter.put("/contacts/1", CONTACT).json()["code"] == "not_permitted"
    assert counter.ask("POST", "/contacts/batch", {"items": [{"external_id": "1", "content": CONTACT}]}).json()["counts"]["refused"] == 1
    # What a key may send it sends here and nowhere else.
    patched = Client().patch(f"/api/v1/enterprises/{plant.own.id}", "{}", content_type="application/json", headers=erp.header)
    assert patched.json()["code"] == "interface_key_only_reads"
    assert Client().get("/dangers/report/", headers=erp.header).status_code == 302
    # Nobody, a bureau, a session without the form token; a session beside a key is ignored.
    assert Client().put("/api/v1/own/contacts/1", "{}").status_code == 401
    bureau, person = client_of(plant.account("inspector")), plant.account("enterprise_manager")
    assert bureau.get("/api/v1/own").json()["code"] == "own_of_enterprise_only"
    manager = Client(enforce_csrf_checks=True)
    manager.cookies = client_of(person).cookies
    assert (
        manager.put("/api/v1/own/contacts/1", json.dumps(CONTACT), content_type="application/json").json()["code"] == "form_token_missing"
    )
    beside = Client(enforce_csrf_checks=True)
    beside.cookies = bureau.cookies
    assert erp.ask("PUT", "/contacts/1", {**CONTACT, "name": "周明"}, beside).status_code == 200
    assert AuditEntry.objects.latest("sequence").actor_id == erp.account.id
    bad = {"Authorization": f"Bearer {erp.issued.key.username}.wrong"}
    manager_asks = client_of(person).get("/api/v1/own", headers=bad)
    assert manager_asks.json()["code"] == "interface_key_refused"
    # Over: expired, revoked.
    with kernel_clock.moved_to(kernel_clock.now() + timedelta(days=31)):
        assert erp.put("/contacts/1", CONTACT).json()["code"] == "interface_key_over"
    services.revoke_key(erp.issued.key.pk, reason="停用", actor=erp.security, now=kernel_clock.now())
    assert erp.put("/contacts/1", CONTACT).status_code == 401
    assert EnterpriseContact.objects.get(enterprise_id=plant.own.id).name == "周明"


@pytest.mark.django_db
def test_what_a_key_may_write_is_chosen_apart_and_no_more_than_the_post_may(erp: System, plant: Plant) -> None:
    now, officer = kernel_clock.now(), plant.account("inspector")
    page = client_of(account_of(erp)).get("/interface-keys/?username=erp").content.decode()
    assert 'name="writes" value="dangers.report"' in page
    assert 'name="writes" value="dangers.verify"' not in page
    assert "任何凭证都不能审批" in page
    assert 'name="writes"' not in client_of(account_of(erp)).get("/interface-keys/?username=person-inspector").content.decode()

    def tried(holding: Any, *writes: str) -> InterfaceKey:
        return services.issue_key(
            holding, label="x", actions=(), writes=writes, expires_at=now + timedelta(days=1), actor=erp.security, now=now
        ).key

    for action in ("dangers.verify", "dangers.close", "permits.approve", "people.grant", "evidence.view"):
        with pytest.raises(KeySendsListedOnly):
            tried(services_holding(erp), action)
    bureau = System(officer, None, None)
    with pytest.raises(KeySendsListedOnly):
        tried(services_holding(bureau), "dangers.report")
    kept = tried(services_holding(erp), "dangers.report")
    assert (kept.writes, kept.actions) == (["dangers.report"], ["dangers.view"])
    # What leaves the list is granted no more.
    InterfaceKey.objects.filter(pk=kept.pk).update(writes=["dangers.report", "dangers.close"])
    actor = services.key_actor(InterfaceKey.objects.get(pk=kept.pk), now)
    assert actor.may("dangers.report", enterprise_id=plant.own.id)
    assert not actor.may("dangers.report", enterprise_id=plant.other.id)
    assert not actor.may_somewhere("dangers.close")


def account_of(of: System) -> Any:
    from anlan.ground.people.models import Account

    return Account.objects.get(pk=of.security.account_id)


NAMES = st.sampled_from(("周敏", "李平", "孙悦", "赵稳"))
PHONES = st.sampled_from(("13805310001", "13805310002", "13805310003"))
CONTENTS = st.lists(st.fixed_dictionaries({"role": st.just("emergency"), "name": NAMES, "phone": PHONES}), min_size=1, max_size=3)


@pytest.mark.django_db
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(CONTENTS, min_size=1, max_size=3), st.data())
def test_repeated_and_reordered_sendings_leave_what_each_once_would(
    erp: System, plant: Plant, histories: list[Any], data: st.DataObject
) -> None:
    """Each number has a history of revisions; they come in any order, any number of times."""
    # The number is in the name, so that no two numbers mean one person.
    sent = [
        (f"N{n}", {**content, "name": f"{content['name']}{n}", "revision": r})
        for n, history in enumerate(histories)
        for r, content in enumerate(history)
    ]
    times = data.draw(st.lists(st.integers(1, 3), min_size=len(sent), max_size=len(sent)))
    mixed = data.draw(st.permutations([each for each, many in zip(sent, times, strict=True) for _ in range(many)]))
    actor = actor_of(erp.account)
    assert kept(plant, actor, sent) == kept(plant, actor, mixed, again=True)


def kept(plant: Plant, actor: Actor, sent: list[Any], *, again: bool = False) -> list[Any]:
    """What stands after a sequence, taken back afterwards. ``again``: sending all of it once more must change nothing."""
    sendable = next(each for each in all_sendables() if each.code == "contacts")
    now = kernel_clock.now()
    with transaction.atomic():
        for number, content in sent:
            taking.take(sendable, number, content, actor=actor, now=now)
        if again:
            before = told()
            results = {taking.take(sendable, number, content, actor=actor, now=now).result for number, content in sent}
            assert results <= {taking.SAME, taking.SUPERSEDED}
            assert told() == before
        numbers = dict(ExternalReference.objects.values_list("record_id", "external_id"))
        rows = EnterpriseContact.objects.filter(enterprise_id=plant.own.id)
        found = sorted((numbers[row.pk], row.role, row.name, row.phone, row.is_current) for row in rows)
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one(clock) -> None:
    enterprise = Enterprise.objects.create(uscc="91370102MA00000A0X", name="示范化工有限公司", place_code="370102")
    erp, gate, codes = system("erp", enterprise), threading.Barrier(2), []

    def send() -> None:
        gate.wait()
        try:
            codes.append(erp.put("/contacts/1", CONTACT).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(codes) == [200, 201]
    assert EnterpriseContact.objects.count() == ExternalReference.objects.count() == 1


@pytest.mark.django_db
def test_an_inventory_is_replaced_whole_by_the_code_of_its_unit(erp: System) -> None:
    line = {"substance": "氯", "cas": "7782-50-5", "quantity": 10, "unit": "t"}
    assert set(erp.put("/hazard-inventories/U-1", {"lines": [line]}).json()["fields"]) == {"name", "kind"}
    whole = {"name": "液氯储存单元", "kind": "storage", "lines": [line]}
    assert erp.put("/hazard-inventories/U-1", whole).status_code == 201
    assert erp.put("/hazard-inventories/U-1", {**whole, "note": "夜间重发"}).json()["result"] == "same"
    assert erp.put("/hazard-inventories/U-1", {"lines": [{**line, "quantity": "12"}]}).json()["result"] == "changed"
    assert [each.lines[0]["quantity"] for each in InventoryVersion.objects.order_by("number")] == ["10", "12"]
    assert erp.get("/hazard-inventories/U-1").json()["record"]["lines"][0]["quantity"] == "12"
    assert erp.get("/hazard-inventories").json()["items"][0]["external_id"] == "U-1"


# --- the manual ------------------------------------------------------------------------------------------------------------------

COMMAND = re.compile(r"^curl (.*?)\n# (\d{3})", re.DOTALL | re.MULTILINE)


@pytest.mark.django_db
def test_the_examples_of_the_manual_do_what_it_says(jinan_places: None, clock: ModuleType) -> None:
    works = Works(clock)
    erp = system("erp", works.own)
    blocks = re.findall(r"```sh\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    ran = [(words, int(status)) for block in blocks for words, status in COMMAND.findall(block)]
    assert len(ran) >= 11
    for words, status in ran:
        parts = shlex.split(words.replace("\\\n", " "))
        method = parts[parts.index("-X") + 1] if "-X" in parts else "GET"
        body = parts[parts.index("--data") + 1] if "--data" in parts else ""
        (address,) = [part.removeprefix("$NODE/api/v1/own") for part in parts if part.startswith("$NODE")]
        answer = erp.ask(method, address, body)
        assert answer.status_code == status, (words, answer.content.decode())
    assert works.tonnes() > 0
    overview = erp.get("").json()
    assert (overview["enterprise_id"], overview["source"]) == (str(works.own.id), "erp")
    assert {each["code"] for each in overview["things"] if each["may_send"]} == {each.code for each in all_sendables() if each.write}
    described = client_of(works.accounts["manager"]).get("/api/v1/openapi.json").json()["paths"]
    put = described["/api/v1/own/dangers/{external_id}"]["put"]["requestBody"]["content"]["application/json"]["schema"]
    assert {"title", "pictures_after"} <= put["properties"].keys()
    assert "$ref" not in json.dumps(put)
    assert "/api/v1/own/certificates/batch" in described
    assert django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE >= 40 * 1024 * 1024
