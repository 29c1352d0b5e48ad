"""Every route is guarded by default: a view says which action it needs or that it is public; anything else is refused.

The declaration stands on the view function, so that an architecture test can walk the routes and read it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import resolve_url

from anlan.desk.refusals import answer, below_ogc, wants_json
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotPermitted, Refusal
from anlan.kernel.words import N_
from anlan.ledger.audit import client_address

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "*public*"
SIGNED_IN = "*signed-in*"
_MARK, _ADMITS = "anlan_requires", "anlan_admits"
Authenticate = Callable[[HttpRequest], Actor | None]
"""Finds who asks from what the request itself carries; ``None`` when it carries nothing. Raises a refusal when that does not fit."""


class SignInRequired(Refusal):
    code = "sign_in_required"
    sentence = N_("请先登录。")
    status = 401


class RouteNotGuarded(Refusal):
    code = "route_not_guarded"
    sentence = N_("该地址没有声明所需权限，已按默认规则拒绝访问。")
    status = 403


class FormTokenMissing(Refusal):
    code = "form_token_missing"
    sentence = N_("由浏览器会话发出的写请求须带表单令牌（请求头 X-CSRFToken）。")
    status = 403


class ActorRequest(HttpRequest):
    """A request behind the guard: its actor is known."""

    actor: Actor | None


def requires(action: str, *, admits: Authenticate | None = None) -> Callable[[View], View]:
    """Declare that a view needs ``action`` somewhere; the view then scopes its rows by ``visible`` or ``permit``.

    ``admits``: how a machine without a session is let in. Its request carries its proof itself and needs no form token; the guard asks for
    the token, in Django's stead, of requests that come by a browser's session.
    """

    def mark(view: View) -> View:
        setattr(view, _MARK, action)
        if admits is not None:
            setattr(view, _ADMITS, admits)
            view.csrf_exempt = True  # type: ignore[attr-defined]
        return view

    return mark


def signed_in(view: View) -> View:
    """Declare that a view needs an actor but no particular action (home, profile, switching posts)."""
    setattr(view, _MARK, SIGNED_IN)
    return view


def public(view: View) -> View:
    """Declare that a view answers anybody (sign-in, public feed, health)."""
    setattr(view, _MARK, PUBLIC)
    return view


def guard_of(view: Callable[..., Any]) -> str | None:
    """What a resolved view declares: an action, :data:`PUBLIC`, :data:`SIGNED_IN`, or ``None`` for nothing."""
    return cast("str | None", _declared(view, _MARK))


def _declared(view: Callable[..., Any], mark: str) -> Any:
    seen: set[int] = set()
    current: Any = view
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        if (declared := getattr(current, mark, None)) is not None:
            return declared
        if (view_class := getattr(current, "view_class", None)) is not None and (declared := getattr(view_class, mark, None)):
            return declared
        current = getattr(current, "__wrapped__", None)
    return None


def _lacks_token(request: HttpRequest) -> bool:
    """Whether a request by a browser's session writes without the form token."""
    return CsrfViewMiddleware(_unused).process_view(request, _unused, (), {}) is not None


def _unused(_request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


def _wants_json(request: HttpRequest) -> bool:
    return (
        wants_json(request)
        if below_ogc(request)
        else request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", "")
    )


class GuardMiddleware:
    """Refuses what is not declared, anonymous visitors of guarded views, and actors without the action."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = client_address.set(request.META.get("REMOTE_ADDR", "")[:45])
        try:
            return self.get_response(request)
        finally:
            client_address.reset(token)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponse | None:
        """Decide before the view runs. A refusal raised here would reach no handler of views, so it is answered at once."""
        needed = guard_of(view)
        if needed == PUBLIC:
            return None
        actor: Actor | None = getattr(request, "actor", None)
        if (admits := _declared(view, _ADMITS)) is not None:
            try:
                actor = request.actor = self._admitted(request, actor, admits)  # type: ignore[attr-defined]
            except Refusal as refusal:
                return answer(request, refusal)
        if actor is None:
            return self._anonymous(request)
        if needed is None:
            return answer(request, RouteNotGuarded())
        if needed != SIGNED_IN and not actor.may_somewhere(needed):
            return answer(request, NotPermitted(action=needed))
        return None

    @staticmethod
    def _admitted(request: HttpRequest, actor: Actor | None, admits: Authenticate) -> Actor | None:
        # What the request itself carries counts; a session's cookie beside it is ignored.
        found = admits(request)
        if found is not None or actor is None:
            return found
        if _lacks_token(request):
            raise FormTokenMissing()
        return actor

    @staticmethod
    def _anonymous(request: HttpRequest) -> HttpResponse:
        if _wants_json(request):
            return answer(request, SignInRequired())
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=204)
            response["HX-Redirect"] = resolve_url(settings.LOGIN_URL)
            return response
        return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))


def guarded_class(view_class: type, action: str) -> Callable[..., HttpResponse]:
    """``as_view()`` of a class-based view with its guard declared."""
    view = cast("Callable[..., HttpResponse]", view_class.as_view())  # type: ignore[attr-defined]

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    return requires(action)(guarded)
