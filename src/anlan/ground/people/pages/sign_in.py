"""Sign-in: name and password, second factor, one-click roles of a demonstration, sign-out."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from anlan.desk.guard import public, signed_in
from anlan.ground.people import door, lockout, queries, rules, services
from anlan.ground.people.middleware import WHY_COOKIE
from anlan.ground.people.models import Account, AccountState
from anlan.ground.people.refusals import CodeRefused, NotDemo, SignInExpired, SignInLocked, SignInRefused
from anlan.kernel import clock
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.words import N_

_BACKEND = "django.contrib.auth.backends.ModelBackend"
_PENDING = "people_pending"


def _after(request: HttpRequest) -> str:
    """Where to go after sign-in: the page asked for, when it is one of this host."""
    wanted = str(request.POST.get("next") or request.GET.get("next") or "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"


def _show(request: HttpRequest, refusal: Refusal | None = None, username: str = "") -> HttpResponse:
    why = rules.ENDED_WHY.get(request.COOKIES.get(WHY_COOKIE, ""), "") if refusal is None else ""
    roles = door.demo_roles() if settings.ANLAN["DEMO"] else ()
    english = translation.get_language() == "en"
    groups = [
        {
            "label": group,
            "roles": [
                {
                    "username": role.username,
                    "label": role.label_en if english else role.label_zh,
                    "purpose": role.purpose_en if english else role.purpose_zh,
                }
                for role in members
            ],
        }
        for group, members in groupby(roles, key=lambda role: role.group_en if english else role.group_zh)
    ]
    context = {
        "refusal": refusal.message(translation.gettext) if refusal else "",
        "why": translation.gettext(why) if why else "",
        "username": username,
        "next": _after(request),
        "groups": groups,
        "demo": bool(settings.ANLAN["DEMO"]),
    }
    response = render(request, "people/sign_in.html", context, status=refusal.status if refusal else 200)
    if why:
        response.delete_cookie(WHY_COOKIE)
    return response


@public
@never_cache
@csrf_protect
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password. One sentence for every failure; a lock-out says until when and whom to ask."""
    if request.method == "GET":
        if getattr(request, "actor", None) is not None:
            return HttpResponseRedirect(_after(request))
        return _show(request)
    now = clock.now()
    username = str(request.POST.get("username", "")).replace("\0", "").strip().lower()[:64]
    lockout.set_time(request, now)
    was_locked = lockout.is_locked(request, username)
    user = authenticate(request, username=username, password=request.POST.get("password", ""))
    if not isinstance(user, Account):
        return _refused(request, username, now, was_locked=was_locked)
    if user.has_second_factor:
        ends = now + queries.policy(now).pending_sign_in
        request.session[_PENDING] = {"account": str(user.id), "until": ends.isoformat(), "next": _after(request)}
        return HttpResponseRedirect(reverse("people:sign_in_code"))
    return _complete(request, user, "password", _after(request), now)


def _refused(request: HttpRequest, username: str, now: datetime, *, was_locked: bool) -> HttpResponse:
    """Answer a failure. While locked out nothing more is written, so that nobody floods the audit log."""
    policy = queries.policy(now)
    locked = lockout.is_locked(request, username)
    if not was_locked:
        services.note_sign_in_refused(username, "locked" if locked else "refused", now=now)
    refusal: Refusal
    if locked:
        until = timezone.localtime(lockout.locked_until(request, username, now))
        refusal = SignInLocked(until=f"{until:%H:%M}")
    else:
        refusal = SignInRefused(limit=policy.lock_after_failures, minutes=policy.lock_duration // timedelta(minutes=1))
    return _show(request, refusal, username)


def _complete(request: HttpRequest, account: Account, proof: str, after: str, now: datetime) -> HttpResponse:
    """Open the session: a fresh key, the policy's limits, the account's language and appearance."""
    request.session.pop(_PENDING, None)
    if (standing := getattr(request, "standing", None)) is not None:
        services.sign_out(standing.session_id, actor=standing.actor, now=now)
        request.session.flush()
    lockout.set_time(request, now)
    login(request, account, backend=_BACKEND)
    if request.session.session_key is None:
        request.session.create()
    record = services.open_session(
        account.id,
        str(request.session.session_key),
        proof=proof,
        address=request.META.get("REMOTE_ADDR"),
        browser=request.headers.get("User-Agent", ""),
        actor=queries.build_actor(account, None),
        now=now,
    )
    policy = queries.policy(now)
    # The browser may keep the cookie as long as the longest session of its kind; the node decides on every request.
    longest = policy.wall_session_longest if record.wall else policy.duty_session_longest
    request.session.set_expiry(int(longest.total_seconds()))
    response = HttpResponseRedirect(after)
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, _language(request, account), max_age=365 * 24 * 3600, samesite="Lax", httponly=True)
    response.delete_cookie(WHY_COOKIE)
    return response


def _language(request: HttpRequest, account: Account) -> str:
    """What the visitor chose on this browser, else what the account prefers."""
    return request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) or account.language


@public
@never_cache
@csrf_protect
@require_http_methods(["GET", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second factor: a time-based code or a recovery code, within the time the policy allows."""
    now = clock.now()
    pending: dict[str, Any] | None = request.session.get(_PENDING)
    if pending is None or datetime.fromisoformat(pending["until"]) <= now:
        request.session.pop(_PENDING, None)
        return _show(request, SignInExpired()) if pending else HttpResponseRedirect(reverse("people:sign_in"))
    account = Account.objects.filter(pk=UUID(pending["account"]), state=AccountState.ACTIVE).first()
    if account is None:
        request.session.pop(_PENDING, None)
        return HttpResponseRedirect(reverse("people:sign_in"))
    if request.method == "GET":
        return render(request, "people/sign_in_code.html")
    lockout.set_time(request, now)
    if lockout.is_locked(request, account.username):
        return _refused(request, account.username, now, was_locked=True)
    try:
        proof = services.spend_code(account.id, str(request.POST.get("code", "")), now=now)
    except CodeRefused as refusal:
        lockout.count_failure(request, account.username)
        services.note_sign_in_refused(account.username, "code", now=now)
        context = {"refusal": refusal.message(translation.gettext)}
        return render(request, "people/sign_in_code.html", context, status=refusal.status)
    return _complete(request, account, proof, str(pending["next"]), now)


@public
@never_cache
@csrf_protect
@require_POST
def sign_in_demo(request: HttpRequest) -> HttpResponse:
    """One click into a role of the demonstration. Refused outside demo mode and for every account not offered there."""
    if not settings.ANLAN["DEMO"]:
        raise NotDemo
    username = str(request.POST.get("username", ""))
    if username not in {role.username for role in door.demo_roles()}:
        raise NotDemo
    account = Account.objects.filter(username=username, state=AccountState.ACTIVE).first()
    if account is None:
        raise NotFound(what=N_("账号"))
    return _complete(request, account, "demo", _after(request), clock.now())


@signed_in
@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session and forget the browser."""
    standing: queries.Standing = request.standing  # type: ignore[attr-defined]
    services.sign_out(standing.session_id, actor=standing.actor, now=clock.now())
    request.session.flush()
    response = HttpResponseRedirect(f"{reverse('people:sign_in')}?{urlencode({'out': 1})}")
    response.set_cookie(WHY_COOKIE, "signed_out", max_age=120, httponly=True, samesite="Lax")
    return response
