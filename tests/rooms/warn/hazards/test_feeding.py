"""Machine feeds: read when they are due, nothing read twice, trouble kept and told, keys never shown."""

import json
from datetime import timedelta

import pytest
from tests.accounts import make_account
from tests.rooms.warn.hazards.conftest import NOW

from anlan.desk import fetching
from anlan.desk.models import Notification
from anlan.ground.places import door as places
from anlan.kernel.errors import NotPermitted
from anlan.ledger.events import deliver_pending
from anlan.warn.hazards import feeding, presenting, refusals
from anlan.warn.hazards.models import ActionOrder, HazardFeed, HotSpot, Intake, Quake
from anlan.wire.feeds.inward import LeadsInward

pytestmark = pytest.mark.django_db
SPOTS = b"latitude,longitude,acq_date,acq_time,satellite,confidence\n36.66,117.05,2026-11-25,2300,N,h\n36.66,12.0,2026-11-25,2300,N,h\n"


class There:
    """The other side: answers what it is told to, and keeps what it was asked."""

    def __init__(self):
        self.data, self.trouble, self.asked = b"", None, []

    def __call__(self, url, **told):
        self.asked.append((url, told["etag"]))
        if self.trouble is not None:
            raise self.trouble
        if told["etag"]:
            return fetching.Fetched(b"", url, unchanged=True)
        return fetching.Fetched(self.data, url, etag="")


def quake(event, magnitude):
    """An earthquake of ten minutes before ``NOW``, as the USGS writes it."""
    at = round((NOW - timedelta(minutes=10)).timestamp() * 1000)
    told = {"mag": magnitude, "place": "济南", "time": at, "updated": at + 60_000, "status": "automatic", "type": "earthquake"}
    told |= {"net": "us", "code": event, "magType": "mw"}
    return {"type": "Feature", "id": event, "properties": told, "geometry": {"type": "Point", "coordinates": [117.3, 36.66, 10]}}


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "metadata": {"generated": 1}, "features": features}).encode()


@pytest.fixture
def there():
    return There()


@pytest.fixture
def feed(ground, county_leader):
    """A feed of earthquakes from magnitude 4 on."""
    return feeding.register_feed(
        actor=county_leader,
        now=ground.now(),
        name="地震目录",
        kind="usgs",
        url="https://quakes.example.org/all.geojson",
        least_magnitude=4.0,
    )


def test_a_feed_is_read_when_it_is_due_and_what_is_known_or_too_small_leaves_no_trace(ground, feed, there):
    there.data = collection(quake("us1", 5.2), quake("us2", 2.1))
    assert feeding.read_due(ground.now(), fetch=there) == 1
    assert feeding.read_due(ground.now(), fetch=there) == 0
    assert len(there.asked) == 1
    ground.advance(minutes=5)
    # The same earthquake in other bytes: nothing new, no intake.
    there.data = collection(quake("us1", 5.2))
    assert feeding.read_due(ground.now(), fetch=there) == 0
    assert (Quake.objects.get().number, Intake.objects.count(), len(there.asked)) == ("us1", 1, 2)
    feed.refresh_from_db()
    assert (feed.failures, feed.trouble, feed.asked_at) == (0, [], ground.now())
    assert feed.news_at == ground.now() - timedelta(minutes=5)
    assert not ActionOrder.objects.exists()


def test_a_feed_that_fails_again_and_again_is_told_once_and_told_when_it_speaks_again(ground, feed, there):
    night = make_account("night", "duty_officer", "370102")
    there.trouble = fetching.FetchFailed(url=feed.url, why="HTTP 503")
    for failures in range(1, 6):
        feeding.read_due(ground.now(), fetch=there)
        feed.refresh_from_db()
        assert feed.failures == failures
        ground.advance(minutes=5)
    assert "HTTP 503" in presenting.trouble(feed)
    there.trouble, there.data = None, collection()
    feeding.read_due(ground.now(), fetch=there)
    deliver_pending()
    tones = Notification.objects.filter(account_id=night.pk, event="hazards.feed").order_by("created_at")
    assert list(tones.values_list("tone", flat=True)) == ["orange", "green"]
    feed.refresh_from_db()
    assert (feed.failures, presenting.trouble(feed)) == (0, "")


@pytest.mark.parametrize("data", [b"<html>busy</html>", b"", SPOTS, b'{"type":"FeatureCollection","features":"x"}'])
def test_what_is_no_feed_of_its_kind_is_trouble_and_takes_nothing(ground, feed, there, data):
    there.data = data
    feeding.read_due(ground.now(), fetch=there)
    feed.refresh_from_db()
    assert feed.failures == 1 or Intake.objects.get().bad
    assert not Quake.objects.exists() and not HotSpot.objects.exists()


def test_the_key_of_a_provider_is_sent_and_never_kept_or_shown(ground, county_leader, there, tmp_path, settings, monkeypatch):
    monkeypatch.setattr(places, "county_at", lambda longitude, _latitude: places.place("370102") if longitude > 73 else None)
    settings.ANLAN = {**settings.ANLAN, "HOME": tmp_path}
    (tmp_path / "secrets" / "feeds").mkdir(parents=True)
    (tmp_path / "secrets" / "feeds" / "firms").write_text("hunter2\n", encoding="utf-8")
    url = "https://firms.example.org/api/{key}/china.csv"
    feed = feeding.register_feed(actor=county_leader, now=ground.now(), name="热点", kind="firms", url=url, secret="firms")
    there.data = SPOTS
    taken = feeding.read_due(ground.now(), fetch=there)
    feed.refresh_from_db()
    assert (taken, presenting.trouble(feed)) == (1, "")
    assert there.asked == [("https://firms.example.org/api/hunter2/china.csv", "")]
    # The spot abroad is none of this country's matter, and no fault of the feed.
    assert Intake.objects.get().bad == 0
    there.trouble = fetching.FetchFailed(url=there.asked[0][0], why="HTTP 403")
    ground.advance(minutes=6)
    feeding.read_due(ground.now(), fetch=there)
    feed.refresh_from_db()
    assert "hunter2" not in str(feed.trouble) and "{key}" in presenting.trouble(feed)


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"url": "http://169.254.169.254/latest"}, LeadsInward),
        ({"every_minutes": 0}, refusals.FeedInterval),
        ({"url": "https://a.example.org/{key}"}, refusals.FeedKeyMissing),
        ({"secret": "x"}, refusals.FeedKeyMissing),
    ],
)
def test_a_feed_is_registered_with_an_address_outward_and_what_its_key_needs(ground, county_leader, values, refused):
    usual = {"name": "x", "kind": "usgs", "url": "https://a.example.org/x"}
    with pytest.raises(refused):
        feeding.register_feed(actor=county_leader, now=ground.now(), **{**usual, **values})
    assert not HazardFeed.objects.exists()


def test_whoever_may_not_configure_registers_changes_and_reads_nothing(ground, feed, county_officer, there):
    for verb in (lambda: feeding.change_feed(feed.pk, actor=county_officer, now=ground.now(), url="https://b.example.org/"),
                 lambda: feeding.read_now(feed.pk, actor=county_officer, now=ground.now(), fetch=there)):  # fmt: skip
        with pytest.raises(NotPermitted):
            verb()
    assert there.asked == []
