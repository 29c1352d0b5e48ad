"""What every page's frame shows: who acts, where, the navigation, counts, language, appearance. Worked out only when a page asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from anlan import __version__
from anlan.desk import navigation
from anlan.desk.joints import LinkState, joints
from anlan.desk.language import theme_of
from anlan.kernel import clock
from anlan.kernel.access import Actor

PHONE_ENTRIES = 3
"""Tasks shown in the bottom bar of a phone, beside "more"."""


def address(route: str, *args: object) -> str:
    """The address of a named page, empty while no room serves it."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""


@dataclass
class Shell:
    """The frame of one page for one request. Every part is worked out at most once, and only if shown."""

    request: HttpRequest

    version: str = __version__

    @cached_property
    def actor(self) -> Actor | None:
        """Who acts, ``None`` before sign-in."""
        return getattr(self.request, "actor", None)

    @cached_property
    def language(self) -> str:
        """Code of the active language."""
        return translation.get_language() or settings.LANGUAGE_CODE

    @property
    def html_lang(self) -> str:
        """Value of the page's ``lang`` attribute."""
        return "en" if self.language == "en" else "zh-CN"

    @property
    def other_language(self) -> tuple[str, str]:
        """Code and own name of the language to switch to."""
        return ("zh-hans", "中文") if self.language == "en" else ("en", "English")

    @cached_property
    def theme(self) -> str:
        """``light`` or ``dark``."""
        return theme_of(self.request)

    @cached_property
    def node_name(self) -> str:
        """Name of the node; where none is given, the place the actor serves."""
        named = joints.node_name() if joints.node_name is not None else ""
        return named or self.place_name

    @cached_property
    def place_name(self) -> str:
        """Name of the actor's place, or its code while no room names places."""
        if self.actor is None or not self.actor.place_code:
            return ""
        return joints.place_name(self.actor.place_code) if joints.place_name is not None else self.actor.place_code

    @cached_property
    def level(self) -> str:
        """Administrative level of the actor."""
        return gettext(self.actor.level.label) if self.actor is not None else ""

    @cached_property
    def link_state(self) -> LinkState | None:
        """Link to the upper node; ``None`` when this node has none above it."""
        return joints.link_state() if joints.link_state is not None else None

    @property
    def link_url(self) -> str:
        """Address of the page of this node's links, empty when the actor may not look at it."""
        return address("relays:links") if self.actor is not None and self.actor.may_somewhere("relays.view") else ""

    @cached_property
    def entries(self) -> tuple[navigation.Entry, ...]:
        """The navigation."""
        return navigation.entries(self.actor, self.request.path) if self.actor is not None else ()

    @property
    def phone_entries(self) -> tuple[navigation.Entry, ...]:
        """The first tasks, for the bottom bar of a phone."""
        return self.entries[:PHONE_ENTRIES]

    @cached_property
    def may_see_alarms(self) -> bool:
        """Whether the bar shows the number of unacknowledged alarms."""
        return joints.unacknowledged_count is not None and self.actor is not None and self.actor.may_somewhere(joints.alarms_action)

    @cached_property
    def unacknowledged(self) -> int | None:
        """Alarms nobody has acknowledged, ``None`` when the actor may not see alarms."""
        if not self.may_see_alarms or joints.unacknowledged_count is None or self.actor is None:
            return None
        return joints.unacknowledged_count(self.actor)

    @property
    def alarms_url(self) -> str:
        """Address of the list of open alarms."""
        return address(joints.alarms_url) if joints.alarms_url else ""

    @property
    def alarms_trigger(self) -> str:
        """htmx trigger that refreshes counts of alarms."""
        return ", ".join(f"sse:{kind} from:body" for kind in joints.alarm_kinds)

    @property
    def banner_url(self) -> str:
        """Address of the warnings that this visitor is to take note of, empty when he may see none."""
        return address("channels:banner") if self.actor is not None and self.actor.may_somewhere("bulletins.view") else ""

    @property
    def calls_url(self) -> str:
        """Address of the calls for help from the field, empty when the actor may see none."""
        return address("field:calls") if self.actor is not None and self.actor.may_somewhere("field.view") else ""

    @cached_property
    def exercise(self) -> bool:
        """Whether an exercise is running at the actor's place."""
        return joints.exercise_running is not None and self.actor is not None and joints.exercise_running(self.actor)

    @cached_property
    def data_time(self) -> datetime:
        """When this page's data were read."""
        return clock.now()

    @property
    def demo(self) -> bool:
        """Whether the node runs in demo mode."""
        return bool(settings.ANLAN["DEMO"])

    @property
    def live_url(self) -> str:
        """Address of the event stream, empty before sign-in."""
        return "/live/" if self.actor is not None else ""

    @property
    def urls(self) -> dict[str, str]:
        """Addresses of pages that other rooms serve, empty while they do not."""
        return {
            "search": address("desk:search"),
            "notifications": address("desk:notifications"),
            "todo": address("desk:todo"),
            "profile": address("people:profile"),
            "posts": address("people:choose_post"),
            "sign_out": address("people:sign_out"),
            "drill": address("demo:drill"),
        }


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``shell`` in every template, at no cost for templates that do not use it."""
    return {"shell": SimpleLazyObject(lambda: Shell(request))}
