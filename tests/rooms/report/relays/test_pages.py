"""The pages of the links: what each post sees, joining and being joined, what waits, what was set aside, and exercises that cut a link."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.test import Client
from tests.accounts import client_for

from anlan.federation import keys, trust
from anlan.federation.models import ABOVE, ASKED, BELOW, BEYOND, JOINED, LEFT, REFUSED, InboxEnvelope, LinkCut, Node, OutboxEnvelope
from anlan.federation.refusals import LinkFailed
from anlan.kernel import clock
from anlan.kernel.levels import Level
from anlan.ledger.models import AuditEntry
from anlan.report.relays import services

pytestmark = pytest.mark.django_db

TITLE = "历下区氯气泄漏首报"
MISSING = "00000000000000000000000000000000"


def card_of(name: str, place_code: str, *levels: int) -> dict[str, Any]:
    """The card of another node, with a key of its own."""
    raw = Ed25519PrivateKey.generate().public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {
        "id": keys.name_of(raw), "name": name, "level": levels[0], "place": place_code, "levels": list(levels), "key": b64encode(raw).decode()
    }  # fmt: skip


def node_of(name: str, place_code: str, relation: str, state: str = JOINED, *levels: int, **more: Any) -> Node:
    """Another node as this one knows it."""
    values = trust.read_card(card_of(name, place_code, *(levels or (3,))))
    return Node.objects.create(**values, relation=relation, state=state, asked_at=clock.now(), **more)


def post_out(peer: Node, lane: int = 0, **more: Any) -> OutboxEnvelope:
    """An envelope that waits for a node."""
    usual: dict[str, Any] = {
        "envelope_id": uuid4(), "peer": peer, "origin": "", "lane": lane, "kind": "filings.dossier", "subject": uuid4(),
        "place_code": "370102", "receivers": [[1, "370000"]], "title": TITLE, "sealed": "x", "made_at": clock.now(),
    }  # fmt: skip
    return OutboxEnvelope.objects.create(**usual | more)


def set_aside(came_from: Node, **more: Any) -> InboxEnvelope:
    """An envelope that could not be worked on."""
    usual: dict[str, Any] = {
        "envelope_id": uuid4(), "origin": came_from.pk, "came_from": came_from, "lane": 1, "kind": "filings.dossier", "subject": uuid4(),
        "place_code": "370102", "title": TITLE, "sealed": "x", "taken_at": clock.now(), "state": "refused", "refused_words": "对方版本较新",
    }  # fmt: skip
    return InboxEnvelope.objects.create(**usual | more)


def text(client: Client, address: str = "/relay/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def admin(world: None) -> Client:
    return client_for("system_admin", "370100")


@pytest.fixture
def leader(world: None) -> Client:
    return client_for("duty_leader", "370100")


@pytest.fixture
def own(world: None) -> Node:
    return trust.call_oneself("济南节点", Level.CITY, "370100", [Level.CITY, Level.COUNTY], now=clock.now())


@pytest.fixture
def province(own: Node) -> Node:
    return node_of("山东节点", "370000", ABOVE, JOINED, 1, address="https://province.test", last_contact_at=clock.now())


def answers(monkeypatch: pytest.MonkeyPatch, card: dict[str, Any], asked: list[str] | None = None) -> None:
    """Let a node answer at every address, and take the request to join."""
    monkeypatch.setattr(services, "_fetch", lambda url: (200, json.dumps(card).encode()))

    def by_http(_client: object) -> services.link.Post:
        def post(url: str, _body: bytes) -> tuple[int, bytes]:
            (asked if asked is not None else []).append(url)
            return 200, b"{}"

        return post

    monkeypatch.setattr(services.link, "by_http", by_http)


# --- who sees what ---------------------------------------------------------------------------------------------------------------------


def test_a_node_that_stands_alone_says_so_and_leads_to_the_first_step(admin: Client) -> None:
    html = text(admin)
    for words in ("还没有接入其他节点", "本节点单独运行，报送只在本节点内进行", 'href="/relay/own/"'):
        assert words in html
    assert "电话报送" not in html


def test_an_officer_sees_the_links_and_no_way_to_change_them(province: Node) -> None:
    asking = node_of("历下节点", "370102", BELOW, ASKED)
    html = text(client_for("duty_officer", "370100"))
    for words in ("山东节点", "上级节点", "正常", "历下节点", "申请接入，待确认", province.fingerprint):
        assert words in html
    for words in ("核对并决定", "设置本节点", "开始演练断链"):
        assert words not in html
    assert client_for("duty_officer", "370100").post(f"/relay/nodes/{asking.pk}/accept/", {"compared": "yes"}).status_code == 403


def test_a_leader_of_a_county_does_not_manage_the_links_of_its_citys_node(province: Node) -> None:
    county = client_for("duty_leader", "370102")
    assert "设置本节点" not in text(county)
    assert "断开链路" not in text(county, f"/relay/nodes/{province.pk}/")
    assert county.post(f"/relay/nodes/{province.pk}/leave/").status_code == 403
    province.refresh_from_db()
    assert province.state == JOINED


def test_titles_are_for_those_who_see_the_reports(admin: Client, leader: Client, province: Node) -> None:
    post_out(province)
    set_aside(province)
    post_out(province, refused_code="envelope_out_of_scope", refused_words="不在管辖范围内")
    assert TITLE not in text(admin)
    assert text(leader).count(TITLE) == 3
    for html in (text(admin), text(leader)):
        for words in ("事故信息", "山东省 · 省级", "经 山东节点", "对方版本较新", "不在管辖范围内"):
            assert words in html


def test_an_officer_of_another_county_does_not_read_the_title(province: Node) -> None:
    post_out(province)
    assert TITLE not in text(client_for("duty_officer", "370103"))


def test_someone_of_an_enterprise_does_not_see_the_links(world: None) -> None:
    assert client_for("enterprise_manager", "370102", enterprise_id=uuid4()).get("/relay/").status_code == 403


# --- how the link is -------------------------------------------------------------------------------------------------------------------


def test_a_link_that_is_cut_says_since_when_and_that_one_telephones(leader: Client, province: Node) -> None:
    Node.objects.filter(pk=province.pk).update(
        last_contact_at=clock.now() - timedelta(minutes=12), told_cut_at=clock.now(), trouble="没有连上“山东节点”"
    )
    post_out(province)
    post_out(province, lane=2)
    html = text(leader)
    for words in ("已中断 12 分钟", "紧急信息请改用电话报送。", "chip-red", "特急 1", "平件 1", "没有连上“山东节点”"):
        assert words in html


def test_a_link_with_something_old_waiting_is_held_up(leader: Client, province: Node) -> None:
    post_out(province, made_at=clock.now() - timedelta(minutes=5))
    html = text(leader)
    assert "发送积压" in html
    assert "电话报送" not in html


def test_a_node_above_that_has_not_agreed_yet_is_waited_for(leader: Client, province: Node) -> None:
    Node.objects.filter(pk=province.pk).update(last_contact_at=None)
    assert "等待上级同意" in text(leader)


def test_nodes_beyond_are_named_with_whom_they_are_reached_through(leader: Client, province: Node) -> None:
    node_of("烟台节点", "370600", BEYOND, JOINED, 2, via=province)
    html = text(leader)
    assert "烟台节点" in html
    assert "经转可达的节点（1）" in html


def test_the_bar_leads_to_the_page_for_those_who_may_open_it(world: None) -> None:
    assert '<a href="/relay/" class="bar-link"' in text(client_for("duty_officer", "370102"), "/todo/")
    assert '<span class="bar-link"' in text(client_for("rescue_team", "370102"), "/todo/")


# --- this node -------------------------------------------------------------------------------------------------------------------------


def test_a_node_is_called_and_its_level_follows_from_its_place(admin: Client) -> None:
    assert 'value="370100" checked' in text(admin, "/relay/own/")
    answer = admin.post("/relay/own/", {"name": " 济南节点 ", "place_code": "370100", "levels": ["3"]}, follow=True)
    html = answer.content.decode()
    own = Node.objects.get(relation="self")
    assert (own.name, own.level, own.levels) == ("济南节点", 2, [2, 3])
    assert "本节点信息已保存" in html
    for group in own.fingerprint.split():
        assert f"<span>{group}</span>" in html


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "节点名称"),
        ({"place_code": ""}, "所在地"),
        ({"place_code": "", "q": "济南"}, "不是有效的行政区划代码"),
        ({"place_code": "370199"}, "不在现行代码表中"),
        ({"place_code": "370102", "levels": ["2"]}, "只能服务本级及以下的层级"),
    ],
)
def test_what_is_wrong_with_it_is_said_at_the_field(admin: Client, typed: dict[str, Any], words: str) -> None:
    answer = admin.post("/relay/own/", {"name": "济南节点", "place_code": "370100", "levels": ["2"], **typed})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Node.objects.exists()


def test_a_node_is_not_called_by_a_place_that_one_does_not_look_after(admin: Client) -> None:
    answer = admin.post("/relay/own/", {"name": "山东节点", "place_code": "370000", "levels": []})
    assert answer.status_code == 403
    assert "没有“" in answer.content.decode()
    assert not Node.objects.exists()


# --- joining a node above --------------------------------------------------------------------------------------------------------------


def test_one_joins_a_node_above_in_two_steps(admin: Client, own: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    card, asked = card_of("山东节点", "370000", 1), []
    answers(monkeypatch, card, asked)
    html = admin.post("/relay/above/", {"address": "https://province.test/"}).content.decode()
    for words in ("山东节点", "省级", "山东省", "打给上级节点值班室", *keys.fingerprint(card["id"]).split()):
        assert words in html
    assert not Node.objects.filter(relation=ABOVE).exists()
    refused = admin.post("/relay/above/", {"address": "https://province.test", "node_id": card["id"]})
    assert refused.status_code == 422
    assert "请先与对方电话核对密钥指纹" in refused.content.decode()
    done = admin.post("/relay/above/", {"address": "https://province.test", "node_id": card["id"], "compared": "yes"}, follow=True)
    assert asked == ["https://province.test/relay/join/"]
    assert "等待上级同意" in done.content.decode()
    joined = Node.objects.get(relation=ABOVE)
    assert (joined.pk, joined.address, joined.state) == (card["id"], "https://province.test", JOINED)


@pytest.mark.parametrize(
    "address", ["", "province", "ftp://province.test", "https://", "https://me:secret@province.test", "https://x:99999"]
)
def test_what_is_no_address_is_refused_at_the_field(admin: Client, own: Node, address: str) -> None:
    answer = admin.post("/relay/above/", {"address": address})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert 'href="#id_address"' in html
    assert not address or "不是节点地址" in html


def test_a_node_that_does_not_answer_is_said_at_the_field(admin: Client, own: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(url: str) -> tuple[int, bytes]:
        raise LinkFailed(node=url, why="timed out")

    monkeypatch.setattr(services, "_fetch", fails)
    answer = admin.post("/relay/above/", {"address": "https://province.test"})
    assert answer.status_code == 422
    assert "没有连上“https://province.test/relay/identity/”：timed out" in answer.content.decode()


def test_another_key_than_the_one_that_was_compared_is_not_joined(admin: Client, own: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, card_of("山东节点", "370000", 1))
    answer = admin.post("/relay/above/", {"address": "https://province.test", "node_id": MISSING, "compared": "yes"})
    assert answer.status_code == 409
    assert "密钥指纹不同" in answer.content.decode()
    assert not Node.objects.filter(relation=ABOVE).exists()


def test_a_node_that_is_not_above_is_not_joined(admin: Client, own: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    card = card_of("北京节点", "110000", 1)
    answers(monkeypatch, card)
    answer = admin.post("/relay/above/", {"address": "https://beijing.test", "node_id": card["id"], "compared": "yes"})
    assert answer.status_code == 422
    assert "不在本节点之上" in answer.content.decode()


def test_the_nodes_own_address_is_refused_in_words(admin: Client, own: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, trust.card())
    assert "这是本节点自己的地址" in admin.post("/relay/above/", {"address": "https://here.test"}).content.decode()


def test_before_a_node_is_described_it_cannot_join(admin: Client) -> None:
    assert "还没有填写本节点" in text(admin, "/relay/above/")


def test_a_node_that_was_left_is_joined_anew_with_what_waited(admin: Client, own: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    card = card_of("山东节点", "370000", 1)
    answers(monkeypatch, card)
    asked = {"address": "https://province.test", "node_id": card["id"], "compared": "yes"}
    admin.post("/relay/above/", asked)
    post_out(Node.objects.get(pk=card["id"]))
    admin.post(f"/relay/nodes/{card['id']}/leave/")
    assert Node.objects.get(pk=card["id"]).state == LEFT
    assert admin.post("/relay/above/", asked).status_code == 302
    joined = Node.objects.get(pk=card["id"])
    assert (joined.state, joined.outbox.count()) == (JOINED, 1)


# --- a neighbour -----------------------------------------------------------------------------------------------------------------------


def test_a_node_that_asks_is_let_in_after_its_fingerprint_was_compared(admin: Client, own: Node) -> None:
    asking = node_of("历下节点", "370102", BELOW, ASKED)
    address = f"/relay/nodes/{asking.pk}/"
    assert "核对并决定" in text(admin)
    for words in (*asking.fingerprint.split(), "请对方念出自己的密钥指纹"):
        assert words in text(admin, address)
    refused = admin.post(f"{address}accept/")
    assert refused.status_code == 422
    assert "请先与对方电话核对密钥指纹" in refused.content.decode()
    done = admin.post(f"{address}accept/", {"compared": "yes"}, follow=True)
    assert "已同意“历下节点”接入" in done.content.decode()
    asking.refresh_from_db()
    assert asking.state == JOINED
    assert AuditEntry.objects.filter(action="relays.manage", subject_id=asking.pk).exists()
    again = admin.post(f"{address}accept/", {"compared": "yes"})
    assert again.status_code == 404
    assert "历下节点" in again.content.decode()


def test_a_node_that_asks_may_be_refused_and_is_gone_from_the_list(admin: Client, own: Node) -> None:
    asking = node_of("历下节点", "370102", BELOW, ASKED)
    done = admin.post(f"/relay/nodes/{asking.pk}/refuse/", follow=True)
    assert "未同意“历下节点”接入" in done.content.decode()
    asking.refresh_from_db()
    assert asking.state == REFUSED
    assert "历下节点" not in text(admin)
    assert "已断开" in text(admin, f"/relay/nodes/{asking.pk}/")


def test_one_parts_from_a_neighbour(admin: Client, province: Node) -> None:
    assert "确认断开" in text(admin, f"/relay/nodes/{province.pk}/")
    admin.post(f"/relay/nodes/{province.pk}/leave/")
    province.refresh_from_db()
    assert province.state == LEFT


def test_exercises_are_let_out_and_kept_in_again(admin: Client, province: Node) -> None:
    address = f"/relay/nodes/{province.pk}/"
    for takes in (True, False):
        admin.post(f"{address}exercises/", {"takes": "yes" if takes else "no"})
        province.refresh_from_db()
        assert province.takes_exercises is takes


def test_what_was_sent_since_a_moment_is_sent_again(admin: Client, province: Node) -> None:
    row = post_out(province, taken_at=clock.now())
    address = f"/relay/nodes/{province.pk}/again/"
    assert admin.post(address, {"since": "yesterday"}).status_code == 422
    done = admin.post(address, {"since": "2020-01-01T00:00"}, follow=True)
    assert "1 件将重新发送" in done.content.decode()
    row.refresh_from_db()
    assert row.taken_at is None


def test_an_unknown_neighbour_or_verb_is_not_found(admin: Client, province: Node) -> None:
    assert admin.get(f"/relay/nodes/{MISSING}/").status_code == 404
    assert admin.post(f"/relay/nodes/{province.pk}/destroy/").status_code == 404


# --- envelopes and cuts ----------------------------------------------------------------------------------------------------------------


def test_what_was_set_aside_is_tried_again_and_what_is_wrong_still_is_said(admin: Client, province: Node) -> None:
    row = set_aside(province, place_code="370000")
    done = admin.post(f"/relay/envelopes/{row.pk}/again/", follow=True)
    assert "仍未办成：收到的信封无法读出" in done.content.decode()


def test_a_leader_cuts_and_mends_the_link_of_his_bureau_for_an_exercise(leader: Client, own: Node) -> None:
    assert "只暂存演练信息，实际信息照常发送" in text(leader)
    empty = leader.post("/relay/cut/", {"reason": ""})
    assert empty.status_code == 422
    assert 'href="#id_reason"' in empty.content.decode()
    html = leader.post("/relay/cut/", {"reason": "断网演练"}, follow=True).content.decode()
    cut = LinkCut.objects.get()
    assert (cut.level, cut.place_code) == (2, "370100")
    for words in ("断网演练", "恢复链路", "演练断链进行中"):
        assert words in html
    assert "恢复链路" not in text(client_for("duty_officer", "370100"))
    assert "断网演练" in text(client_for("duty_officer", "370102")), "who is below it is concerned"
    assert client_for("duty_leader", "370102").post(f"/relay/cuts/{cut.pk}/mend/").status_code == 403
    assert "链路已恢复，补发 0 件" in leader.post(f"/relay/cuts/{cut.pk}/mend/", follow=True).content.decode()
    assert "没有处于演练断链状态" in leader.post(f"/relay/cuts/{cut.pk}/mend/", follow=True).content.decode()
    assert leader.post(f"/relay/cuts/{uuid4()}/mend/").status_code == 404


def test_the_system_administrator_cuts_nothing(admin: Client, own: Node) -> None:
    assert "开始演练断链" not in text(admin)
    assert admin.post("/relay/cut/", {"reason": "断网演练"}).status_code == 403


def test_the_page_speaks_english_too(leader: Client, province: Node) -> None:
    leader.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    post_out(province)
    html = text(leader)
    for words in ("Link upward", "Node above", "Flash 1", "Filing"):
        assert words in html
