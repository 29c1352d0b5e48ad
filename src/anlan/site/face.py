"""Fills the seams of the desk's frame from the rooms' doors."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import navigation
from anlan.desk.joints import AlarmLine, joints
from anlan.desk.mapping import layers, shapes
from anlan.ground.enterprises import door as enterprises
from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.levels import covers, prefix_of
from anlan.sense.alarms import door as alarms
from anlan.site.demo import drill as drills
from anlan.site.demo.cast import PLANT_COUNTY
from anlan.site.navigation import TASKS

ALARMS_READ_AT_MOST = 500


def _open_alarms(actor: Actor, limit: int, place: str) -> Sequence[AlarmLine]:
    prefix = prefix_of(place) if place else ""
    found = alarms.open_alarms(actor, ALARMS_READ_AT_MOST if prefix else limit)
    shown = [alarm for alarm in found if alarm.place_code.startswith(prefix)][:limit]
    names = enterprises.names({alarm.enterprise_id for alarm in shown})
    return [
        AlarmLine(
            key=str(alarm.id),
            title=alarm.title,
            level=alarm.level,
            active=alarm.active,
            acknowledged=alarm.acknowledged,
            exercise=alarm.exercise,
            place_code=alarm.place_code,
            where=names.get(alarm.enterprise_id) or places.place_name(alarm.place_code),
            since=alarm.raised_at,
            longitude=alarm.longitude,
            latitude=alarm.latitude,
            url=alarm.url,
        )
        for alarm in shown
    ]


def _bounds(code: str) -> tuple[float, float, float, float] | None:
    box = places.bounds(code)
    return (box.west, box.south, box.east, box.north) if box is not None else None


def _place_name(code: str) -> str:
    return gettext("全国") if code == "000000" else places.place_name(code)


def _exercise_running(actor: Actor) -> bool:
    drill = drills.running() if settings.ANLAN["DEMO"] else None
    return drill is not None and covers(prefix_of(actor.place_code), PLANT_COUNTY)


GRADES = {"red": _("一级"), "orange": _("二级"), "yellow": _("三级"), "blue": _("四级"), "grey": _("非重大")}


def join() -> None:
    """Called once, when every room is loaded."""
    for code in ("enterprises", "risksources"):
        layers.describe(code, _("重大危险源等级"), GRADES)
    shapes.use_outlines(places.outline)
    navigation.set_tasks(TASKS)
    joints.unacknowledged_count = alarms.unacknowledged_count
    joints.open_counts_by_county = alarms.open_counts_by_county
    joints.open_alarms = _open_alarms
    joints.place_name = _place_name
    joints.place_bounds = _bounds
    joints.place_children = places.children
    joints.place_ancestors = places.ancestors
    joints.place_exists = places.exists
    joints.actor_of_session = people.actor_for_session
    joints.actor_of_key = people.by_key
    joints.exercise_running = _exercise_running
    joints.alarms_url = "alarms:desk"
    joints.alarm_kinds = (alarms.AlarmRaised.kind, alarms.AlarmAcknowledged.kind, alarms.AlarmCleared.kind, alarms.AlarmShelved.kind)
