"""What the demonstration remembers: that it was built, its drills, and the playings of its exercise. These tables stay empty outside demo mode."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.kernel.ids import new_id


class DemoWorld(models.Model):
    """The invented world, built once."""

    complete = models.BooleanField(default=False)
    built_at = models.DateTimeField()
    plant_id = models.UUIDField()


class Drill(models.Model):
    """One run of the chlorine exercise: begun, the valve capped, ended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=100)
    capped_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["ended_at"], nulls_distinct=False, condition=models.Q(ended_at__isnull=True), name="demo_one_drill"
            )
        ]


class Playing(models.Model):
    """One playing of the whole exercise: whose, of which T0, how far it is, and where what it made can be looked at."""

    WAITING, RUNNING, DONE, CANCELLED, FAILED = "waiting", "running", "done", "cancelled", "failed"
    STATES: ClassVar[list[tuple[str, Any]]] = [
        (WAITING, _("等待中")),
        (RUNNING, _("播放中")),
        (DONE, _("已完成")),
        (CANCELLED, _("已取消")),
        (FAILED, _("未完成")),
    ]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(_("状态"), max_length=10, choices=STATES, default=WAITING)
    # Each playing has a night of its own: no reading, bulletin or number of one is taken for another's.
    began = models.DateTimeField(_("演习开始时刻"), unique=True)
    by_name = models.CharField(_("播放人"), max_length=100)
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    played = models.PositiveSmallIntegerField(_("已播放"), default=0)
    cancel_requested = models.BooleanField(default=False)
    incident_id = models.UUIDField(null=True)
    # Addresses of pages by kind (see story.places): what was made, not where it is, may go; the page then says so itself.
    addresses = models.JSONField(default=dict)
    # What stood in the way: the refusal's sentence and its facts, so that every reader reads it in his language.
    problem = models.CharField(max_length=300, blank=True, default="")
    problem_facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["-created_at"], name="demo_playing_newest")]

    @property
    def is_running(self) -> bool:
        """Whether it waits or is being played."""
        return self.state in (self.WAITING, self.RUNNING)
