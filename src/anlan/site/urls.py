"""Every address of the node: each room's own list, included when the room has one."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from anlan.site import health
from anlan.site.rooms import ROOMS


def _room_urls() -> list[URLPattern | URLResolver]:
    # Screens declare resources, panels and layers on import; they must be known before the desk builds its addresses.
    for room in ROOMS:
        if find_spec(f"{room}.screens") is not None:
            import_module(f"{room}.screens")
    return [path("", include(f"{room}.urls")) for room in ROOMS if find_spec(f"{room}.urls") is not None]


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    *_room_urls(),
    path("", include("anlan.desk.features.urls")),
    path("", include("anlan.site.wallboard.urls")),
    path("", include("anlan.site.demo.urls")),
]

handler400 = "anlan.desk.errors.bad_request"
handler403 = "anlan.desk.errors.permission_denied"
handler404 = "anlan.desk.errors.not_found"
handler500 = "anlan.desk.errors.server_error"
