"""Where the exercise is played: its own time, its own carriers, and what time brings about between two acts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import translation

from anlan.command.dispatch import sweeping as scenes
from anlan.command.incidents import door as incidents
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger import clocks, events
from anlan.site.demo.story.carriers import Carriers
from anlan.site.demo.story.people import Cast
from anlan.warn.channels import dispatcher
from anlan.warn.channels.models import Message
from anlan.wire.detections import Transition

BEFOREHAND = timedelta(minutes=1)
"""A task of the board is done so long before it is due."""


@dataclass
class Made:
    """What has come of the story so far. ``None`` until its act."""

    hint: Transition | None = None
    alarms: list[UUID] = field(default_factory=list)
    filing: UUID | None = None
    judgement: UUID | None = None
    runs: list[UUID] = field(default_factory=list)
    incident: UUID | None = None
    response: UUID | None = None
    request: UUID | None = None
    answer: UUID | None = None
    fire_task: UUID | None = None
    cut: UUID | None = None
    crew: Any = None
    closure: UUID | None = None
    bulletins: list[UUID] = field(default_factory=list)
    message: UUID | None = None
    evacuation: Any = None
    instructions: list[UUID] = field(default_factory=list)
    review: UUID | None = None


class Stage:
    """One playing. ``began`` is T0; ``now`` the moment of the act that is played."""

    def __init__(self, cast: Cast, began: datetime) -> None:
        self.cast, self.began, self.now = cast, began, began
        self.made = Made()
        self.carriers = Carriers(cast.works.place_code)
        self._deliver: Callable[[], int] = lambda: 0

    @contextmanager
    def open(self) -> Iterator[None]:
        """Inside, this thread's clock is the story's, and what is announced is heard here; both end with the block, whatever happened in it.

        Words that rooms write into their records are Chinese: the cast is.
        """
        with clock.told_by(lambda: self.now), events.in_hand() as self._deliver, translation.override("zh-hans"):
            self.now = self.began - timedelta(days=1)
            self.carriers.open(self.now)
            yield
            self._pass()
            self.carriers.close(self.now)

    def moment(self, minutes: float) -> datetime:
        """T0 and so many minutes."""
        return self.began + timedelta(minutes=minutes)

    def at(self, minutes: float) -> None:
        """It is T0 and so many minutes: tasks of the board were done in their time, and what time passes over has passed."""
        until = self.moment(minutes)
        if self.made.incident is not None:
            self._do_tasks(until)
        self.now = until
        self._pass()

    def _do_tasks(self, until: datetime) -> None:
        officer = self.cast["officer"]
        own = [task for task in incidents.open_tasks(officer, self.now, limit=200) if task.incident_id == self.made.incident]
        for task in own:
            if task.due - BEFOREHAND <= until:
                self.now = max(self.now, task.due - BEFOREHAND)
                incidents.finish_task(task.id, "已完成", actor=officer, now=self.now)

    def _pass(self) -> None:
        """What was announced is heard, messages go on, deadlines pass. At a moment of the past nothing else on the node is due any more."""
        self._deliver()
        own = self.messages()
        dispatcher.plan_waiting(own)
        dispatcher.sweep(own)
        clocks.sweep(self.now)
        scenes.sweep(self.now)
        self._deliver()

    def messages(self) -> list[UUID]:
        """Messages of this playing: of an exercise, and said at its moments, when no other is being sent any more."""
        said = Message.objects.filter(exercise=True, approved_at__range=(self.began - timedelta(hours=1), self.now))
        return list(said.values_list("pk", flat=True))

    def hand_over(self) -> None:
        """The exercise's carriers take what waits for them."""
        self.carriers.hand_over(self.messages(), self.now)

    def actor(self, role: str) -> Actor:
        """Somebody of the cast."""
        return self.cast[role]

    def __getitem__(self, role: str) -> Actor:
        return self.cast[role]
