"""Pages of organisations, and that a county sees nothing of another."""

from __future__ import annotations

import pytest
from tests.accounts import client_for
from tests.rooms.ground.organisations.test_organisations import enter

from anlan.ground.organisations.models import Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("jinan_places")]


@pytest.fixture
def bureau() -> Organisation:
    city = enter("济南市应急管理局", "370100")
    return enter("历下区应急管理局", "370102", parent_id=city.pk, duty_phone="0531-1000")


@pytest.fixture
def clerk():
    return client_for("bureau_clerk", "370100")


@pytest.mark.parametrize("path", ["/organisations/", "/organisations/new/", "/organisations/sectors/", "/organisations/import/"])
def test_pages_render_in_both_languages(clerk, bureau, path):
    assert clerk.get(path).status_code == 200
    clerk.cookies["anlan_language"] = "en"
    assert clerk.get(path).status_code == 200


def test_the_page_of_an_organisation_shows_path_and_contacts(clerk, bureau):
    page = clerk.get(f"/organisations/{bureau.pk}/").content.decode()
    assert "济南市应急管理局" in page
    assert "维护联系人" in page


def test_an_organisation_is_entered_by_the_form_with_its_parent_by_name(clerk, bureau):
    answer = clerk.post(
        "/organisations/new/",
        {"name": "历下区救援队", "kind": "rescue_team", "place_code": "370102", "parent_name": "历下区应急管理局", "duty_phone": "119"},
    )
    assert answer.status_code == 302, answer.content.decode()
    assert Organisation.objects.get(name="历下区救援队").parent_id == bureau.pk


def test_the_form_names_what_is_wrong_beside_the_input(clerk, bureau):
    answer = clerk.post(
        "/organisations/new/",
        {"name": "某队", "kind": "rescue_team", "place_code": "370102", "parent_name": "没有的机构", "duty_phone": "119"},
    )
    assert answer.status_code == 422
    assert "没有的机构" in answer.content.decode()


def test_contacts_are_kept_and_wrong_numbers_named(clerk, bureau):
    lines = {"contact-TOTAL_FORMS": "2", "contact-INITIAL_FORMS": "0", "contact-0-name": "王安", "contact-0-phone": "坏号码"}
    assert clerk.post(f"/organisations/{bureau.pk}/contacts/", lines).status_code == 422
    assert clerk.post(f"/organisations/{bureau.pk}/contacts/", {**lines, "contact-0-phone": "0531-1"}).status_code == 302
    assert [item.name for item in bureau.contacts.all()] == ["王安"]


def test_dissolving_by_the_page(clerk, bureau):
    assert clerk.get(f"/organisations/{bureau.pk}/dissolve/").status_code == 200
    assert clerk.post(f"/organisations/{bureau.parent_id}/dissolve/", {"on": "2026-11-01"}).status_code == 422
    assert clerk.post(f"/organisations/{bureau.pk}/dissolve/", {"on": "2026-11-01"}).status_code == 302
    bureau.refresh_from_db()
    assert bureau.state == "dissolved"


def test_an_officer_of_another_county_sees_nothing_of_it(bureau):
    other = client_for("duty_officer", "370103")
    assert "历下区应急管理局" not in other.get("/organisations/").content.decode()
    assert other.get(f"/organisations/{bureau.pk}/").status_code == 404
    assert other.get(f"/organisations/{bureau.pk}/contacts/").status_code in {403, 404}
    assert other.post(f"/organisations/{bureau.pk}/dissolve/", {"on": "2026-11-01"}).status_code in {403, 404}
