"""Onboarding from the invitation to the published file, every refusal on the way, and the yearly confirmation."""

from datetime import timedelta
from io import BytesIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.accounts import actor_of, client_for, make_account
from tests.rooms.ground.plants import NOW, officer, values

from anlan.desk import todo
from anlan.desk.braking import Brake
from anlan.ground.enterprises import certificates, confirming, join_views, joining, onboarding, queries, services
from anlan.ground.enterprises.models import Enterprise, Invitation
from anlan.kernel import clock
from anlan.kernel.access import system_actor
from anlan.kernel.errors import Invalid, NotPermitted
from anlan.kernel.flow import WrongState
from anlan.ledger.models import Announcement
from anlan.ledger.sources import law_day

pytestmark = pytest.mark.django_db
GOOD = {
    "legal_representative": "赵立",
    "registered_address": "工业南路 1 号",
    "longitude": "117.0765",
    "latitude": "36.6665",
    "scale": "medium",
}
PEOPLE = {"principal": {"name": "王安", "phone": "13800138000"}, "control_room": {"name": "中控室", "phone": "0531-66608888"}}


@pytest.fixture(autouse=True)
def _fresh_brakes(monkeypatch):
    monkeypatch.setattr(join_views, "asked", Brake(60, 60))
    monkeypatch.setattr(join_views, "guesses", Brake(10, 10))


@pytest.fixture
def invited(jinan_places):
    whom = {
        "name": "济南示范新厂",
        "uscc": values(7)["uscc"],
        "place_code": "370102",
        "contact_name": "李宁",
        "contact_phone": "13900139000",
    }
    return joining.invite(**whom, actor=officer("370102"), now=clock.now())


def sheet(*rows):
    kept = BytesIO()
    with xlsxwriter.Workbook(kept) as book:
        page = book.add_worksheet()
        for number, row in enumerate([["证照类别", "证书编号", "姓名", "有效期至"], *rows]):
            page.write_row(number, 0, row)
    return SimpleUploadedFile("人员.xlsx", kept.getvalue())


def test_an_enterprise_fills_in_is_returned_mends_and_is_published(invited):
    row, token = invited
    now = clock.now()
    joining.save_draft(token, GOOD | {"longitude": "117", "latitude": ""}, {}, now=now)
    with pytest.raises(Invalid) as refused:
        joining.submit(token, now=now)
    assert {"principal_name", "principal_phone"} <= set(refused.value.fields)
    joining.save_draft(token, GOOD, PEOPLE, now=now)
    kept, bad = joining.upload_rows(
        token, sheet(["特种作业操作证", "T1", "李电", "2036-01-01"], ["特种作业操作证", "T2", "", "2036-01-01"], ["驾驶证", "T3", "张", "2036-01-01"]),
        join_views.SHEET, now=now,
    )  # fmt: skip
    assert kept == 1
    assert [(number, column) for number, column, _why in bad] == [(3, "姓名"), (4, "证照类别")]
    joining.submit(token, now=now)
    with pytest.raises(onboarding.AlreadySubmitted):
        joining.save_draft(token, GOOD, PEOPLE, now=now)
    with pytest.raises(onboarding.NothingToReturn):
        joining.give_back(row.pk, {"registered_address": "  "}, actor=officer("370102"), now=now)
    joining.give_back(row.pk, {"registered_address": "请写门牌号"}, actor=officer("370102"), now=now)
    with pytest.raises(WrongState):
        joining.accept(row.pk, actor=officer("370102"), now=now)
    joining.save_draft(token, GOOD | {"registered_address": "工业南路 1 号院"}, PEOPLE, now=now)
    joining.submit(token, now=now)
    with pytest.raises(NotPermitted):
        joining.accept(row.pk, actor=officer("370103"), now=now)
    done = joining.accept(row.pk, actor=officer("370102"), now=now)
    file = Enterprise.objects.get()
    assert done.enterprise_id == file.pk
    assert (file.registered_address, file.legal_representative, file.source) == ("工业南路 1 号院", "赵立", "enterprise")
    assert set(queries.contacts(file.pk).values_list("role", flat=True)) == {"principal", "control_room"}
    assert queries.certificates_of(file.pk).get().person_name == "李电"
    with pytest.raises(onboarding.LinkDead):
        joining.by_token(token, now)
    states = Announcement.objects.filter(kind="enterprises.invitation").values_list("payload__state", flat=True)
    assert sorted(states) == ["accepted", "returned", "submitted", "submitted"]


def test_what_was_sent_in_waits_on_the_list_of_its_bureau_alone_until_it_is_judged(invited):
    row, token = invited
    now, (bureau, neighbour) = clock.now(), (actor_of(make_account(f"clerk-{code}", "bureau_clerk", code)) for code in ("370102", "370103"))

    def waiting(actor):
        return [item for item in todo.items(actor, now) if item.subject == row.pk]

    joining.save_draft(token, GOOD, PEOPLE, now=now)
    assert waiting(bureau) == []
    joining.submit(token, now=now)
    (item,) = waiting(bureau)
    assert item.title == "济南示范新厂"
    assert "待审核" in str(item.what) and "审核通过" in str(item.what)
    assert item.url == reverse("enterprises:invitation", args=[row.pk])
    assert waiting(neighbour) == []
    joining.accept(row.pk, actor=bureau, now=now)
    assert waiting(bureau) == []


def test_a_file_that_is_there_already_is_corrected_and_nobody_stands_twice(invited):
    row, token = invited
    file = services.register_enterprise(actor=system_actor("tests"), now=NOW, **values(7))
    services.add_contact(file.pk, actor=system_actor("tests"), now=NOW, role="principal", **PEOPLE["principal"])
    joining.save_draft(token, GOOD, PEOPLE, now=clock.now())
    joining.submit(token, now=clock.now())
    joining.accept(row.pk, actor=officer("370102"), now=clock.now())
    file.refresh_from_db()
    assert file.name == "济南示范新厂"
    assert queries.contacts(file.pk).count() == 2


def test_acceptance_leaves_nothing_behind_when_one_part_is_refused(invited):
    row, token = invited
    joining.save_draft(token, GOOD, PEOPLE, now=clock.now())
    joining.submit(token, now=clock.now())
    Invitation.objects.filter(pk=row.pk).update(draft={**Invitation.objects.get().draft, "certificates": [{"kind": "no", "number": "1"}]})
    with pytest.raises((Invalid, certificates.UnknownCertificateKind)):
        joining.accept(row.pk, actor=officer("370102"), now=clock.now())
    assert not Enterprise.objects.exists()
    assert Invitation.objects.get().state == onboarding.SUBMITTED


def test_one_open_invitation_for_one_unit_and_a_new_link_kills_the_old_one(invited):
    row, token = invited
    with pytest.raises(Invalid) as refused:
        joining.invite(
            name="同一家",
            uscc=row.uscc,
            place_code="370102",
            contact_name="李",
            contact_phone="13900139000",
            actor=officer("370102"),
            now=NOW,
        )
    assert isinstance(refused.value.fields["uscc"], onboarding.InvitedAlready)
    with pytest.raises(NotPermitted):
        joining.renew_link(row.pk, actor=officer("370103"), now=clock.now())
    _row, fresh = joining.renew_link(row.pk, actor=officer("370102"), now=clock.now())
    assert joining.by_token(fresh, clock.now()) == row
    with pytest.raises(onboarding.LinkDead):
        joining.by_token(token, clock.now())
    assert token not in str(list(Invitation.objects.values()))


def test_a_link_ends_on_its_day_and_the_sweep_closes_what_was_never_sent(invited):
    row, token = invited
    later = clock.now() + timedelta(days=31)
    with pytest.raises(onboarding.LinkDead):
        joining.by_token(token, later)
    assert joining.sweep(later) == 1
    assert joining.sweep(later) == 0
    row.refresh_from_db()
    assert row.state == onboarding.LAPSED


def test_the_page_of_a_link_needs_no_account_keeps_what_was_typed_and_says_what_is_wrong(invited):
    row, token = invited
    client = Client()
    url = reverse("enterprises:join", args=[token])
    assert "济南示范新厂" in client.get(url).content.decode()
    assert client.get(reverse("enterprises:join_template", args=[token])).content.startswith(b"PK")
    page = client.post(url, {"registered_address": "工业南路", "longitude": "9", "latitude": "9", "submit": "1"})
    assert page.status_code == 422
    assert "工业南路" in client.get(url).content.decode()
    page = client.post(reverse("enterprises:join_upload", args=[token]), {"file": sheet(["特种作业操作证", "T9", "", "2036-01-01"])})
    assert page.status_code == 422
    assert "第 2 行" in page.content.decode()
    sent = GOOD | {"principal_name": "王安", "principal_phone": "13800138000", "submit": "1"}
    assert client.post(url, sent).status_code == 302
    assert "等待监管部门审核" in client.get(url).content.decode()
    row.refresh_from_db()
    assert row.state == onboarding.SUBMITTED


def test_guessing_links_is_braked(jinan_places):
    client = Client()
    answers = [client.get(reverse("enterprises:join", args=[f"wrong{n}"])).status_code for n in range(12)]
    assert answers == [404] * 10 + [429] * 2


def test_the_bureau_invites_sees_the_link_once_returns_and_accepts_by_its_pages(jinan_places):
    client = client_for("bureau_clerk")
    sent = {"name": "新厂", "uscc": values(8)["uscc"], "place_code": "370102", "contact_name": "李", "contact_phone": "13900139000"}
    page = client.post(reverse("enterprises:invite"), sent | {"uscc": "1"})
    assert page.status_code == 422
    page = client.post(reverse("enterprises:invite"), sent)
    row = Invitation.objects.get()
    token = page.context["link"].rstrip("/").rsplit("/", 1)[1]
    assert "<svg" in page.content.decode()
    url = reverse("enterprises:invitation", args=[row.pk])
    assert token not in client.get(url).content.decode()
    assert client_for("bureau_clerk", "370103").get(url).status_code == 404
    joining.save_draft(token, GOOD, PEOPLE, now=clock.now())
    joining.submit(token, now=clock.now())
    act = lambda code, **more: client.post(reverse("enterprises:invitation_act", args=[row.pk, code]), more)  # noqa: E731
    assert act("return").status_code == 422
    assert act("return", why_scale="是大型").status_code == 302
    assert "是大型" in client.get(url).content.decode()
    joining.submit(token, now=clock.now())
    assert act("accept").status_code == 302
    assert Enterprise.objects.get().uscc == row.uscc


def test_a_file_is_asked_for_before_its_day_listed_after_it_and_confirmed_for_a_year(make):
    plant = make(1)
    confirming.sweep(NOW)
    plant.refresh_from_db()
    due = plant.confirm_due_on
    assert due == certificates.add_months(law_day(NOW), 12)
    days = (law_day(NOW) + timedelta(days=n) for n in (300, 336, 366))
    asked = [confirming.sweep(NOW + (day - law_day(NOW))) for day in days]
    assert asked == [0, 1, 1]
    told = Announcement.objects.filter(kind="enterprises.confirmation_due")
    assert sorted(one.payload["overdue"] for one in told) == [False, True]
    client = client_for("bureau_clerk")
    listed = client.get(reverse("desk:enterprises-list"), {"confirm_due_on_to": due.isoformat()}).content.decode()
    assert plant.name in listed
    assert client.post(reverse("enterprises:confirm", args=[plant.pk])).status_code == 302
    assert client_for("bureau_clerk", "370103").post(reverse("enterprises:confirm", args=[plant.pk])).status_code == 404
    plant.refresh_from_db()
    assert plant.confirm_due_on == certificates.add_months(law_day(clock.now()), 12)
