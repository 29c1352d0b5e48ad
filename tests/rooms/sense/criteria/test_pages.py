"""Pages of detection rules, as somebody sees them who may, and as nobody does who may not."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.accounts import actor_of, client_of, make_account
from tests.rooms.sense.criteria.mine import Mine, drafted
from tests.rooms.sense.criteria.test_criteria import in_force, replayed

from anlan.kernel import clock
from anlan.sense.criteria import catalogue, queries, replaying, rules
from anlan.sense.criteria.models import Criterion, Replay, Suppression

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine():
    return Mine(now=clock.now())


@pytest.fixture
def accounts():
    return make_account("wang", "inspector"), make_account("zhao", "inspector")


@pytest.fixture
def browser(accounts):
    return client_of(accounts[0])


@pytest.fixture(autouse=True)
def no_queue(monkeypatch):
    monkeypatch.setattr(replaying, "queue_replay", lambda _pk: None)


def page_of(row):
    return f"/criteria/{row.pk}/"


WORDS = {"name": "甲烷断电", "level": "1", "source": "煤矿安全规程", "article": "", "status": "secondary", "note": ""}


def test_a_rule_is_written_from_the_kind_on_with_plain_fields(browser, mine):
    page = browser.get("/criteria/new/").content.decode()
    assert "限值与复位值" in page and "超过几个周期" not in page
    answer = browser.post("/criteria/new/", {"kind": "LIMIT", "enterprise": mine.enterprise.uscc})
    assert (answer.status_code, answer["Location"]) == (302, f"/criteria/new/?kind=LIMIT&enterprise={mine.enterprise.pk}")
    address = answer["Location"]
    page = browser.get(address).content.decode()
    assert 'value="D1/T1"' in page and "复位值" in page and "{&quot;" not in page
    values = {**WORDS, "word": "HH", "limit": "1.5", "restore": "1.0", "points": "D1/T1\nD1/T2"}
    answer = browser.post(address, values)
    row = Criterion.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page_of(row))
    assert (row.parameters["limit"], row.parameters["restore"], row.channels) == (1.5, 1.0, [mine.methane.channel, mine.return_air.channel])
    page = browser.get(page_of(row)).content.decode()
    assert "罐区控制系统 · 工作面甲烷" in page and "须由另一人启用" in page and "启用前须用历史数据回放" in page
    page = browser.get(f"/criteria/{row.pk}/edit/").content.decode()
    assert "D1/T1\nD1/T2" in page.replace("\r", "")
    assert browser.post(f"/criteria/{row.pk}/edit/", {**values, "limit": "2"}).status_code == 302
    assert queries.one(row.pk, None).parameters["limit"] == 2.0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"restore": "9"}, "复位值不能越过限值"),
        ({"points": "D1/UNKNOWN"}, "没有找到测点“D1/UNKNOWN”"),
        ({"points": ""}, "请至少指定一个测点"),
        ({"limit": ""}, "必填"),
        ({"effective_from": "2026-12-01", "effective_to": "2026-11-01"}, "2026-11-01"),
    ],
)
def test_what_is_wrong_stands_above_and_beside_its_input(browser, mine, values, said):
    address = f"/criteria/new/?kind=LIMIT&enterprise={mine.enterprise.pk}"
    answer = browser.post(address, {**WORDS, "word": "HH", "limit": "1.5", "points": "D1/T1", **values})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Criterion.objects.exists()


def test_conditions_are_rows_and_more_of_them_can_be_had(browser, mine):
    address = f"/criteria/new/?kind=COMBINED&enterprise={mine.enterprise.pk}"
    page = browser.get(address).content.decode()
    assert page.count('name="conditions-') and "conditions-2-channel" in page
    rows = {"conditions-TOTAL_FORMS": "3", "conditions-INITIAL_FORMS": "0", "states-TOTAL_FORMS": "3", "states-INITIAL_FORMS": "0"}
    rows |= {"conditions-0-channel": "D1/T1", "conditions-0-compare": ">=", "conditions-0-limit": "1"}
    more = browser.post(address, {**WORDS, **rows, "more": "1"}).content.decode()
    assert "conditions-5-channel" in more and 'value="D1/T1"' in more and not Criterion.objects.exists()
    rows |= {"conditions-1-channel": "D1/T2", "conditions-1-compare": ">", "conditions-1-limit": "0.5", "conditions-1-hysteresis": "0.1"}
    hours = {"hours_since": "22:00", "hours_until": "06:30", "weekdays": ["0", "1"]}
    answer = browser.post(address, {**WORDS, **rows, **hours})
    assert answer.status_code == 302, answer.content.decode()
    row = Criterion.objects.get()
    assert [each["channel"] for each in row.parameters["conditions"]] == [mine.methane.channel, mine.return_air.channel]
    assert row.parameters["hours"] == {"since": 1320, "until": 390, "weekdays": [0, 1]}
    page = browser.get(page_of(row)).content.decode()
    assert "22:00–06:30 周一、周二" in page and "回风流甲烷" in page
    assert 'value="D1/T2"' in browser.get(f"/criteria/{row.pk}/edit/").content.decode()


@pytest.mark.parametrize("kind", sorted(set(rules.KINDS) - rules.LEARNT))
def test_every_kind_has_a_form(browser, mine, kind):
    answer = browser.get(f"/criteria/new/?kind={kind}&enterprise={mine.enterprise.pk}")
    assert answer.status_code == 200
    assert rules.KINDS[kind] in answer.content.decode()


def test_a_pond_and_a_virtual_point_are_written_in_rows(browser, mine):
    address = f"/criteria/new/?kind=COLOURS&template=tailings_colours&enterprise={mine.enterprise.pk}"
    rows = {
        "indicators-TOTAL_FORMS": "3",
        "indicators-INITIAL_FORMS": "0",
        "indicators-0-channel": "D1/PT-1",
        "indicators-0-item": "库水位",
    }
    rows |= {"indicators-0-blue": "1", "indicators-0-red": "4"}
    steps = {"blue_points": "4", "yellow_points": "3", "orange_points": "2", "blue_items": "4", "hold_s": "3600"}
    assert browser.post(address, {**WORDS, **rows, **steps}).status_code == 302
    pond = Criterion.objects.get()
    assert pond.parameters["indicators"] == [
        {"channel": mine.pressure.channel, "item": "库水位", "blue": 1.0, "red": 4.0, "downward": False}
    ]
    assert (pond.template, pond.level) == ("tailings_colours", 4)
    address = f"/criteria/new/?kind=VIRTUAL&enterprise={mine.enterprise.pk}"
    rows = {"inputs-TOTAL_FORMS": "3", "inputs-INITIAL_FORMS": "0", "inputs-0-name": "a", "inputs-0-channel": "D1/T1"}
    values = {**WORDS, **rows, "channel": "D1/GT-1", "formula": "a * 2", "age_s": "60"}
    assert browser.post(address, values).status_code == 302
    assert Criterion.objects.get(kind="VIRTUAL").parameters["inputs"] == {"a": mine.methane.channel}
    answer = browser.post(address, {**values, "formula": "__import__('os')"})
    assert answer.status_code == 422 and "不能使用" in answer.content.decode()


def test_templates_are_listed_with_their_status_and_applied(browser, mine):
    page = browser.get("/criteria/templates/").content.decode()
    assert "未核实" in page and "甲烷 3.0% 以上持续超过 10 分钟" in page
    for template in catalogue.templates():
        answer = browser.get(f"/criteria/templates/{template.code}/")
        assert answer.status_code == 200, template.code
    answer = browser.post("/criteria/templates/methane_face/", {"enterprise": mine.enterprise.uscc, "points": "D1/T1"})
    assert answer.status_code == 302, answer.content.decode()
    assert sorted(row.parameters["limit"] for row in Criterion.objects.all()) == [1.0, 1.5]
    answer = browser.post("/criteria/templates/methane_face/", {"enterprise": mine.enterprise.uscc, "points": ""})
    assert answer.status_code == 422
    answer = browser.post("/criteria/templates/coal_blocked/", {"enterprise": mine.enterprise.uscc})
    assert answer["Location"].startswith("/criteria/new/?kind=BLOCKED&template=coal_blocked&enterprise=")
    assert "堵塞" in browser.get(answer["Location"]).content.decode()
    assert browser.get("/criteria/templates/unknown/").status_code == 404


def test_a_replay_is_started_followed_shown_and_cancelled(browser, accounts, mine):
    row = drafted(mine, actor_of(accounts[0]), now=clock.now())
    page = browser.get(f"/criteria/{row.pk}/replay/").content.decode()
    assert 'type="datetime-local"' in page
    local = timezone.localtime(clock.now())
    span = {"since": (local - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M"), "until": local.strftime("%Y-%m-%dT%H:%M")}
    assert browser.post(f"/criteria/{row.pk}/replay/", {**span, "until": span["since"]}).status_code == 422
    assert browser.post(f"/criteria/{row.pk}/replay/", span).status_code == 302
    part = browser.get(f"/criteria/{row.pk}/replays/").content.decode()
    assert "every 2s" in part and "取消回放" in part
    assert browser.post(f"/criteria/{row.pk}/replay/", span).status_code == 409
    assert browser.post(f"/criteria-replays/{Replay.objects.get().pk}/cancel/").status_code == 302
    assert Replay.objects.get().state == Replay.CANCELLED
    told = {"channel": mine.methane.channel, "kind": "HH", "level": 1, "value": 1.6, "peak": 1.7}
    moments = {"raised_ms": round(clock.now().timestamp() * 1000), "cleared_ms": None}
    replayed(
        row, fired=14, firings=[{**told, **moments}], by_point=[{"channel": mine.methane.channel, "fired": 14}], created_at=clock.now()
    )
    page = browser.get(page_of(row)).content.decode()
    assert "这条规则会报警 14 次" in page and "1.6 %VOL" in page


def test_moves_and_suppressions_are_made_from_the_page(browser, accounts, mine):
    wang, zhao = map(actor_of, accounts)
    row = in_force(drafted(mine, zhao, now=clock.now()), zhao, wang, clock.now())
    assert "起草修订版" in browser.get(page_of(row)).content.decode()
    assert "一次最长 72 小时" in browser.get(f"/criteria/{row.pk}/suppress/").content.decode()
    until = (timezone.localtime(clock.now()) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    assert browser.post(f"/criteria/{row.pk}/suppress/", {"until": until, "reason": " "}).status_code == 422
    assert browser.post(f"/criteria/{row.pk}/suppress/", {"until": until, "reason": "打钻", "points": "D1/T1"}).status_code == 302
    assert "抑制中" in browser.get(page_of(row)).content.decode()
    assert browser.post(f"/criteria-suppressions/{Suppression.objects.get().pk}/end/").status_code == 302
    assert "提前结束" in browser.get(page_of(row)).content.decode()
    answer = browser.post(f"/criteria/{row.pk}/follow-up/")
    assert answer.status_code == 302 and answer["Location"].endswith("/edit/")
    assert "停用" in browser.get(f"/criteria/{row.pk}/move/withdraw/").content.decode()
    assert browser.post(f"/criteria/{row.pk}/move/withdraw/", {"reason": "改用新标准"}).status_code == 302
    assert queries.one(row.pk, None).state == rules.WITHDRAWN


def test_one_s_own_rule_offers_no_button_to_put_it_in_force(browser, accounts, mine):
    row = drafted(mine, actor_of(accounts[0]), now=clock.now())
    Criterion.objects.filter(pk=row.pk).update(state=rules.TESTED)
    replayed(row)
    assert "/move/enact/" not in browser.get(page_of(row)).content.decode()
    assert "/move/enact/" in client_of(accounts[1]).get(page_of(row)).content.decode()
    assert (
        browser.post(f"/criteria/{row.pk}/move/enact/", {"name": row.name, "source": "x", "effective_from": "2026-11-25"}).status_code
        == 403
    )


def test_the_list_is_scoped_and_in_english_too(browser, accounts, mine):
    drafted(mine, actor_of(accounts[0]), now=clock.now())
    assert "甲烷超限" in browser.get("/criteria/").content.decode()
    elsewhere = client_of(make_account("far", "inspector", "370103"))
    assert "甲烷超限" not in elsewhere.get("/criteria/").content.decode()
    row = Criterion.objects.get()
    assert elsewhere.get(page_of(row)).status_code == 404
    for address in (f"/criteria/{row.pk}/edit/", f"/criteria/{row.pk}/replays/", f"/criteria/{row.pk}/suppress/"):
        assert elsewhere.get(address).status_code == 404, address
    assert client_of(make_account("operator", "node_operator")).get("/criteria/").status_code == 403
    page = browser.get(page_of(row), headers={"accept-language": "en"}, HTTP_COOKIE="").status_code
    assert page in (200, 302)
    assert browser.get("/criteria/?format=csv").status_code in (200, 302)
