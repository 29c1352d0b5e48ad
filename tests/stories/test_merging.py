"""One enterprise that came into the file twice: found, proposed, confirmed by another, and everything of it in one place afterwards."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from tests.accounts import actor_of, client_of, give_post, make_account
from tests.rooms.ground.plants import NOW, make, officer, values  # noqa: F401
from tests.rooms.prevent.dangers.works import Picture
from tests.stories import walls

from anlan.desk import todo
from anlan.ground.enterprises import belongings, door, matching, mergerules, merging, rules, services
from anlan.ground.enterprises.models import DuplicateCandidate, Enterprise, EnterpriseContact, MergedRows, Merging, Site
from anlan.ground.evidence import door as evidence
from anlan.ground.people.models import PostHolding
from anlan.kernel import clock
from anlan.kernel.access import system_actor
from anlan.kernel.errors import Invalid, NotFound
from anlan.kernel.flow import FourEyes, WrongState
from anlan.ledger.events import deliver_pending
from anlan.ledger.models import AuditEntry, Clock
from anlan.prevent.dangers import services as dangers
from anlan.prevent.dangers.models import Danger
from anlan.prevent.permits.models import Commitment, Permit
from anlan.sense.completeness.models import CompletenessDay
from anlan.sense.criteria import publishing
from anlan.sense.devices import door as devices
from anlan.sense.devices.models import Device

pytestmark = pytest.mark.django_db
LOADER = system_actor("tests")
PLACE = {"place_code": "370102", "longitude": "117.0765", "latitude": "36.6665"}


def twins(make):  # noqa: F811
    """The enterprise as its bureau registered it, and as somebody's spreadsheet brought it: one character of the code mistyped."""
    true = make(1, name="济南示范氯碱有限公司", legal_representative="王安", registered_address="工业南路1号", uscc=_code("163070011"))
    typed = make(2, name="济南示范氯碱（有限公司）", legal_representative="王安", uscc=_code("163070911"), staff_count="260")
    return true, typed


def _code(body: str) -> str:
    return rules.complete_credit_code(f"91370102{body}")


def filled(enterprise: Enterprise) -> dict[str, object]:
    """A danger, a permit, a device and a file that belong to it."""
    now = clock.now()
    inspector = actor_of(make_account("finder", "inspector"))
    danger = dangers.report(
        enterprise_id=enterprise.pk, title="储罐区紧急停车系统未投用", location="3#储罐", source="inspection", found_at=now,
        actor=inspector, now=now,
    )  # fmt: skip
    device = devices.register_device(
        enterprise.pk, {"code": "D1", "name": "罐区控制系统", "device_class": "control_system"}, actor=LOADER, now=now
    )
    side = walls.Side("370102", "原")
    side.made[Enterprise] = enterprise
    permit = walls._made(side, Permit, "title")
    exhibit = evidence.attach(enterprise, Picture(), actor=officer("370102"), now=now)
    return {"danger": danger, "device": device, "permit": permit, "exhibit": exhibit}


def test_a_duplicate_is_found_proposed_confirmed_by_another_and_leads_to_the_survivor(make, monkeypatch):  # noqa: F811
    published = []
    monkeypatch.setattr(publishing, "publish", published.append)
    true, typed = twins(make)
    held = filled(typed)
    deliver_pending()
    candidate = DuplicateCandidate.objects.get()
    assert {true.pk, typed.pk} == {candidate.first_id, candidate.second_id}
    assert {"code_typing_error", "name_same", "person"} <= {reason["code"] for reason in candidate.reasons}

    clerk, colleague, neighbour = (make_account(name, "bureau_clerk", place) for name, place in (
        ("clerk-one", "370102"), ("clerk-two", "370102"), ("clerk-far", "370103"),
    ))  # fmt: skip
    browser, second, far = map(client_of, (clerk, colleague, neighbour))
    assert typed.name in browser.get(reverse("desk:duplicates-list")).content.decode()
    assert candidate.title not in far.get(reverse("desk:duplicates-list")).content.decode()
    assert far.get(reverse("enterprises:duplicate", args=[candidate.pk])).status_code == 404
    # More belongs to the mistyped one; the clerk turns the pair round.
    opened = browser.get(reverse("enterprises:duplicate", args=[candidate.pk]))
    assert f"keep={typed.pk}" in opened["Location"]
    page = browser.get(reverse("enterprises:compare"), {"keep": true.uscc, "drop": typed.uscc}).content.decode()
    assert "法定代表人相同：王安" in page
    assert 'name="take_staff_count" value="loser" checked' in page
    asked = {"keep": true.pk, "drop": typed.pk, "keep_version": true.version, "drop_version": typed.version, "take_staff_count": "loser"}
    assert browser.post(reverse("enterprises:compare"), asked).status_code == 422
    answer = browser.post(reverse("enterprises:compare"), asked | {"reason": "导入时代码录错一位"})
    row = Merging.objects.get()
    assert answer["Location"] == reverse("enterprises:merge", args=[row.pk])
    # Nobody proposes twice, nor confirms his own; who may confirm is told and has it among his things to do.
    again = browser.post(reverse("enterprises:compare"), asked | {"reason": "再来一次"})
    assert again.status_code == 422
    assert "待确认的合并" in again.content.decode()
    act = {code: reverse("enterprises:merge_act", args=[row.pk, code]) for code in ("confirm", "return", "withdraw")}
    assert browser.post(act["confirm"]).status_code == 403
    assert far.post(act["confirm"]).status_code == 404
    now = clock.now()
    assert row.pk in {item.subject for item in todo.items(actor_of(colleague), now)}
    assert row.pk not in {item.subject for item in todo.items(actor_of(clerk), now)}
    # Somebody corrects a file meanwhile: what was looked at is no longer what would be merged.
    services.change_enterprise(typed.pk, actor=LOADER, now=now, staff_count="261")
    assert "退回后重新核对" in second.post(act["confirm"]).content.decode()
    assert second.post(act["return"], {"reason": ""}).status_code == 422
    assert second.post(act["return"], {"reason": "人数改过，请再核对"}).status_code == 302
    typed.refresh_from_db()
    row = merging.propose(true.pk, typed.pk, taken=["staff_count"], reason="导入时代码录错一位", actor=actor_of(clerk), now=now)
    confirm = reverse("enterprises:merge_act", args=[row.pk, "confirm"])
    assert second.get(reverse("enterprises:merge", args=[row.pk])).status_code == 200
    assert second.post(confirm).status_code == 302
    published.clear()
    deliver_pending()
    assert published, "the rules of detection are published for their new owner"
    with pytest.raises(WrongState):
        merging.decide(row.pk, "confirm", actor=actor_of(colleague), now=now)

    true.refresh_from_db()
    assert true.staff_count == 261
    assert [entry["uscc"] for entry in true.former_codes] == [typed.uscc]
    for kind, model in (("danger", Danger), ("device", Device), ("permit", Permit)):
        assert model.objects.get(pk=getattr(held[kind], "pk", None) or held[kind].id).enterprise_id == true.pk, kind
    assert evidence.list_for("enterprises.enterprise", true.pk, officer("370102"))[0].id == held["exhibit"].id
    assert set(Clock.objects.values_list("enterprise_id", flat=True)) == {true.pk}
    assert not DuplicateCandidate.objects.filter(state=mergerules.OPEN).exists()

    # Old addresses, codes and searches lead to the survivor; the closed file is in no list and takes nothing.
    led = second.get(reverse("enterprises:file", args=[typed.pk]))
    assert led["Location"] == f"{reverse('enterprises:file', args=[true.pk])}?merged={typed.pk}"
    page = second.get(led["Location"]).content.decode()
    assert typed.uscc in page
    assert "导入时代码录错一位" in page
    assert reverse("enterprises:merge", args=[row.pk]) in page
    assert second.get(reverse("enterprises:merge", args=[row.pk])).status_code == 200
    assert Enterprise.objects.filter(pk=typed.pk).exists() is False
    assert [found.id for found in door.search(typed.uscc, None)] == [true.pk]
    assert door.by_uscc(typed.uscc).id == true.pk
    assert door.names([typed.pk]) == {typed.pk: typed.name}
    answer = second.get(f"/api/v1/enterprises/{typed.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "enterprise_merged")
    assert true.uscc in answer.json()["message"]
    with pytest.raises(rules.EnterpriseMerged):
        services.add_contact(typed.pk, actor=LOADER, now=now, role="principal", name="王安", phone="13800138000")
    with pytest.raises(NotFound):
        door.enterprise(typed.pk)
    with pytest.raises(Invalid) as taken:
        services.register_enterprise(actor=LOADER, now=now, **values(3, uscc=typed.uscc))
    assert isinstance(taken.value.fields["uscc"], rules.CreditCodeMerged)
    with pytest.raises(rules.EnterpriseMerged):
        merging.propose(true.pk, typed.pk, taken=(), reason="又一次", actor=actor_of(clerk), now=now)
    with pytest.raises(rules.EnterpriseMerged):
        merging.propose(typed.pk, true.pk, taken=(), reason="倒过来", actor=actor_of(clerk), now=now)

    # The trail: who, why, which values, which rows; in the audit of both files and as a document.
    told = json.loads(second.get(reverse("enterprises:merge_trail", args=[row.pk])).content)
    tables = {(one["model"], one["column"]): one for one in told["tables"]}
    assert tables["dangers.Danger", "enterprise_id"]["ids"] == [str(held["danger"].pk)]
    assert told["values"]["staff_count"] == [None, 261, 261]
    assert told["proposed"]["by"] == clerk.display_name
    assert told["confirmed"]["by"] == colleague.display_name
    assert AuditEntry.objects.filter(action="enterprises.merge", subject_id__in=[str(true.pk), str(typed.pk)]).count() == 2

    # A row that somebody wrote at the moment of merging follows; a second merging never makes a chain.
    Site.objects.create(enterprise=typed, name="北厂", place_code="370102")
    assert merging.gather_late(now + timedelta(minutes=1), days=1) == 1
    assert Site.objects.get(name="北厂").enterprise_id == true.pk
    last = make(5, name="济南示范新厂", uscc=_code("16307002X"))
    row = merging.propose(last.pk, true.pk, taken=["uscc"], reason="代码以新照为准", actor=actor_of(clerk), now=now)
    merging.decide(row.pk, "confirm", actor=actor_of(colleague), now=now)
    last.refresh_from_db()
    assert last.uscc == true.uscc
    assert {door.by_uscc(code).id for code in (true.uscc, typed.uscc, _code("16307002X"))} == {last.pk}
    assert second.get(reverse("enterprises:file", args=[typed.pk]))["Location"].startswith(reverse("enterprises:file", args=[last.pk]))


def test_every_table_is_handed_over_and_what_both_have_is_told_apart(make):  # noqa: F811
    """One record of every kind on both sides, some of them twins."""
    here, there = walls.build("370102", "左岸"), walls.build("370102", "右岸")
    survivor, loser = here.made[Enterprise], there.made[Enterprise]
    Merging.objects.all().delete()
    for model in (Commitment, CompletenessDay):
        there.made[model].day = here.made[model].day
        there.made[model].save()
    CompletenessDay.objects.update(expected=100, missing=10, devices=2)
    for row in (survivor, loser):
        Site.objects.create(enterprise=row, name="北厂", place_code="370102", is_main=True)
    EnterpriseContact.objects.create(enterprise=survivor, place_code="370102", role="principal", name="王安", phone="13800138000")
    EnterpriseContact.objects.create(enterprise=loser, place_code="370102", role="principal", name="王安", phone="13800138000")
    Commitment.objects.filter(pk=there.made[Commitment].pk).update(state="given")
    proposer, other = officer("370102"), officer("370102", "enterprises.*")
    row = merging.propose(survivor.pk, loser.pk, taken=["name"], reason="同一家", actor=proposer, now=clock.now())
    with pytest.raises(FourEyes):
        merging.decide(row.pk, "confirm", actor=proposer, now=clock.now())
    merging.decide(row.pk, "confirm", actor=other, now=clock.now())

    left = {(one.model, one.column): one.rows(loser.pk).count() for one in belongings.declared() if one.stays is None}
    assert {key for key, count in left.items() if count} == {("permits.Commitment", "enterprise_id")}
    assert Commitment.objects.get(enterprise_id=loser.pk).state == "given"
    day = CompletenessDay.objects.get(enterprise_id=survivor.pk)
    assert (day.expected, day.missing, day.devices, day.share) == (200, 20, 4, 90.0)
    assert {site.name for site in Site.objects.filter(enterprise=survivor)} == {
        "北厂", f"北厂（并入{loser.uscc[-6:]}）",
    }  # fmt: skip
    assert sorted(EnterpriseContact.objects.filter(enterprise=survivor, name="王安").values_list("is_current", flat=True)) == [False, True]
    assert MergedRows.objects.get(model="permits.Commitment").kept == 1
    # Whatever else was made on the other side stands with the survivor now, under its key of before.
    moved = {one.model.lower(): set(belongings.unpacked(bytes(one.ids))) for one in row.rows.filter(column="enterprise_id")}
    for model, record in there.made.items():
        if record.pk in moved.get(model._meta.label_lower, ()):
            assert model._base_manager.get(pk=record.pk).enterprise_id == survivor.pk
    assert len(moved) > 30


def test_what_stands_in_the_way_is_said_and_nothing_is_merged(make):  # noqa: F811
    true, typed = twins(make)
    now = clock.now()
    clerk, city = officer("370102"), officer("370100")
    with pytest.raises(mergerules.MergeWithItself):
        merging.propose(true.pk, true.pk, taken=(), reason="同一家", actor=clerk, now=now)
    with pytest.raises(mergerules.MergeReasonNeeded):
        merging.propose(true.pk, typed.pk, taken=(), reason=" ", actor=clerk, now=now)
    there = services.register_enterprise(
        actor=LOADER, now=now, **values(9, place_code="370103", longitude="", latitude="", name="济南示范氯碱有限公司")
    )
    with pytest.raises(mergerules.MergeElsewhere):
        merging.propose(true.pk, there.pk, taken=(), reason="同一家", actor=clerk, now=now)
    assert merging.propose(true.pk, there.pk, taken=(), reason="同一家", actor=city, now=now).place_code == "370100"
    with pytest.raises(mergerules.MergePending):
        merging.propose(typed.pk, there.pk, taken=(), reason="绕一圈", actor=city, now=now)
    merging.decide(Merging.objects.get().pk, "withdraw", actor=city, now=now, reason="不合并了")

    # An account over the file that goes, a device of the same code, an open permit of the same number.
    manager = make_account("old-manager", None)
    give_post(manager, "enterprise_manager", "370102", enterprise_id=typed.pk)
    for row in (true, typed):
        devices.register_device(row.pk, {"code": "D1", "name": "控制系统", "device_class": "control_system"}, actor=LOADER, now=now)
        side = walls.Side("370102", "原")
        side.made[Enterprise] = row
        Permit.objects.filter(pk=walls._made(side, Permit, "title").pk).update(number="DH-1")
    with pytest.raises(mergerules.MergeBlocked) as refused:
        merging.propose(true.pk, typed.pk, taken=(), reason="同一家", actor=clerk, now=now)
    why = refused.value.message()
    assert all(word in why for word in (manager.display_name, "D1", "DH-1"))
    PostHolding.objects.filter(account=manager).update(valid_to=now)
    Device.objects.filter(enterprise=typed).update(code="D2")
    Permit.objects.filter(enterprise=typed).update(state="closed", closed_at=now)
    row = merging.propose(true.pk, typed.pk, taken=(), reason="同一家", actor=clerk, now=now)
    merging.decide(row.pk, "confirm", actor=city, now=now)
    assert set(Permit.objects.filter(enterprise=true).values_list("number", flat=True)) == {"DH-1", f"DH-1-{typed.uscc[-6:]}"}


def test_what_is_not_the_same_is_remembered_with_its_reason(make):  # noqa: F811
    true, _typed = twins(make)
    matching.look_recent(NOW)
    assert matching.look_recent(NOW) == 0
    row = DuplicateCandidate.objects.get()
    with pytest.raises(mergerules.DismissalReasonNeeded):
        matching.dismiss(row.pk, "", actor=officer("370102"), now=clock.now())
    matching.dismiss(row.pk, "两个法人，同一股东", actor=officer("370102"), now=clock.now())
    with pytest.raises(mergerules.CandidateSettled):
        matching.dismiss(row.pk, "再说一次", actor=officer("370102"), now=clock.now())
    services.change_enterprise(true.pk, actor=LOADER, now=clock.now(), short_name="氯碱")
    matching.look_recent(clock.now())
    row.refresh_from_db()
    assert (row.state, row.rank, row.decision) == (mergerules.DISMISSED, 0, "两个法人，同一股东")
    # Another pair that no longer looks alike is no candidate any more.
    third = make(3, name="济南示范氯碱厂", uscc=_code("277010025"))
    matching.look_recent(NOW)
    assert DuplicateCandidate.objects.filter(state=mergerules.OPEN).count() == 2
    services.change_enterprise(third.pk, actor=LOADER, now=clock.now(), name="别的名字")
    matching.look_recent(clock.now())
    assert DuplicateCandidate.objects.filter(state=mergerules.OPEN).count() == 0
