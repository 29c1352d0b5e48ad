"""Four eyes by every route, drawn areas kept and sent, contradictions answered, and what an all-clear may not do."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.utils import IntegrityError
from tests.accounts import actor_of, client_of, give_post, make_account

from anlan.ground.people.models import Account
from anlan.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from anlan.kernel.flow import FourEyes
from anlan.ledger.events import deliver_pending
from anlan.warn.bulletins import door, hygiene, queries, rules, services, templating
from anlan.warn.bulletins.models import Bulletin, MessageKind
from anlan.wire import cap

pytestmark = pytest.mark.django_db
COUNTY = "370102"
INSIDE = {"type": "Polygon", "coordinates": [[[117.05, 36.65], [117.08, 36.65], [117.08, 36.67], [117.05, 36.67], [117.05, 36.65]]]}


@pytest.fixture
def people(jinan_places, clock):
    """A duty officer and two approvers of 历下区."""
    return {
        name: make_account(name, kind, COUNTY)
        for name, kind in (("writer", "duty_officer"), ("approver", "approver"), ("second", "approver"))
    }


def content(clock, **changes):
    values = {
        "event_code": "12D00",
        "level": "red",
        "headline": "历下区发布危险化学品泄漏红色预警",
        "description": "某企业液氯泄漏，下风向可能受影响。",
        "instruction": "关闭门窗，不要外出。",
        "area_codes": [COUNTY],
        "onset": clock.now(),
        "expires": clock.now() + timedelta(hours=6),
        "issuer_name": "历下区应急管理局",
    }
    return values | changes


def drafted(people, clock, by="writer", **changes):
    return services.draft(actor=actor_of(people[by]), now=clock.now(), **content(clock, **changes))


def submitted(people, clock, by="writer", **changes):
    return services.submit(drafted(people, clock, by, **changes), actor=actor_of(people[by]), now=clock.now())


def published(people, clock, **changes):
    bulletin = submitted(people, clock, **changes)
    clock.advance(seconds=1)
    return services.approve(bulletin, actor=actor_of(people["approver"]), now=clock.now())


def approves(people, clock, bulletin, by="approver"):
    return services.approve(bulletin, actor=actor_of(people[by]), now=clock.now())


def test_who_only_edited_a_draft_may_not_approve_it(people, clock):
    bulletin = drafted(people, clock)
    services.edit(bulletin, actor=actor_of(people["approver"]), now=clock.now(), headline="改过的标题")
    services.submit(bulletin, actor=actor_of(people["writer"]), now=clock.now())
    with pytest.raises(FourEyes):
        approves(people, clock, bulletin)
    assert approves(people, clock, bulletin, "second").state == "published"


def test_who_only_submitted_it_may_not_approve_it_though_it_was_recalled_and_submitted_by_another(people, clock):
    bulletin = drafted(people, clock)
    services.submit(bulletin, actor=actor_of(people["approver"]), now=clock.now())
    services.recall(bulletin, actor=actor_of(people["approver"]), now=clock.now())
    services.submit(bulletin, actor=actor_of(people["writer"]), now=clock.now())
    with pytest.raises(FourEyes):
        approves(people, clock, bulletin)


def test_another_post_of_the_same_person_changes_nothing(people, clock):
    give_post(people["writer"], "approver", COUNTY)
    bulletin = submitted(people, clock)
    from anlan.ground.people import queries as posts

    held = posts.holdings_of(people["writer"].pk, clock.now())
    as_approver = [posts.build_actor(people["writer"], holding.post) for holding in held if holding.post.kind == "approver"]
    assert as_approver[0].may("bulletins.approve", place_code=COUNTY)
    with pytest.raises(FourEyes):
        services.approve(bulletin, actor=as_approver[0], now=clock.now())


@pytest.mark.parametrize(
    ("mine", "other"), [({"phone": "138 0000 1111"}, {"phone": "+86-13800001111"}), ({"email": "A@x.cn"}, {"email": "a@x.cn"})]
)
def test_another_account_of_the_same_person_may_not_approve(people, clock, mine, other):
    Account.objects.filter(pk=people["writer"].pk).update(**mine)
    Account.objects.filter(pk=people["approver"].pk).update(**other)
    bulletin = submitted(people, clock)
    with pytest.raises(rules.SamePerson):
        approves(people, clock, bulletin)
    assert approves(people, clock, bulletin, "second").state == "published"


def test_a_shared_telephone_of_a_duty_room_makes_nobody_one_person(people, clock):
    Account.objects.update(phone="0531-81234567")
    assert approves(people, clock, submitted(people, clock)).state == "published"


def test_a_supervised_process_approves_nothing(people, clock):
    from anlan.kernel.access import system_actor

    with pytest.raises(FourEyes):
        services.approve(submitted(people, clock), actor=system_actor("import"), now=clock.now())


def test_what_a_room_above_drafted_for_somebody_is_his_draft(people, clock):
    made = door.draft(actor=actor_of(people["approver"]), now=clock.now(), **content(clock))
    bulletin = Bulletin.objects.get(pk=made.id)
    services.submit(bulletin, actor=actor_of(people["writer"]), now=clock.now())
    with pytest.raises(FourEyes):
        approves(people, clock, bulletin)


def test_linking_an_incident_before_it_is_out_is_a_hand_in_it(people, clock):
    approver = actor_of(people["approver"])
    bulletin = submitted(people, clock)
    services.link_incident(bulletin.pk, uuid4(), actor=approver, now=clock.now())
    with pytest.raises(FourEyes):
        approves(people, clock, bulletin)


def test_who_drafts_the_update_of_anothers_bulletin_may_not_approve_the_update(people, clock):
    first = published(people, clock)
    update = services.draft_follower(first, MessageKind.UPDATE, actor=actor_of(people["approver"]), now=clock.now(), level="orange")
    services.submit(update, actor=actor_of(people["writer"]), now=clock.now())
    with pytest.raises(FourEyes):
        approves(people, clock, update)


def test_the_page_offers_no_approval_to_whoever_had_a_hand_and_refuses_one_sent_anyway(people, clock):
    bulletin = drafted(people, clock)
    services.edit(bulletin, actor=actor_of(people["approver"]), now=clock.now(), headline="改过")
    services.submit(bulletin, actor=actor_of(people["writer"]), now=clock.now())
    mine, other = client_of(people["approver"]), client_of(people["second"])
    address = f"/warnings/{bulletin.pk}/"
    assert f"{address}move/approve/" not in mine.get(address).content.decode()
    assert f"{address}move/approve/" in other.get(address).content.decode()
    assert mine.post(f"{address}move/approve/").status_code == 403
    assert Bulletin.objects.get(pk=bulletin.pk).state == "pending"


def test_the_database_refuses_an_approval_by_any_hand(people, clock):
    bulletin = drafted(people, clock)
    services.edit(bulletin, actor=actor_of(people["second"]), now=clock.now(), headline="改过")
    with pytest.raises(IntegrityError):
        Bulletin.objects.filter(pk=bulletin.pk).update(approved_by=people["second"])


def test_what_changed_since_it_was_on_the_screen_is_not_approved(people, clock):
    bulletin = submitted(people, clock)
    seen = Bulletin.objects.get(pk=bulletin.pk).version
    services.recall(bulletin, actor=actor_of(people["writer"]), now=clock.now())
    services.edit(bulletin, actor=actor_of(people["writer"]), now=clock.now(), level="blue")
    services.submit(bulletin, actor=actor_of(people["writer"]), now=clock.now())
    with pytest.raises(Conflict):
        services.approve(bulletin, actor=actor_of(people["approver"]), now=clock.now(), seen=seen)


def test_a_post_without_the_authority_may_not_approve_even_with_the_grant(people, clock):
    bulletin = submitted(people, clock)
    odd = replace(actor_of(people["second"]), facts={"post_kind": "clerk"})
    with pytest.raises(rules.MayNotApprove):
        services.approve(bulletin, actor=odd, now=clock.now())


def test_a_drawn_area_is_kept_measured_described_and_sent(people, clock):
    bulletin = published(people, clock, area=INSIDE, area_codes=[])
    assert bulletin.area_km2 == pytest.approx(5.96, abs=0.05)
    assert "历下区" in bulletin.area_description
    sent = cap.decode(bytes(Bulletin.objects.get(pk=bulletin.pk).message)).infos[0].areas[0]
    assert len(sent.polygons) == 1
    assert sent.polygons[0][0] == sent.polygons[0][-1]
    assert set(sent.polygons[0]) == {(36.65, 117.05), (36.65, 117.08), (36.67, 117.08), (36.67, 117.05)}
    assert door.words(bulletin.pk).polygons[0][0][0] == (117.05, 36.65)


def test_a_drawn_area_reaches_those_whose_place_it_touches(people, clock):
    bulletin = published(people, clock, area=INSIDE, area_codes=[])
    other = make_account("far", "duty_officer", "370112")
    near = actor_of(people["writer"])
    assert [b.id for b in queries.live(near, 5)] == [bulletin.pk]
    assert queries.live(actor_of(make_account("away", "duty_officer", "370126")), 5) == []
    assert other


def test_a_drawn_area_in_anothers_county_is_refused_and_can_be_cut(people, clock):
    from anlan.warn.bulletins import area, grounds

    wide = {"type": "Polygon", "coordinates": [[[116.9, 36.6], [117.1, 36.6], [117.1, 36.7], [116.9, 36.7]]]}
    with pytest.raises(Invalid) as refused:
        drafted(people, clock, area=wide)
    assert isinstance(refused.value.fields["area"], hygiene.OutsideJurisdiction)
    assert "市中区" in refused.value.fields["area"].facts["places"]
    within = grounds.cut(area.read(wide).shape, COUNTY)
    assert 0 < area.area_km2(within) < area.area_km2(area.read(wide).shape)


def test_a_contradiction_must_be_answered_and_may_stand_beside_with_a_reason(people, clock):
    live = published(people, clock)
    second = drafted(people, clock, level="blue")
    with pytest.raises(hygiene.NotAnswered):
        services.submit(second, actor=actor_of(people["writer"]), now=clock.now())
    assert Bulletin.objects.get(pk=second.pk).state == "draft"
    for reason in ("", "  "):
        services.edit(
            second, actor=actor_of(people["writer"]), now=clock.now(), answers={str(live.pk): {"answer": "beside", "reason": reason}}
        )
        with pytest.raises(hygiene.NotAnswered):
            services.submit(second, actor=actor_of(people["writer"]), now=clock.now())
    services.edit(
        second, actor=actor_of(people["writer"]), now=clock.now(), answers={str(live.pk): {"answer": "beside", "reason": "另一处"}}
    )
    services.submit(second, actor=actor_of(people["writer"]), now=clock.now())
    assert approves(people, clock, second).state == "published"
    assert Bulletin.objects.get(pk=live.pk).state == "published"


def test_answering_by_update_makes_it_the_update(people, clock):
    live = published(people, clock)
    second = submitted(people, clock, level="blue", answers={str(live.pk): {"answer": "update"}})
    assert (second.message_kind, second.changes_id) == ("Update", live.pk)
    approves(people, clock, second)
    assert Bulletin.objects.get(pk=live.pk).state == "superseded"


def test_answering_by_lifting_submits_the_all_clear_beside(people, clock):
    live = published(people, clock)
    submitted(people, clock, level="blue", answers={str(live.pk): {"answer": "cancel"}})
    lifting = Bulletin.objects.get(message_kind="Cancel")
    assert (lifting.state, lifting.changes_id) == ("pending", live.pk)


def test_an_issuer_does_not_change_anothers_bulletin_by_an_answer(people, clock):
    live = published(people, clock)
    Bulletin.objects.filter(pk=live.pk).update(place_code="370100")
    with pytest.raises(hygiene.CannotAnswerSo):
        submitted(people, clock, level="blue", answers={str(live.pk): {"answer": "update"}})


def test_what_went_out_meanwhile_and_contradicts_holds_the_approval_up(people, clock):
    waiting = submitted(people, clock, level="blue")
    published(people, clock)
    with pytest.raises(hygiene.NotAnswered):
        approves(people, clock, waiting, "second")


def test_an_all_clear_that_would_alert_is_refused(people, clock):
    live = published(people, clock)
    officer = actor_of(people["writer"])
    for change in ({"level": "orange"}, {"area_codes": [], "area": INSIDE}, {"event_code": "12G00"}):
        with pytest.raises(Invalid) as refused:
            services.draft_follower(live, MessageKind.CANCEL, actor=officer, now=clock.now(), **change)
        assert isinstance(refused.value.fields["message_kind"], rules.CancelIsNoAlert)
    for kind in (MessageKind.CANCEL, MessageKind.UPDATE):
        with pytest.raises(Invalid) as refused:
            services.draft(actor=officer, now=clock.now(), message_kind=kind, **content(clock))
        assert isinstance(refused.value.fields["message_kind"], rules.FollowsNothing)


def test_an_all_clear_is_possible_to_the_last_minute_and_stands_an_hour(people, clock):
    live = published(people, clock)
    clock.set(live.expires - timedelta(minutes=1))
    lifting = services.draft_follower(live, MessageKind.CANCEL, actor=actor_of(people["writer"]), now=clock.now())
    assert lifting.expires == clock.now() + timedelta(hours=1)


def test_words_with_blanks_in_them_are_kept_and_not_submitted(people, clock):
    bulletin = drafted(people, clock, description="{地点}发生泄漏")
    with pytest.raises(templating.BlanksLeft):
        services.submit(bulletin, actor=actor_of(people["writer"]), now=clock.now())


def test_a_doubt_from_the_editor_is_answered_on_the_page_of_the_draft(people, clock):
    live = published(people, clock)
    writer = client_of(people["writer"])
    form = {k: v for k, v in content(clock, level="blue").items() if k not in {"onset", "expires"}}
    form |= {"onset": "2026-11-22T08:00", "expires": "2026-11-22T20:00", "then": "submit"}
    address = writer.post("/warnings/new/", form)["Location"]
    assert "edit/?submit=1" in address
    page = writer.get(address).content.decode()
    assert f"answer-{live.pk}" in page
    assert "草稿已保存" in page
    kept = Bulletin.objects.get(state="draft")
    again = writer.post(address, form | {"seen": kept.version, f"answer-{live.pk}": "beside", f"why-{live.pk}": "另一家企业"})
    assert again["Location"] == f"/warnings/{kept.pk}/"
    assert Bulletin.objects.get(pk=kept.pk).state == "pending"


def test_the_editor_checks_what_is_drawn_at_once_and_takes_the_simplified_area_without_scripts(people, clock):
    from math import cos, pi, sin

    ring = [
        (117.065 + (0.01 + 0.001 * (n % 3)) * cos(2 * pi * n / 300), 36.66 + (0.01 + 0.001 * (n % 3)) * sin(2 * pi * n / 300))
        for n in range(300)
    ]
    told = "\n".join(f"{x:.6f},{y:.6f}" for x, y in ring)
    writer = client_of(people["writer"])
    answer = writer.post("/warnings/area/", {"area": told, "event_code": "12D00", "level": "red"}).content.decode()
    assert "300 / 100" in answer
    assert "data-proposal" in answer
    page = writer.post("/warnings/new/", {"area": told, "headline": "保留", "then": "simplify"})
    assert page.status_code == 200
    assert "MultiPolygon" in page.content.decode()
    assert "保留" in page.content.decode()
    bow = "117,36.6\n117.1,36.7\n117.1,36.6\n117,36.7"
    assert "相交" in writer.post("/warnings/area/", {"area": bow}).content.decode()
    assert writer.post("/warnings/area/", {"area": told, "place_code": "110105"}).status_code == 403


def test_an_area_is_handed_over_by_reference_within_the_jurisdiction(people, clock):
    writer = actor_of(people["writer"])
    rings = INSIDE["coordinates"]
    address = door.hand_over_area(
        [rings], place_code=COUNTY, origin="研判第 3 次：重伤区", actor=writer, now=clock.now(), subject="某化工厂"
    )
    assert len(address) < 80
    page = client_of(people["writer"]).get(address).content.decode()
    assert "研判第 3 次：重伤区" in page
    assert "117.05" in page
    assert client_of(make_account("stranger", "duty_officer", "370103")).get(address).status_code == 404
    with pytest.raises(NotFound):
        queries.handed("no-id", writer)
    with pytest.raises(NotPermitted):
        door.hand_over_area([rings], place_code="110105", origin="x", actor=writer, now=clock.now())


def test_places_are_named_in_a_list(people, clock):
    writer = client_of(people["writer"])
    form = {k: v for k, v in content(clock, area_codes=[]).items() if k not in {"onset", "expires"}}
    form |= {"onset": "2026-11-22T08:00", "expires": "2026-11-22T20:00", "area_list": "370102001、不存在的街道"}
    page = writer.post("/warnings/new/", form)
    assert "没有找到“不存在的街道”" in page.content.decode()
    writer.post("/warnings/new/", form | {"area_list": "370102001"})
    assert Bulletin.objects.get().area_codes == ["370102001"]
    deliver_pending()
