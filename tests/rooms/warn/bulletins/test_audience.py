"""Whom a bulletin would be said to, over which channels and at what cost: in the editor while it is written, and for whoever approves."""

import pytest
from tests.accounts import actor_of, client_of
from tests.rooms.warn.bulletins.test_issuing import INSIDE, content, people, published, submitted  # noqa: F401
from tests.rooms.warn.channels.carriers import TESTS, carrier

from anlan.ground.audiences.services import import_recipients
from anlan.warn.bulletins import reach, services
from anlan.warn.bulletins.models import Bulletin
from anlan.warn.channels.estimating import ways

pytestmark = pytest.mark.django_db
RING = "117.05,36.65\n117.08,36.65\n117.08,36.67\n117.05,36.67"


@pytest.fixture
def register(people, clock):  # noqa: F811
    """Seven residents and a loudspeaker inside what is drawn, one of them without a telephone; one resident of another township."""

    def row(n, place, longitude, **more):
        at = {"longitude": longitude, "latitude": 36.66}
        return {"name": f"示例{n}", "role": "resident", "place_code": place, "phone": f"1000{n:07d}", "consented": True} | at | more

    inside = [row(n, "370102001", 117.06) for n in range(6)]
    mailed = row(6, "370102001", 117.06, phone="", email="a@example.cn")
    speaker = row(7, "370102001", 117.07, role="loudspeaker", phone="", device="tx-1")
    import_recipients([*inside, mailed, speaker, row(8, "370102002", 117.12)], actor=TESTS, now=clock.now())


def checked(people, **form):  # noqa: F811
    told = {"event_code": "12D00", "level": "red", "issuer_name": "历下区应急管理局", "headline": "预警", "instruction": "关窗"}
    return client_of(people["writer"]).post("/warnings/area/", told | form).content.decode()


def test_people_roles_channels_and_cost_are_told_while_the_area_is_drawn(people, register):  # noqa: F811
    carrier(cost_fen=5)
    page = checked(people, area=RING, exercise="on")
    assert "<strong>8</strong>" in page
    assert "居民 7" in page
    assert "短信 <strong>6</strong>" in page
    assert "约 0.30 元" in page
    assert "没有承运方" in page, "nobody carries the loudspeaker"
    assert "改用语音电话" in page
    assert "逐一叫应" in page
    long = checked(people, area=RING, exercise="on", instruction="关" * 70)
    assert "每人 2 段" in long
    assert "约 0.60 元" in long


def test_a_simulated_carrier_costs_nothing_and_carries_nothing_of_a_real_warning(people, register):  # noqa: F811
    carrier(cost_fen=5)
    assert "元" not in checked(people, area=RING)


def test_divisions_that_are_ticked_or_named_are_counted_and_townships_not_estimated_by_their_county(people, register):  # noqa: F811
    assert "<strong>8</strong>" in checked(people, area_codes=["370102001"])
    both = checked(people, area_codes=["370102001"], area_list="370102002")
    assert "<strong>9</strong>" in both
    assert "没有公开界线，不估算" in both
    whole = checked(people, area_codes=["370102"])
    assert "<strong>9</strong>" in whole
    assert "不估算" not in whole


def test_what_has_no_people_says_so(people, register):  # noqa: F811
    assert "登记表中没有人" in checked(people, circle_longitude="117.02", circle_latitude="36.62", circle_radius_km="0.2")
    assert "登记的受众" not in checked(people)


def test_the_approver_sees_whom_and_at_what_cost_beside_the_last_one(people, clock, register):  # noqa: F811
    carrier(cost_fen=5)
    first = services.draft(actor=actor_of(people["writer"]), now=clock.now(), exercise=True, **content(clock, area_codes=["370102"]))
    services.submit(first, actor=actor_of(people["writer"]), now=clock.now())
    services.approve(first, actor=actor_of(people["approver"]), now=clock.now())
    clock.advance(minutes=10)
    update = services.draft_follower(first, "Update", actor=actor_of(people["writer"]), now=clock.now(), area=INSIDE, area_codes=[])
    services.submit(update, actor=actor_of(people["writer"]), now=clock.now())
    page = client_of(people["approver"]).get(f"/warnings/{update.pk}/").content.decode()
    decision, compared = page[page.index('id="decision"') : page.index('id="words"')], page[page.index('id="compared"') :]
    assert "短信 <strong>6</strong>" in decision
    assert "约 0.30 元" in decision
    assert "有效期" in decision
    assert "短信 <strong>7</strong>" in compared
    assert "约 0.35 元" in compared
    assert "约 0.30 元" in compared


def test_once_it_is_out_the_register_says_nothing_of_it_any_more(people, clock, register):  # noqa: F811
    bulletin = published(people, clock)
    assert "登记的受众" not in client_of(people["approver"]).get(f"/warnings/{bulletin.pk}/").content.decode()


def test_a_township_is_one_township_though_its_county_stands_for_it(people, clock):  # noqa: F811
    bulletin = Bulletin(place_code="370102", area_codes=["370102001"])
    found = reach.of_bulletin(bulletin, actor=None, now=clock.now())
    assert (found.townships, found.people) == (1, None)
    assert found.why_not


def test_who_may_carry_decides_the_price(register):
    from anlan.ground.audiences import door as audiences

    counted = audiences.count(audiences.Area(("370102",)), level="red")
    (sms, speaker) = ways(counted, "red")
    assert (sms.carried, sms.cost_fen, speaker.channel) == (False, None, "broadcast")
    carrier(cost_fen=None, order=1)
    carrier(cost_fen=7, order=2)
    assert ways(counted, "red", inside=True)[0].cost_fen == 7 * 7
