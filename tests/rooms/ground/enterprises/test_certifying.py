"""Licences and certificates: entered, corrected, imported, swept, seen."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from tests.accounts import client_for
from tests.rooms.ground.plants import NOW, officer

from anlan.desk.models import Notification
from anlan.ground.enterprises import certificates, certifying, door, hearing
from anlan.ground.enterprises.models import Certificate
from anlan.kernel import clock
from anlan.kernel.access import system_actor
from anlan.kernel.errors import Invalid, NotPermitted
from anlan.ledger.models import Announcement, AuditEntry
from anlan.ledger.sources import law_day

pytestmark = pytest.mark.django_db
TODAY = law_day(NOW)
IDENTITY = "T370102198001011234"


def add(plant, actor=None, **more):
    values = {"kind": "special_operation", "number": IDENTITY, "person_name": "李电", "valid_until": TODAY + timedelta(days=400)}
    return certifying.add_certificate(plant.pk, actor=actor or system_actor("tests"), now=NOW, **values | more)


def test_a_certificate_is_judged_when_it_is_entered_and_told_without_its_number(make):
    row = add(make(1), review_due=TODAY + timedelta(days=30))
    assert (row.holder, row.standing, row.due_on) == (certificates.PERSON, certificates.EXPIRING, TODAY + timedelta(days=30))
    content = str(AuditEntry.objects.latest("sequence").content)
    assert "李电" in content
    assert IDENTITY not in content


def test_wrong_fields_are_named_and_the_same_number_is_refused_once_it_stands(make):
    plant = make(1)
    with pytest.raises(Invalid) as refused:
        add(plant, person_name="", valid_until=None)
    assert set(refused.value.fields) == {"person_name", "valid_until"}
    old = add(plant)
    with pytest.raises(Invalid) as refused:
        add(plant)
    assert isinstance(refused.value.fields["number"], certificates.CertificateTaken)
    certifying.change_certificate(old.pk, in_use=False, actor=system_actor("tests"), now=NOW)
    assert add(plant).in_use


def test_an_officer_of_another_county_may_not_enter_one(make):
    with pytest.raises(NotPermitted):
        add(make(1), officer("370103"))
    assert not Certificate.objects.exists()


def test_the_sweep_tells_each_step_once_and_leaves_closed_enterprises_alone(make):
    plant, closed = make(1), make(2)
    row = add(plant, kind="work_safety_permit", person_name="", number="鲁WH安许证字001", valid_until=TODAY + timedelta(days=100))
    add(closed, kind="work_safety_permit", person_name="", number="鲁WH安许证字002", valid_until=TODAY + timedelta(days=100))
    door.change_state(closed.pk, "closed", reason="搬迁", actor=system_actor("tests"), now=NOW)
    steps = []
    for days in (1, 10, 11, 100, 101, 102):
        certifying.sweep(NOW + timedelta(days=days))
        row.refresh_from_db()
        steps.append(row.standing)
    assert steps == ["valid", "expiring", "expiring", "expiring", "expired", "expired"]
    told = Announcement.objects.filter(kind="enterprises.certificate_due")
    assert sorted(event.payload["standing"] for event in told) == ["expired", "expiring"]


def test_the_enterprise_is_told_once_and_the_inspector_of_an_expired_licence(make):
    plant = make(1)
    client_for("enterprise_manager", enterprise_id=plant.pk)
    client_for("inspector")
    event = door.CertificateDue(
        subject_id=plant.pk,
        place_code=plant.place_code,
        enterprise_id=plant.pk,
        at=clock.now(),
        certificate="安全生产许可证",
        holder="unit",
        person_name="",
        standing="expired",
        due_on=TODAY.isoformat(),
    )
    hearing.tell_due(event)
    hearing.tell_due(event)
    assert Notification.objects.count() == 2
    assert plant.name in Notification.objects.first().facts["enterprise"]


def test_a_spreadsheet_keeps_good_rows_from_bad_ones_and_never_crosses_the_county(make):
    plant, other = make(1), make(2)
    rows = [
        {"uscc": plant.uscc, "kind": "hazchem_use", "number": "A1", "valid_until": TODAY + timedelta(days=900)},
        {"uscc": plant.uscc, "kind": "special_operation", "number": "B1", "valid_until": TODAY + timedelta(days=900)},
        {"uscc": plant.uscc, "kind": "hazchem_use", "number": "A1", "valid_until": TODAY + timedelta(days=900)},
        {"uscc": "91370102MA0000000X", "kind": "hazchem_use", "number": "A2", "valid_until": TODAY},
    ]
    actor = officer("370102")
    refused = certifying.resolve(rows, actor=actor, now=NOW)
    assert {index: name for index, (name, _why) in refused.items()} == {1: "person_name", 2: "number", 3: "uscc"}
    assert certifying.import_certificates([rows[0]], actor=actor, now=NOW) == 1
    assert set(certifying.resolve([{**rows[0], "uscc": other.uscc}], actor=officer("370103"), now=NOW)) == {0}


def test_the_number_of_a_person_stands_in_the_form_of_those_who_may_call_alone_and_is_masked_on_page_and_list(make):
    plant = make(1)
    add(plant)
    url = reverse("enterprises:file", args=[plant.pk])
    assert IDENTITY not in client_for("bureau_clerk").get(url).content.decode()
    assert IDENTITY not in client_for("approver").get(url).content.decode()
    form = reverse("enterprises:certificate", args=[Certificate.objects.get().pk])
    assert IDENTITY in client_for("bureau_clerk").get(form).content.decode()
    assert IDENTITY not in client_for("approver").get(form, follow=True).content.decode()
    listed = client_for("bureau_clerk").get(reverse("desk:certificates-list"), {"standing": "valid"}).content.decode()
    assert "李电" in listed
    assert IDENTITY not in listed
    assert client_for("bureau_clerk", "370103").get(reverse("desk:certificates-list")).content.decode().count("李电") == 0


def test_forms_enter_and_correct_a_certificate_and_say_what_is_wrong(make):
    plant = make(1)
    client = client_for("bureau_clerk")
    url = reverse("enterprises:add_certificate", args=[plant.pk])
    assert client.get(url + "?kind=manager_assessment").status_code == 200
    sent = {"kind": "manager_assessment", "number": "G1", "person_name": "王安", "valid_until": "2020-01-01", "in_use": "on"}
    assert client.post(url, sent | {"person_name": ""}).status_code == 422
    assert client.post(url, sent).status_code == 302
    row = Certificate.objects.get()
    assert row.standing == certificates.EXPIRED
    page = reverse("enterprises:certificate", args=[row.pk])
    assert client_for("approver").get(page).status_code == 302
    assert client.post(page, sent | {"valid_until": "2036-01-01"}).status_code == 302
    row.refresh_from_db()
    assert (row.standing, row.valid_until) == (certificates.VALID, date(2036, 1, 1))


def test_what_is_missing_by_sector_leads_to_where_it_is_mended(make):
    plant = make(1, sector_code="S26")
    text = client_for("bureau_clerk").get(reverse("enterprises:file", args=[plant.pk])).content.decode()
    url = reverse("enterprises:add_certificate", args=[plant.pk]) + "?kind=manager_assessment"
    assert f'<a href="{url}">有效的负责人或安全管理人员考核合格证</a>' in text
    add(plant, kind="manager_assessment", number="G1")
    text = client_for("bureau_clerk").get(reverse("enterprises:file", args=[plant.pk])).content.decode()
    assert url not in text


def test_the_whole_file_prints(make):
    plant = make(1)
    add(plant)
    answer = client_for("bureau_clerk").get(reverse("enterprises:file_pdf", args=[plant.pk]))
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")
    assert client_for("bureau_clerk", "370103").get(reverse("enterprises:file_pdf", args=[plant.pk])).status_code == 404
