"""The camera wall: a directory by county and enterprise beside tiles with state and newest picture; ``?wall=1`` for a screen of 1080 lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, requires
from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.levels import prefix_of
from anlan.sense.video import queries, rules, views

TILES, WALL_TILES = 24, 24
NO_ENTERPRISE = "none"


@dataclass(frozen=True)
class Asked:
    """What the page shows: everything below a place, of one enterprise (or of none), in one state; which page; on a wall."""

    place: str
    enterprise: str
    state: str
    page: int
    wall: bool

    def url(self, **changed: Any) -> str:
        """The address of the same page with something changed; a change of what is shown begins at the first page."""
        told = {
            "place": self.place,
            "enterprise": self.enterprise,
            "state": self.state,
            "page": 1,
            "wall": "1" if self.wall else "",
            **changed,
        }
        kept = {name: value for name, value in told.items() if value and not (name == "page" and value == 1)}
        return reverse("video:wall") + (f"?{urlencode(kept)}" if kept else "")


def asked(request: ActorRequest) -> Asked:
    """The question in the address; what is no answer to anything counts as not asked."""
    place, enterprise, state = (request.GET.get(name, "") for name in ("place", "enterprise", "state"))
    if not (place.isascii() and place.isdigit() and len(place) in (6, 9)):
        place = ""
    if enterprise != NO_ENTERPRISE:
        try:
            enterprise = str(UUID(enterprise)) if enterprise else ""
        except ValueError:
            enterprise = ""
    page = request.GET.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    return Asked(place, enterprise, state if state in rules.LINE_STATES else "", max(1, number), request.GET.get("wall") == "1")


@requires("video.view")
@require_GET
def wall_page(request: ActorRequest) -> HttpResponse:
    """Directory and tiles."""
    actor = cast(Actor, request.actor)
    wanted = asked(request)
    rows = queries.cameras(actor)
    if wanted.place:
        rows = rows.filter(place_code__startswith=prefix_of(wanted.place))
    if wanted.enterprise:
        rows = rows.filter(enterprise_id=None if wanted.enterprise == NO_ENTERPRISE else wanted.enterprise)
    if wanted.state:
        rows = rows.filter(line=wanted.state)
    size = WALL_TILES if wanted.wall else TILES
    total = rows.count()
    pages = max(1, -(-total // size))
    page = min(wanted.page, pages)
    shown = rows.select_related("enterprise").order_by("place_code", "enterprise__name", "name_key", "id")[(page - 1) * size : page * size]
    now = clock.now()
    context = {
        "asked": wanted,
        "counties": _counties(actor, wanted),
        "tiles": views.tiles(list(shown), now),
        "total": total,
        "counts": queries.line_count(actor),
        "page": page,
        "pages": pages,
        "previous_url": wanted.url(page=page - 1) if page > 1 else "",
        "next_url": wanted.url(page=page + 1) if page < pages else "",
        "states": [(label, wanted.url(state=code), code == wanted.state) for code, label in _states()],
        "wall_url": wanted.url(wall="" if wanted.wall else "1"),
        "clear_url": reverse("video:wall"),
        "here": _here(wanted),
        "now": now,
        "may_manage": actor.may_somewhere("video.manage"),
    }
    return render(request, "video/wall_screen.html" if wanted.wall else "video/wall.html", context)


def _states() -> list[tuple[str, str]]:
    return [("", _("全部")), *((code, _(label)) for code, label in rules.LINE_STATES.items())]


def _here(wanted: Asked) -> str:
    """What the tiles are of, in words."""
    parts = [places.full_name(wanted.place)] if wanted.place else []
    if wanted.enterprise == NO_ENTERPRISE:
        parts.append(_("未归属企业"))
    elif wanted.enterprise:
        parts.append(enterprises.names([UUID(wanted.enterprise)]).get(UUID(wanted.enterprise), ""))
    return " · ".join(part for part in parts if part)


def _counties(actor: Actor, wanted: Asked) -> list[dict[str, Any]]:
    """The directory: counties with their enterprises, counts beside each."""
    found = queries.directory(actor)
    names = enterprises.names({branch.enterprise_id for branches in found.values() for branch in branches if branch.enterprise_id})
    counties = []
    for county, branches in found.items():
        rows = [
            {
                "name": names.get(branch.enterprise_id, "") if branch.enterprise_id else _("未归属企业"),
                "url": wanted.url(place=county, enterprise=str(branch.enterprise_id or NO_ENTERPRISE)),
                "here": wanted.enterprise == str(branch.enterprise_id or NO_ENTERPRISE) and wanted.place in ("", county),
                "cameras": branch.cameras,
                "online": branch.online,
                "last": branch.enterprise_id is None,
            }
            for branch in branches
        ]
        rows.sort(key=lambda row: (row["last"], row["name"]))
        counties.append(
            {
                "name": places.place_name(county),
                "url": wanted.url(place=county, enterprise=""),
                "here": wanted.place == county and not wanted.enterprise,
                "open": wanted.place == county or any(row["here"] for row in rows) or len(found) == 1,
                "cameras": sum(row["cameras"] for row in rows),
                "online": sum(row["online"] for row in rows),
                "rows": rows,
            }
        )
    return counties
