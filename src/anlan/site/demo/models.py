"""What the demonstration remembers: that it was built, and its drills. These tables stay empty outside demo mode."""

from __future__ import annotations

from django.db import models

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
