"""Every address of the node and who looks at it. A new page without an entry here fails the suite.

``PAGES`` are looked at; ``NO_PAGES`` answer something else than a page (data, a fragment, a document, an action by POST) and say what.
The desk's own pages of a resource follow one rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Look:
    """One page: ``role`` opens it (empty: nobody signed in), ``arguments`` name records of the seed, ``query`` is added as it is."""

    route: str
    role: str
    arguments: tuple[str, ...] = ()
    query: str = ""
    wide: bool = False
    """Looked at on a wall, 1920 px and dark, too."""
    status: int = 200


def routes() -> set[str]:
    """Names of all addresses; an address without a name counts by its path."""
    return set(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[Any], namespace: str, prefix: str) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield namespace + pattern.name if pattern.name else "/" + prefix + str(pattern.pattern)


PAGES: tuple[Look, ...] = (
    Look("people:sign_in", ""),
    Look("desk:map", "city", wide=True),
    Look("desk:search", "duty", query="?q=示范"),
    Look("desk:todo", "duty"),
    Look("duty:desk", "duty", wide=True),
    Look("duty:log", "duty"),
    Look("duty:roster", "duty"),
    Look("alarms:desk", "duty"),
    Look("alarms:detail", "duty", ("alarms",)),
    Look("alarms:acknowledge_group", "duty", ("alarm_by", "alarm_group")),
    Look("alarms:statistics", "duty", query="?by=kind"),
    Look("alarms:nuisances", "duty"),
    Look("alarms:rules", "leader"),
    Look("alarms:apart", "clerk"),
    Look("stream:quarantine", "clerk"),
    Look("criteria:create", "inspector"),
    Look("criteria:templates", "inspector"),
    Look("criteria:apply", "inspector", ("rule_template",)),
    Look("criteria:change", "inspector", ("rule_draft",)),
    Look("criteria:replay", "inspector", ("rule_draft",)),
    Look("criteria:suppress", "inspector", ("criteria",)),
    Look("units:create", "inspector"),
    Look("units:detail", "inspector", ("units",)),
    Look("units:change", "inspector", ("units",)),
    Look("completeness:day", "clerk", ("completeness",)),
    Look("completeness:gap", "clerk", ("gaps",)),
    Look("completeness:declare", "clerk", ("sensor",)),
    Look("completeness:retention", "clerk"),
    Look("judgement:create", "duty"),
    Look("judgement:detail", "duty", ("judgements",)),
    Look("patrol:league", "clerk"),
    Look("population:import", "clerk"),
    Look("population:source", "clerk", ("population",)),
    Look("population:presence", "clerk"),
    Look("roads:overview", "clerk"),
    Look("roads:import", "clerk"),
    Look("roads:network", "clerk", ("road-networks",)),
    Look("roads:closure", "clerk", ("road-closures",)),
    Look("patrol:draw", "clerk"),
    Look("patrol:detail", "clerk", ("patrols",)),
    Look("patrol:point", "clerk", ("patrol-points",)),
    Look("hazardsources:register", "clerk"),
    Look("hazardsources:unit", "inspector", ("hazard-units",)),
    Look("hazardsources:change", "clerk", ("hazard-units",)),
    Look("hazardsources:inventory", "clerk", ("hazard-units",)),
    Look("hazardsources:assess", "plant", ("hazard-units",)),
    Look("dangers:report", "inspector"),
    Look("dangers:report", "plant"),
    Look("dangers:detail", "inspector", ("dangers",)),
    Look("dangers:regions", "inspector"),
    Look("dangers:table", "inspector", ("danger-reports",)),
    Look("permits:draft", "plant"),
    Look("permits:detail", "plant", ("permit_working",)),
    Look("permits:detail", "plant", ("permits",)),
    Look("permits:detail", "inspector", ("permits",)),
    Look("permits:conflicts", "inspector"),
    Look("permits:rules", "plant"),
    Look("permits:commitment_give", "plant"),
    Look("permits:commitment", "inspector", ("commitments",)),
    Look("permits:commitment_regions", "inspector"),
    Look("monitor:points", "duty"),
    Look("monitor:compare", "duty", query="?add=压力"),
    Look("monitor:table", "duty"),
    Look("monitor:plan", "duty", ("enterprises",)),
    Look("monitor:plan", "clerk", ("enterprises",), query="?arrange=1"),
    Look("filings:create", "duty"),
    Look("filings:detail", "duty", ("filings",)),
    Look("filings:supplement", "duty", ("filings",)),
    Look("incidents:create", "duty"),
    Look("incidents:detail", "leader", ("incidents",)),
    Look("incidents:timeline", "duty", ("incidents",)),
    Look("plotting:create", "duty"),
    Look("plotting:board", "duty", ("plotting",)),
    Look("plotting:set_up", "leader", ("plotting",)),
    Look("bulletins:create", "duty"),
    Look("bulletins:detail", "approver", ("bulletins",)),
    Look("bulletins:edit", "duty", ("bulletin_draft",)),
    Look("enterprises:file", "clerk", ("enterprises",)),
    Look("enterprises:state", "clerk", ("enterprises",)),
    Look("enterprises:add_site", "clerk", ("enterprises",)),
    Look("enterprises:change_site", "clerk", ("site",)),
    Look("enterprises:add_contact", "clerk", ("enterprises",)),
    Look("enterprises:change_contact", "clerk", ("contact",)),
    Look("risksources:file", "clerk", ("risksources",)),
    Look("risksources:change", "clerk", ("risksources",)),
    Look("risksources:choose_kind", "clerk", ("enterprises",)),
    Look("risksources:register", "clerk", ("enterprises", "kind")),
    Look("risksources:new", "clerk"),
    Look("devices:device", "clerk", ("devices",)),
    Look("devices:add_device", "clerk", ("enterprises",)),
    Look("devices:add_sensor", "clerk", ("devices",)),
    Look("devices:maintenance", "clerk", ("devices",)),
    Look("devices:exercise", "clerk", ("enterprises",)),
    Look("devices:credentials", "clerk", ("enterprises",)),
    Look("devices:sensor", "duty", ("sensor",)),
    Look("devices:thresholds", "clerk", ("sensor",)),
    Look("devices:add_address", "clerk", ("devices",)),
    Look("devices:address", "clerk", ("field_address",)),
    Look("devices:change_address", "clerk", ("field_address",)),
    Look("devices:address_key", "clerk", ("field_address",)),
    Look("devices:calibrations", "clerk", ("sensor",)),
    Look("devices:record_calibration", "clerk", ("sensor",)),
    Look("devices:calibration_interval", "clerk", ("sensor",)),
    Look("video:wall", "duty", wide=True),
    Look("video:camera", "clerk", ("cameras",)),
    Look("plans:detail", "duty", ("plans",)),
    Look("modelling:list", "duty"),
    Look("modelling:model", "duty", ("model",)),
    Look("organisations:sectors", "clerk"),
    Look("organisations:contacts", "clerk", ("organisations",)),
    Look("organisations:dissolve", "clerk", ("organisations",)),
    Look("places:list", "duty"),
    Look("places:changes", "duty"),
    Look("places:boundaries", "duty"),
    Look("places:detail", "duty", ("place",)),
    Look("places:about_data", "duty"),
    Look("people:profile", "duty"),
    Look("people:change_password", "duty"),
    Look("people:factor", "duty"),
    Look("people:choose_post", "duty"),
    Look("people:sessions", "duty"),
    Look("people:permissions", "security"),
    Look("people:policy", "security"),
    Look("people:keys", "security"),
    Look("people:audit", "audit"),
    Look("ogc:landing", "duty"),
    Look("ogc:collections", "duty"),
    Look("ogc:conformance", "duty"),
    Look("ogc:api", "duty"),
    Look("field:strangers", "clerk"),
    Look("wallboard:wall", "wall", wide=True),
    Look("demo:drill", "duty"),
)

RESOURCE_ROLES: dict[str, str] = {
    "accounts": "system",
    "organisations": "clerk",
    "enterprises": "clerk",
    "risksources": "clerk",
    "facilities": "clerk",
    "population": "clerk",
    "devices": "clerk",
    "criteria": "inspector",
    "units": "inspector",
    "cameras": "clerk",
    "videoplatforms": "clerk",
    "field-units": "clerk",
}
"""Who looks at the desk's pages of a resource; a duty officer where nothing else is said."""
_RESOURCE_PAGES = {"list": False, "create": False, "import": False, "detail": True, "change": True}
"""Pages the desk gives a resource, and whether they need a record."""
_RESOURCE_ELSE = ("-taste", "-export", "-import-template", "-import-report", "-import-decide", "-import-file", "-move")

NO_PAGES: dict[str, str] = {
    "/healthz": "text",
    "/readyz": "data",
    "judgement:reach": "fragment",
    "judgement:sheet_pdf": "document",
    "judgement:sheet_word": "document",
    "desk:home": "leads on",
    "desk:icon": "picture",
    "desk:language": "action",
    "desk:theme": "action",
    "desk:bar_alarms": "fragment",
    "desk:map_config": "data",
    "desk:map_counties": "data",
    "desk:map_tile": "data",
    "desk:map_select": "data",
    "desk:map_export": "document",
    "desk:map_panel": "fragment",
    "desk:map_picked": "fragment",
    "desk:notifications": "fragment",
    "desk:notifications_read": "action",
    "desk:api": "data",
    "desk:openapi": "data",
    "alarms:acknowledge": "action",
    "alarms:add_note": "action",
    "alarms:reset": "action",
    "alarms:shelve": "action",
    "alarms:review": "action",
    "alarms:take_again": "action",
    "things:root": "data",
    "things:root-slash": "data",
    "things:address": "data",
    "uplink:readings": "intake of equipment",
    "completeness:ask": "action",
    "completeness:proof": "document",
    "judgement:ask": "action",
    "judgement:cancel": "action",
    "judgement:close": "action",
    "judgement:exposed": "fragment",
    "judgement:features": "data",
    "judgement:leaving": "fragment",
    "judgement:zones": "data",
    "field:calls": "fragment",
    "field:take_call": "action",
    "field:end_call": "action",
    "field:marks": "data",
    "field:mark": "fragment",
    "field:say": "action",
    "permits:act": "action",
    "permits:pdf": "document",
    "hazardsources:declare": "action",
    "hazardsources:move": "action",
    "hazardsources:filing": "leads on",
    "hazardsources:sheet_pdf": "document",
    "hazardsources:sheet_word": "document",
    "hazardsources:api_inventory": "data",
    "hazardsources:api_coded": "data",
    "dangers:act": "action",
    "dangers:paid": "action",
    "dangers:table_pdf": "document",
    "dangers:table_word": "document",
    "dangers:table_sheet": "document",
    "patrol:league_file": "document",
    "population:withdraw": "action",
    "population:features": "data",
    "roads:enact": "action",
    "roads:decide": "action",
    "roads:open": "action",
    "roads:api_route": "data",
    "roads:api_isochrone": "data",
    "roads:api_arrivals": "data",
    "roads:api_closed": "data",
    "roads:tile": "data",
    "patrol:move": "action",
    "patrol:population": "document",
    "criteria:follow_up": "action",
    "criteria:replays": "fragment",
    "criteria:cancel_replay": "action",
    "criteria:end_suppression": "action",
    "units:train": "action",
    "units:trainings": "fragment",
    "units:cancel_training": "action",
    "units:draft": "action",
    "chemicals:card": "document",
    "chemicals:sheet": "data",
    "modelling:api_list": "data",
    "modelling:api_one": "data",
    "modelling:api_run": "data",
    "devices:credential_verb": "action",
    "devices:address_verb": "action",
    "devices:end_maintenance": "action",
    "devices:end_exercise": "action",
    "devices:enterprise_points": "fragment",
    "devices:sensor_curve": "fragment",
    "video:picture": "bytes",
    "video:take_events": "data from analysis boxes",
    "video:take_snapshot": "data from analysis boxes",
    "alarms:map_features": "data",
    "monitor:weather": "data",
    "monitor:rows": "data",
    "monitor:levels": "data",
    "monitor:curves": "data",
    "monitor:export": "document",
    "monitor:statistics": "fragment",
    "monitor:place": "action",
    "duty:hand_over": "action",
    "duty:part": "fragment",
    "duty:acknowledge": "action",
    "duty:handover": "needs a handover between two shifts; looked at by the duty room's own tests",
    "duty:handover_move": "action",
    "evidence:panel": "fragment",
    "evidence:attach": "action",
    "evidence:file": "bytes",
    "evidence:raise_class": "action",
    "bulletins:move": "action",
    "bulletins:follow": "action",
    "bulletins:feed": "feed",
    "bulletins:exercise_feed": "feed",
    "bulletins:message": "feed",
    "channels:banner": "fragment",
    "channels:confirm": "action",
    "filings:level": "fragment",
    "filings:edit": "only while a draft; the same form as filings:create",
    "filings:move": "action",
    "filings:flash": "action",
    "filings:direct": "action",
    "filings:instruct": "action",
    "filings:complete": "action",
    "filings:document": "document",
    "incidents:propose": "action",
    "incidents:respond": "action",
    "incidents:order": "action",
    "incidents:task_move": "action",
    "incidents:note": "action",
    "incidents:close": "action",
    "incidents:timeline_pdf": "document",
    "plotting:features": "data",
    "plotting:state": "data",
    "plotting:updates": "data",
    "plotting:presence": "action",
    "plotting:then": "data",
    "plotting:history": "fragment",
    "plotting:close": "action",
    "plotting:geojson": "document",
    "plotting:kml": "document",
    "plans:move": "action",
    "places:search": "data",
    "places:options": "fragment",
    "places:tile": "data",
    "people:sign_in_code": "step after a password",
    "people:sign_in_demo": "action",
    "people:sign_out": "action",
    "people:confirm_factor": "action",
    "people:renew_codes": "action",
    "people:disable_factor": "action",
    "people:end_own_session": "action",
    "people:lock": "action",
    "people:unlock": "action",
    "people:disable": "action",
    "people:enable": "action",
    "people:reset_password": "action",
    "people:reset_factor": "action",
    "people:end_session": "action",
    "people:assign_post": "action",
    "people:revoke_post": "action",
    "people:set_policy": "action",
    "people:issue_key": "action",
    "ogc:collection": "data; as a page the same as ogc:landing",
    "ogc:items": "data; as a page the same as ogc:landing",
    "ogc:item": "data; as a page the same as ogc:landing",
    "ogc:tilesets": "data",
    "ogc:tileset": "data",
    "ogc:tilejson": "data",
    "ogc:tile": "data",
    "ogc:matrix_set": "data",
    "ogc:style": "data",
    "ogc:wmts": "document",
    "ogc:legend": "picture",
    "ogc:result_tile": "picture",
    "people:revoke_key": "action",
    "people:audit_verify": "action",
    "people:audit_export": "document",
    "wallboard:alarms": "fragment",
    "wallboard:cases": "fragment",
    "demo:start": "action",
    "demo:cap": "action",
    "demo:end": "action",
}


def _resource_page(route: str) -> Look | None:
    for page, needs_record in _RESOURCE_PAGES.items():
        if route.startswith("desk:") and route.endswith(f"-{page}"):
            code = route.removeprefix("desk:").removesuffix(f"-{page}")
            return Look(route, RESOURCE_ROLES.get(code, "duty"), (code,) if needs_record else ())
    return None


def looks() -> list[Look]:
    """All pages of this node that are looked at."""
    there = routes()
    named = [look for look in PAGES if look.route in there]
    known = {look.route for look in PAGES}
    ruled = [look for route in sorted(there - known) if not is_no_page(route) and (look := _resource_page(route))]
    return [*named, *ruled]


def is_no_page(route: str) -> bool:
    """Whether the address is known to answer something else than a page."""
    if route in NO_PAGES or route.startswith("desk:api-"):
        return True
    return route.startswith("desk:") and route.endswith(_RESOURCE_ELSE)


def unknown() -> set[str]:
    """Addresses that neither table nor rule knows."""
    seen = {look.route for look in looks()}
    return {route for route in routes() - seen if not is_no_page(route)}
