"""Language and appearance: the visitor's cookie, else the account's preference, else Chinese. Never the browser's Accept-Language; only a
machine, which signs in by the request itself, is answered in the language that it asks for there."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_POST

from anlan.desk.guard import public

THEME_COOKIE = "anlan_theme"
THEMES = ("light", "dark", "auto")
_YEAR_S = 365 * 24 * 3600


def _known(code: object) -> str | None:
    return code if isinstance(code, str) and code in dict(settings.LANGUAGES) else None


def _of_machine(request: HttpRequest) -> str | None:
    """What a machine asks for; ``None`` for a browser. English only where it stands before Chinese."""
    if "Authorization" not in request.headers:
        return None
    wanted = request.headers.get("Accept-Language", "")
    spoken = (_spoken(code) for code, _weight in parse_accept_lang_header(wanted.lower()))
    return next((code for code in spoken if code is not None), settings.LANGUAGE_CODE)


def _spoken(code: str) -> str | None:
    return next((known for known, _name in settings.LANGUAGES if known[:2] == code[:2]), None)


class LanguageMiddleware:
    """Activates the language of the request and says it in ``Content-Language``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(
            _of_machine(request) or _known(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)) or settings.LANGUAGE_CODE
        ):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response

    def process_view(self, request: HttpRequest, *_: object) -> None:
        """Without a cookie the account's own preference counts; the account is known only by now."""
        if _of_machine(request) is None and _known(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)) is None:
            preferred = _known(getattr(getattr(request, "user", None), "language", None))
            if preferred is not None:
                translation.activate(preferred)


def theme_of(request: HttpRequest) -> str:
    """``light``, ``dark`` or ``auto``: the cookie, else the account's preference, else light."""
    for wish in (request.COOKIES.get(THEME_COOKIE), getattr(getattr(request, "user", None), "theme", None)):
        if wish in THEMES and wish != "auto":
            return str(wish)
        if wish == "auto":
            break
    return "light"


def _back(request: HttpRequest) -> HttpResponseRedirect:
    address = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(address if safe else "/")


@public
@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """POST ``language`` and ``next``: remember the language for a year and return to the page. An unknown language changes nothing."""
    response = _back(request)
    if (code := _known(request.POST.get("language"))) is not None:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=_YEAR_S, samesite="Lax", httponly=True)
    return response


@public
@require_POST
def switch_theme(request: HttpRequest) -> HttpResponse:
    """POST ``theme`` and ``next``: remember the appearance for a year and return to the page."""
    response = _back(request)
    if (theme := request.POST.get("theme")) in THEMES:
        response.set_cookie(THEME_COOKIE, str(theme), max_age=_YEAR_S, samesite="Lax", httponly=True)
    return response
