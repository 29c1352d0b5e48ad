"""Credentials beyond their quotas: kept from what the stream tells, shown beside the credential, and a thing to do for who may act."""

from datetime import timedelta

import pytest
from tests.accounts import client_for
from tests.rooms.sense.plant import NOW, Plant, officer

from anlan.kernel import clock
from anlan.sense.devices import quotabook, rules, views
from anlan.sense.devices.models import OverQuota

pytestmark = pytest.mark.django_db(transaction=True)


def ms(moment):
    return round(moment.timestamp() * 1000)


def tell(plant, count, at):
    quotabook.write({plant.issued.credential.username: (count, ms(at)), "nobody": (9, ms(at))}, at)


def test_a_run_of_minutes_is_one_and_a_quiet_while_ends_it():
    plant = Plant()
    for count, minutes in ((3, 0), (3, 0), (40, 1), (90, 8)):
        tell(plant, count, NOW + timedelta(minutes=minutes))
    row = OverQuota.objects.get()
    assert (row.messages, row.since, row.last_at) == (90, NOW, NOW + timedelta(minutes=8))
    again = NOW + timedelta(minutes=8) + rules.OVER_QUOTA_GAP
    tell(plant, 91, again)
    row.refresh_from_db()
    assert (row.messages, row.since) == (91, again)


def test_who_may_change_credentials_there_has_it_among_the_things_to_do_for_a_day():
    plant = Plant()
    tell(plant, 7, NOW)
    (item,) = views.todo(officer("370102", "devices.credentials"), NOW + timedelta(hours=1))
    assert plant.enterprise.name in item.title and "7" in item.what and item.since == NOW
    assert views.todo(officer("370103", "devices.credentials"), NOW) == [], "another county"
    assert views.todo(officer("370102", "devices.view"), NOW) == []
    assert views.todo(officer("370102", "devices.credentials"), NOW + timedelta(hours=25)) == []


def test_the_page_of_credentials_says_so():
    plant = Plant(now=clock.now())
    client = client_for("enterprise_manager", "370102", enterprise_id=plant.enterprise.pk)
    address = f"/enterprises/{plant.enterprise.pk}/credentials/"
    page = client.get(address)
    assert page.status_code == 200 and "曾超限" not in page.content.decode()
    tell(plant, 12, clock.now())
    page = client.get(address).content.decode()
    assert "曾超限" in page and "累计 12 条报文" in page
    assert "接入限额" in client.get("/todo/").content.decode()
