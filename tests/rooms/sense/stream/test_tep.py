"""A labelled fault run of the Tennessee Eastman process through MQTT: the alarm rises with the fault and not before."""

from datetime import UTC, datetime

import pytest
from tests.rooms.sense.pipeline import device, entry, limit, pipeline, point, wait_until
from tests.rooms.sense.plant import LOADER, NOW, enterprise
from tests.stories import tep

from anlan.sense.devices import snapshot
from anlan.wire import detections

pytestmark = [pytest.mark.engines, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def runs(shared, tmp_path_factory):
    return tep.unpack(shared, tmp_path_factory.mktemp("tep"))


def test_the_alarm_of_fault_4_rises_at_its_onset_and_not_before(runs):
    normal, faulty = tep.series(runs, "d00_te"), tep.series(runs, "d04_te")
    channels = {name: number for number, name in enumerate(tep.VARIABLES, 1)}
    told = [limit(x.kind, x.limit, x.hysteresis, x.dwell_s, x.level) for x in tep.limits(runs, tep.COOLING_WATER)]
    points = [point(name, number, *(told if name == tep.COOLING_WATER else ())) for name, number in channels.items()]
    shifted = [point(name, number + 100, *(told if name == tep.COOLING_WATER else ())) for name, number in channels.items()]
    with pipeline() as running:
        running.admit([entry("c1", device("TEP-1", *points), device("TEP-0", *shifted))])
        running.start("telemetry", "intake", "detector")
        start = tep.start_of(faulty, datetime.now(UTC))
        for code, run in (("TEP-0", normal), ("TEP-1", faulty)):
            result = tep.play(run, credential="c1", secret="good", device=code, start=start, port=running.mqtt_port)
            assert (result.rows, result.acknowledged) == (960, 960)
        wait_until(lambda: running.stored() == 2 * 960 * 52, "both runs are stored", 60)
        wait_until(lambda: running.transitions(), "an alarm was told of")
        raised = [t for t in running.transitions() if t.change == detections.RAISE]
    start_ms = round(start.timestamp() * 1000)
    rows = [(t.kind, (t.time_ms - start_ms) / 1000 / tep.INTERVAL_S) for t in raised]
    # Nothing from the fault-free run, and the first alarm of the other with the first faulty row.
    assert all(t.channel == channels[tep.COOLING_WATER] for t in raised)
    assert {("H", tep.ONSET_ROW), ("HH", tep.ONSET_ROW)} <= set(rows)
    assert all(row >= tep.ONSET_ROW for _kind, row in rows)


@pytest.mark.django_db
def test_the_plant_is_registered_with_its_points_and_the_limits_of_its_normal_run(runs):
    plant = tep.register(runs, enterprise().pk, actor=LOADER, now=NOW)
    (found,) = snapshot.entries(NOW)[plant.issued.credential.username].devices
    limits = {point.code: [x.kind for x in point.limits] for point in found.sensors if point.limits}
    assert len(found.sensors) == 52 and limits == {tep.COOLING_WATER: ["HH", "H"]}
