"""What the launcher prints and what the sign-in page offers in demo mode."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from anlan.ground.people.door import DemoRole
from anlan.site.demo.cast import GROUPS, PARTS


def password_file() -> Path:
    """Where this node keeps the one password of its demonstration accounts."""
    return Path(settings.ANLAN["HOME"]) / "secrets" / "demo-password"


def password() -> str:
    """The demonstration password of this node, drawn at random the first time it is asked for."""
    path = password_file()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(f"Anlan-{secrets.token_urlsafe(9)}-7a", encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def roles() -> Iterable[DemoRole]:
    """Every role of the cast, grouped for the sign-in page."""
    for part in PARTS:
        group_zh, group_en = GROUPS[part.group]
        yield DemoRole(
            username=part.username,
            label_zh=part.label_zh,
            label_en=part.label_en,
            purpose_zh=part.purpose_zh,
            purpose_en=part.purpose_en,
            group_zh=group_zh,
            group_en=group_en,
        )


def lines() -> list[str]:
    """The accounts as the launcher prints them."""
    width = max(len(part.username) for part in PARTS)
    return [f"{part.username:<{width}}  {part.label_zh} · {part.label_en}" for part in PARTS] + [
        f"password of all of them: {password()}   (or one click on the sign-in page)"
    ]
