"""Addresses of OGC API – Features. Every answer is scoped by the actor: a person's session, or another system's interface key."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from anlan.desk.admitting import by_key
from anlan.desk.features import documents, openapi, parameters
from anlan.desk.features.addresses import absolute, own
from anlan.desk.features.refusals import NoSuchFeature, UnknownFormat
from anlan.desk.features.resources import collection_for, collections_for
from anlan.desk.guard import SIGNED_IN, ActorRequest, requires
from anlan.desk.refusals import wants_json
from anlan.kernel import clock
from anlan.kernel.access import Actor

FORMATS = ("json", "html")
View = Callable[..., HttpResponse]


def reading(*formats: str) -> Callable[[View], View]:
    """A view of the interface: read only, for sessions and interface keys; its own parameters beside ``f``, of which ``formats`` are known."""

    def mark(view: View) -> View:
        @requires(SIGNED_IN, admits=by_key)
        @require_safe
        @wraps(view)
        def guarded(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            asked = request.GET.get("f")
            if asked is not None and asked not in formats:
                raise UnknownFormat(value=asked[:40], known="、".join(formats))
            response = view(request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "private, no-cache")
            patch_vary_headers(response, ("Accept", "Accept-Language", "Authorization", "Cookie"))
            response.headers.setdefault("Content-Language", translation.get_language() or "zh-hans")
            return response

        return cast(View, guarded)

    return mark


def data(content: Any, media: str = documents.JSON, **headers: str) -> JsonResponse:
    """A JSON document of some media type."""
    return JsonResponse(content, content_type=media, headers=headers, json_dumps_params={"ensure_ascii": False})


def page(request: ActorRequest, title: str, **context: Any) -> HttpResponse:
    """The same for people."""
    frame = "desk/base.html" if getattr(request, "standing", None) is not None else "desk/sign_in_base.html"
    alternate = own(request, f="json")
    return render(request, "desk/features/page.html", {"frame": frame, "title": title, "alternate": alternate, **context})


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


@reading(*FORMATS)
def landing(request: ActorRequest) -> HttpResponse:
    """``/ogc/``."""
    parameters.only(request.GET, ())
    document = documents.landing(request)
    return (
        data(document) if wants_json(request) else page(request, document["title"], about=document["description"], links=document["links"])
    )


@reading(*FORMATS)
def conformance(request: ActorRequest) -> HttpResponse:
    """``/ogc/conformance``."""
    parameters.only(request.GET, ())
    if wants_json(request):
        return data({"conformsTo": list(documents.CONFORMANCE)})
    return page(request, _("符合的标准"), lines=documents.CONFORMANCE)


@reading(*FORMATS)
def api(request: ActorRequest) -> HttpResponse:
    """``/ogc/api``."""
    parameters.only(request.GET, ())
    document = openapi.definition(request, collections_for(_actor(request)))
    if wants_json(request):
        return data(document, documents.OPENAPI)
    operations = [{"path": f"GET {path}", "about": methods["get"]["summary"]} for path, methods in document["paths"].items()]
    return page(request, _("接口说明"), columns=[_("地址"), _("说明")], rows=[(each["path"], each["about"]) for each in operations])


@reading(*FORMATS)
def collections(request: ActorRequest) -> HttpResponse:
    """``/ogc/collections``."""
    parameters.only(request.GET, ())
    actor = _actor(request)
    found = collections_for(actor)
    if wants_json(request):
        return data(documents.collection_list(request, actor, found))
    links = [{"href": absolute(request, "collection", each.code), "title": force_str(each.label), "type": each.code} for each in found]
    return page(request, _("要素集"), links=links)


@reading(*FORMATS)
def collection(request: ActorRequest, code: str) -> HttpResponse:
    """``/ogc/collections/{id}``."""
    parameters.only(request.GET, ())
    actor = _actor(request)
    document = documents.collection(request, actor, collection_for(code, actor), alone=True)
    return (
        data(document) if wants_json(request) else page(request, document["title"], about=document["description"], links=document["links"])
    )


@reading(*FORMATS)
def items(request: ActorRequest, code: str) -> HttpResponse:
    """``/ogc/collections/{id}/items``."""
    actor = _actor(request)
    found = collection_for(code, actor)
    question = parameters.read(found, request.GET)
    got = found.page(actor, question.asked)
    document = documents.feature_page(request, found, got, question.crs, clock.now().isoformat().replace("+00:00", "Z"))
    if wants_json(request):
        following = {"Link": f'<{document["links"][-1]["href"]}>; rel="next"; type="{documents.GEOJSON}"'} if got.next else {}
        return data(document, documents.GEOJSON, **{"Content-Crs": f"<{question.crs}>", **following})
    rows = [(force_str(each.properties.get("title") or each.id), own_item(request, code, each.id)) for each in got.features]
    next_page = own(request, after=got.next) if got.next else ""
    return page(request, force_str(found.label), items=rows, next_page=next_page, matched=got.matched)


def own_item(request: ActorRequest, code: str, key: str) -> str:
    """Address of one feature as a page."""
    return absolute(request, "item", code, key, query="f=html")


@reading(*FORMATS)
def item(request: ActorRequest, code: str, key: str) -> HttpResponse:
    """``/ogc/collections/{id}/items/{featureId}``."""
    parameters.only(request.GET, ("crs",))
    actor = _actor(request)
    found = collection_for(code, actor)
    crs = parameters.crs_of(request.GET.get("crs"))
    got = found.item(actor, key)
    if got is None:
        raise NoSuchFeature(code=code, key=key[:80])
    document = documents.one_feature(request, found, got, crs)
    if wants_json(request):
        return data(document, documents.GEOJSON, **{"Content-Crs": f"<{crs}>"})
    rows = [(name, "—" if value is None else value) for name, value in document["properties"].items()]
    title = force_str(got.properties.get("title") or got.id)
    return page(request, title, columns=[_("属性"), _("值")], rows=rows, links=document["links"])
