"""Where on the platform what the story made can be looked at."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from anlan.site.demo.story.stage import Made


def addresses(made: Made) -> dict[str, str]:
    """Addresses of pages by kind, of what there is so far."""
    one: dict[str, tuple[str, UUID | None]] = {
        "alarm": ("alarms:detail", next(iter(made.alarms[1:]), None)),
        "drift": ("alarms:detail", next(iter(made.alarms), None)),
        "filing": ("filings:detail", made.filing),
        "incident": ("incidents:detail", made.incident),
        "board": ("incidents:board", made.incident),
        "timeline": ("incidents:timeline", made.incident),
        "scene": ("dispatch:scene", made.incident),
        "aid": ("dispatch:request", made.request),
        "judgement": ("judgement:detail", made.judgement),
        "bulletin": ("bulletins:detail", next(iter(made.bulletins), None)),
        "update": ("bulletins:detail", next(iter(made.bulletins[1:2]), None)),
        "all_clear": ("bulletins:detail", next(iter(made.bulletins[2:3]), None)),
        "monitor": ("channels:monitor", made.message),
        "evacuation": ("evacuation:detail", made.evacuation.pk if made.evacuation is not None else None),
        "review": ("aftermath:detail", made.review),
    }

    links = {"links": reverse("relays:links")} if made.cut is not None else {}
    return links | {kind: reverse(name, args=[key]) for kind, (name, key) in one.items() if key is not None}
