"""Sums and gaps as the database keeps them: exactly what the store tells, owned by the right enterprise, standing until filled."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.accounts import client_for
from tests.rooms.sense.plant import LOADER, NOW, Plant, officer

from anlan.kernel import clock as kernel_clock
from anlan.kernel.errors import NotFound, NotPermitted
from anlan.ledger.models import AuditEntry
from anlan.sense.completeness import door, rules, services
from anlan.sense.completeness.models import CompletenessDay, DeclaredInterval, Gap
from anlan.sense.stream.door import DeviceDay, DiskState, PointProof, StoreSilent
from anlan.sense.stream.door import Gap as Told

TODAY = date(2026, 11, 22)


class FakeStore:
    """What the telemetry process would answer."""

    def __init__(self) -> None:
        self.days: dict[date, tuple[DeviceDay, ...]] = {}
        self.told: tuple[Told, ...] = ()
        self.declared: list[tuple[int, float]] = []
        self.asked: list[tuple[object, ...]] = []
        self.spans: list[tuple[datetime, datetime]] = []
        self.heard, self.silent, self.refused = True, False, 0
        self.lacking = 0
        self.disk = DiskState(50.0, 2**34, False, NOW, 95.0, 93.0)

    def completeness_day(self, day: date) -> tuple[DeviceDay, ...]:
        if self.silent:
            raise StoreSilent()
        return self.days.get(day, ())

    def gaps(self, since: datetime, until: datetime) -> tuple[Told, ...]:
        self.spans.append((since, until))
        return tuple(gap for gap in self.told if gap.until is None or gap.until > since)

    def declare_intervals(self, intervals: object) -> None:
        self.declared = list(intervals)  # type: ignore[call-overload]

    def ask_again(self, *asked: object) -> bool:
        self.asked.append(asked)
        return self.heard

    def quarantine_counts(self, _actor: object) -> tuple[object, ...]:
        return tuple(SimpleNamespace(credential=name, count=self.refused, used=False) for name in self.refusing)

    refusing: tuple[str, ...] = ()

    def completeness_proof(self, channels: object, _day: date) -> tuple[PointProof, ...]:
        if self.silent:
            raise StoreSilent()
        recorded = {"expected": 100, "received": 98, "late": 1, "repeated": 3, "missing": 2}
        found = {"received": 98, "late": 1, "missing": 2 + self.lacking}
        return tuple(PointProof(channel, 10.0, "declared", NOW, NOW, recorded, found) for channel in channels)  # type: ignore[attr-defined]

    def disk_state(self) -> DiskState:
        if self.silent:
            raise StoreSilent()
        return self.disk

    def removed_readings(self) -> tuple[object, ...]:
        return ()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> FakeStore:
    from anlan.sense.stream import door as stream

    fake = FakeStore()
    names = "completeness_day gaps declare_intervals ask_again quarantine_counts completeness_proof disk_state removed_readings"
    for name in names.split():
        monkeypatch.setattr(stream, name, getattr(fake, name))
    return fake


def sums(plant: Plant, **figures: int) -> DeviceDay:
    told = {"expected": 1000, "received": 990, "late": 5, "repeated": 7, "missing": 10, "silent": 0, "outside": 3, "frozen": 1}
    return DeviceDay(plant.issued.credential.username, plant.device.code, 2, **{**told, **figures})


def gap(plant: Plant, **facts: object) -> Told:
    since = NOW - timedelta(hours=2)
    told: dict[str, object] = {
        "credential": plant.issued.credential.username,
        "device_code": plant.device.code,
        "since": since,
        "until": since + timedelta(hours=1),
        "points": 2,
        "missing_first": 720,
        "missing": 720,
        "filled_at": None,
        "ask": (since, since + timedelta(hours=1)),
        "channels": (1, 2),
    }
    return Told(**{**told, **facts})  # type: ignore[arg-type]


# --- Sums ---------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_sums_belong_to_the_enterprise_of_the_credential_and_running_again_changes_nothing(store: FakeStore) -> None:
    ours, theirs = Plant(1), Plant(2, "370103")
    store.days[TODAY] = (sums(ours), sums(theirs, missing=0, received=1000), DeviceDay("stranger", "x", 1, 9, 9, 0, 0, 0, 0, 0, 0))
    for _ in range(2):
        services.refresh(NOW)
    assert CompletenessDay.objects.count() == 2
    row = CompletenessDay.objects.get(enterprise=ours.enterprise)
    assert (row.place_code, row.name, row.devices, row.points, row.share) == ("370102", ours.enterprise.name, 1, 2, 99.0)
    assert CompletenessDay.objects.get(enterprise=theirs.enterprise).share == 100.0
    (figures,) = door.figures(officer("370102", "completeness.view"), TODAY, TODAY)
    assert (figures.enterprise_id, figures.missing, figures.point_days) == (ours.enterprise.pk, 10, 2)


@pytest.mark.django_db
def test_what_is_refused_counts_once_on_the_day_it_came(store: FakeStore) -> None:
    plant = Plant()
    store.days[TODAY] = (sums(plant),)
    store.refusing, store.refused = (plant.issued.credential.username,), 40
    for refused in (40, 40, 55):
        store.refused = refused
        services.refresh(NOW)
    assert CompletenessDay.objects.get().refused == 55
    store.refused = 5
    services.refresh(NOW)
    assert CompletenessDay.objects.get().refused == 60, "a stream that was made anew counts from nothing"


@pytest.mark.django_db
def test_a_gap_of_two_years_ago_is_told_as_filled_within_the_hour_and_its_days_are_reckoned_again(store: FakeStore) -> None:
    plant, long_ago = Plant(), NOW - timedelta(days=730)
    told = {"since": long_ago, "until": long_ago + timedelta(hours=1), "ask": (long_ago, long_ago + timedelta(hours=1))}
    store.told = (gap(plant, **told),)
    services.refresh(long_ago + timedelta(hours=2))
    assert Gap.objects.get().state == rules.ENDED
    day = timezone.localdate(long_ago)
    store.told = (gap(plant, **{**told, "missing": 0, "filled_at": NOW, "ask": None}),)
    store.days[day] = (sums(plant, missing=0, received=1000, late=720),)
    services.refresh(NOW + timedelta(minutes=30))
    assert Gap.objects.get().state == rules.ENDED, "older than a year: looked at once an hour"
    services.refresh(NOW + timedelta(hours=1))
    filled = Gap.objects.get()
    assert (filled.state, filled.missing, filled.missing_first, filled.filled_at) == (rules.FILLED, 0, 720, NOW)
    row = CompletenessDay.objects.get(day=day)
    assert (row.missing, row.late, row.share) == (0, 720, 100.0)
    reach = [until - since for since, until in store.spans]
    assert reach[0] <= timedelta(days=3) and reach[1] == timedelta(days=366) and reach[2] == timedelta(days=730, hours=1)


@pytest.mark.django_db
def test_a_silent_store_leaves_the_record_as_it_is(store: FakeStore) -> None:
    plant = Plant()
    store.days[TODAY] = (sums(plant),)
    services.refresh(NOW)
    store.silent = True
    with pytest.raises(StoreSilent):
        services.refresh(NOW + timedelta(minutes=5))
    assert CompletenessDay.objects.get().as_of == NOW


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_share_is_a_hundred_only_when_nothing_is_missing(expected: int, missing: int) -> None:
    share = rules.share(expected, missing)
    assert (share is None) == (expected == 0)
    if share is not None:
        assert 0 <= share <= 100
        assert (share == 100) == (missing == 0)


# --- Gaps ---------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_gap_stands_until_late_data_fills_it_and_its_day_is_counted_again(store: FakeStore) -> None:
    plant = Plant()
    store.told = (gap(plant, until=None, ask=None),)
    services.refresh(NOW)
    assert Gap.objects.get().state == rules.OPEN
    store.told = (gap(plant),)
    services.refresh(NOW)
    assert Gap.objects.get().state == rules.ENDED
    store.told = (gap(plant, missing=0, filled_at=NOW, ask=None),)
    asked_days: list[date] = []
    store.completeness_day = lambda day: asked_days.append(day) or ()  # type: ignore[method-assign,func-returns-value]
    services.stream.completeness_day = store.completeness_day  # type: ignore[assignment]
    services.refresh(NOW + timedelta(minutes=5))
    row = Gap.objects.get()
    assert (row.state, row.filled_at, row.missing_first, row.missing) == (rules.FILLED, NOW, 720, 0)
    assert TODAY in asked_days


@pytest.mark.django_db
def test_a_gap_that_is_told_otherwise_is_replaced_and_one_that_is_not_told_at_all_stays(store: FakeStore) -> None:
    plant = Plant()
    store.told = (gap(plant),)
    services.refresh(NOW)
    store.told = ()
    services.refresh(NOW)
    assert Gap.objects.count() == 1, "a store that lost its tables wipes out nothing"
    store.told = (gap(plant, since=NOW - timedelta(minutes=119)),)
    services.refresh(NOW)
    assert Gap.objects.get().since == NOW - timedelta(minutes=119)


@pytest.mark.django_db
def test_a_device_is_asked_again_at_intervals_and_not_for_ever(store: FakeStore) -> None:
    plant = Plant()
    store.told = (gap(plant),)
    services.refresh(NOW)
    services.refresh(NOW + timedelta(minutes=5))
    since = NOW - timedelta(hours=2)
    assert store.asked == [(plant.issued.credential.username, "D1", since, since + timedelta(hours=1))]
    for turn in range(20):
        services.refresh(NOW + timedelta(minutes=31 * (turn + 1)))
    assert len(store.asked) == rules.ASK_TIMES
    assert Gap.objects.get().asked_times == rules.ASK_TIMES


@pytest.mark.django_db
def test_a_device_without_a_line_is_not_counted_as_asked(store: FakeStore) -> None:
    plant = Plant()
    store.heard, store.told = False, (gap(plant),)
    services.refresh(NOW)
    row = Gap.objects.get()
    assert (row.asked_at, row.asked_times) == (None, 0)
    with pytest.raises(rules.NoLine):
        services.ask_again(row.pk, actor=officer("370102", "completeness.view", "completeness.ask"), now=NOW)
    assert not AuditEntry.objects.filter(action="completeness.ask").exists()


@pytest.mark.django_db
def test_asking_by_hand_is_permitted_audited_and_scoped(store: FakeStore) -> None:
    plant = Plant()
    store.told = (gap(plant),)
    services.refresh(NOW)
    row = Gap.objects.get()
    with pytest.raises(NotPermitted):
        services.ask_again(row.pk, actor=officer("370102", "completeness.view"), now=NOW)
    with pytest.raises(NotFound):
        services.ask_again(row.pk, actor=officer("370103", "completeness.view", "completeness.ask"), now=NOW)
    services.ask_again(row.pk, actor=officer("370102", "completeness.view", "completeness.ask"), now=NOW)
    assert AuditEntry.objects.filter(action="completeness.ask").count() == 1
    Gap.objects.update(state=rules.FILLED)
    with pytest.raises(rules.NothingToAsk):
        services.ask_again(row.pk, actor=officer("370102", "completeness.view", "completeness.ask"), now=NOW)


# --- Declared intervals ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_declared_interval_travels_to_the_store_and_can_be_withdrawn(store: FakeStore) -> None:
    plant = Plant()
    services.declare_interval(plant.pressure.id, 10.0, "设计文件", actor=LOADER, now=NOW)
    services.refresh(NOW)
    assert store.declared == [(plant.pressure.channel, 10.0)]
    services.declare_interval(plant.pressure.id, None, "", actor=LOADER, now=NOW)
    services.refresh(NOW)
    assert store.declared == [(plant.pressure.channel, 0.0)] and DeclaredInterval.objects.count() == 1
    for wrong in (0.0, -1.0, 10**9):
        with pytest.raises(rules.IntervalOutOfRange):
            services.declare_interval(plant.pressure.id, wrong, "x", actor=LOADER, now=NOW)
    with pytest.raises(rules.BasisMissing):
        services.declare_interval(plant.pressure.id, 5.0, " ", actor=LOADER, now=NOW)
    with pytest.raises(NotPermitted):
        services.declare_interval(plant.pressure.id, 5.0, "x", actor=officer("370102", "devices.view"), now=NOW)


# --- The proof ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_proof_can_be_exported_read_again_and_does_not_survive_a_change(store: FakeStore, jinan_places: None, clock: object) -> None:
    plant = Plant()
    store.days[TODAY] = (sums(plant),)
    services.refresh(NOW)
    row = CompletenessDay.objects.get()
    client = client_for("bureau_clerk")
    answer = client.get(reverse("completeness:proof", args=[row.pk]))
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    told = rules.read_proof(answer.content)
    assert told["record_agrees"] and told["sums"] == {"expected": 200, "received": 196, "late": 2, "missing": 4, "repeated": 6}
    assert rules.differences(told["points"], {p["channel"]: {"missing": 2, "received": 98} for p in told["points"]}) == []
    changed = json.loads(answer.content)
    changed["points"][0]["missing"] = 0
    with pytest.raises(rules.ProofUnreadable):
        rules.read_proof(json.dumps(changed).encode())
    for wrong in (b"", b"[]", b'{"method": "x"}'):
        with pytest.raises(rules.ProofUnreadable):
            rules.read_proof(wrong)
    (difference, *_rest) = rules.differences(told["points"], {p["channel"]: {"missing": 0} for p in told["points"]})
    assert (difference.name, difference.proved, difference.found) == ("missing", 2, 0)


@pytest.mark.django_db
def test_the_pages_show_the_day_the_gap_the_interval_and_what_is_kept(store: FakeStore, jinan_places: None, clock: object) -> None:
    plant = Plant(now=kernel_clock.now())
    store.days[TODAY], store.told = (sums(plant),), (gap(plant),)
    services.refresh(NOW)
    row, lack = CompletenessDay.objects.get(), Gap.objects.get()
    clerk = client_for("bureau_clerk")
    page = clerk.get(reverse("completeness:day", args=[row.pk]))
    assert page.status_code == 200 and "99.0%" in page.content.decode()
    verified = clerk.get(reverse("completeness:day", args=[row.pk]), {"verify": "1"}).content.decode()
    assert "从读数重新核算的结果与统计一致" in verified
    store.lacking = 1
    assert "不一致" in clerk.get(reverse("completeness:day", args=[row.pk]), {"verify": "1"}).content.decode()
    assert clerk.get(reverse("completeness:gap", args=[lack.pk])).status_code == 200
    assert clerk.post(reverse("completeness:ask", args=[lack.pk])).status_code == 302
    store.heard = False
    refused = clerk.post(reverse("completeness:ask", args=[lack.pk]))
    assert refused.status_code == 409 and "没有可补传的连接" in refused.content.decode()
    assert clerk.get(reverse("completeness:declare", args=[plant.gas.id])).status_code == 200
    wrong = clerk.post(reverse("completeness:declare", args=[plant.gas.id]), {"interval_s": "0.001", "basis": "x"})
    assert wrong.status_code == 422
    assert clerk.post(reverse("completeness:declare", args=[plant.gas.id]), {"interval_s": "5", "basis": "说明书"}).status_code == 302
    assert "5" in clerk.get(reverse("devices:sensor", args=[plant.gas.id])).content.decode()
    kept = clerk.get(reverse("completeness:retention"))
    assert kept.status_code == 200 and "第40号" in kept.content.decode()
    store.silent = True
    assert "未知" in clerk.get(reverse("completeness:retention")).content.decode()
    assert clerk.get(reverse("completeness:day", args=[row.pk]), {"verify": "1"}).status_code == 200


@pytest.mark.django_db
def test_the_duty_desk_says_when_the_node_takes_in_nothing(store: FakeStore, jinan_places: None, clock: object) -> None:
    duty = client_for("duty_officer")
    assert "停止接收" not in duty.get(reverse("duty:desk")).content.decode()
    store.disk = DiskState(96.0, 2**30, True, NOW, 95.0, 93.0)
    shown = duty.get(reverse("duty:desk")).content.decode()
    assert "本节点已停止接收设备读数" in shown and "96.0%" in shown


@pytest.mark.django_db
def test_nobody_sees_the_completeness_of_another_county(store: FakeStore, jinan_places: None, clock: object) -> None:
    plant = Plant(2, "370103")
    store.days[TODAY], store.told = (sums(plant),), (gap(plant),)
    services.refresh(NOW)
    row, lack = CompletenessDay.objects.get(), Gap.objects.get()
    clerk = client_for("bureau_clerk", "370102")
    for name, pk in (("day", row.pk), ("proof", row.pk), ("gap", lack.pk), ("declare", plant.gas.id)):
        assert clerk.get(reverse(f"completeness:{name}", args=[pk])).status_code == 404, name
    assert clerk.post(reverse("completeness:ask", args=[lack.pk])).status_code == 404
    assert client_for("audit_admin").get(reverse("completeness:retention")).status_code == 403
