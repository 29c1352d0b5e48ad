"""One's own account: profile, password, second factor, posts, sessions."""

from __future__ import annotations

from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import signed_in
from anlan.desk.language import THEME_COOKIE, THEMES
from anlan.ground.people import queries, rules, services
from anlan.ground.people.refusals import CodeRefused, FactorNeeded, WeakPassword, WrongPassword
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.words import N_

_YEAR_S = 365 * 24 * 3600


def _standing(request: HttpRequest) -> queries.Standing:
    return request.standing  # type: ignore[attr-defined, no-any-return]


def _say(refusal: Refusal) -> str:
    return refusal.message(_)


def _typed(request: HttpRequest, name: str, kept: str) -> str:
    """What was typed, or what is kept when nothing was. PostgreSQL's text holds no NUL."""
    return str(request.POST.get(name, "")).replace("\0", "").strip() or kept


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Who one is, language and appearance, and the way to password, second factor and sessions."""
    standing, now = _standing(request), clock.now()
    account = standing.account
    if request.method == "POST":
        language = request.POST.get("language", account.language)
        theme = request.POST.get("theme", account.theme)
        if language not in dict(settings.LANGUAGES) or theme not in THEMES:
            return HttpResponse(status=422)
        services.change_profile(
            language=language,
            theme=theme,
            phone=_typed(request, "phone", account.phone)[:32],
            email=_typed(request, "email", account.email)[:254],
            actor=standing.actor,
            now=now,
        )
        messages.success(request, _("个人设置已保存。"))
        response = HttpResponseRedirect(reverse("people:profile"))
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=_YEAR_S, samesite="Lax", httponly=True)
        response.set_cookie(THEME_COOKIE, theme, max_age=_YEAR_S, samesite="Lax", httponly=True)
        return response
    context = {
        "account": account,
        "phone": queries.masked_phone(account.phone),
        "email": queries.masked_email(account.email),
        "place": places.full_name(account.place_code),
        "languages": settings.LANGUAGES,
        "holdings": queries.holdings_of(account.id, now),
        "password_until": rules.password_expires_at(account.password_changed_at, queries.policy(now)),
        "sessions": queries.running_sessions(account.id).count(),
    }
    return render(request, "people/profile.html", context)


@signed_in
@never_cache
@sensitive_post_parameters("current", "new", "again")
@require_http_methods(["GET", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """Change the own password; also the step owed after a reset and when the password has grown too old."""
    standing, now = _standing(request), clock.now()
    faults: dict[str, str] = {}
    if request.method == "POST":
        new = str(request.POST.get("new", ""))
        if new != request.POST.get("again", ""):
            faults["again"] = _("两次输入的新口令不一致。")
        else:
            try:
                services.change_own_password(
                    str(request.POST.get("current", "")), new, keep_session=standing.session_id, actor=standing.actor, now=now
                )
            except WrongPassword as refusal:
                faults["current"] = _say(refusal)
            except WeakPassword as refusal:
                faults["new"] = _say(refusal)
        if not faults:
            messages.success(request, _("口令已修改，其他会话已退出。"))
            return HttpResponseRedirect("/")
    context = {
        "faults": faults,
        "policy": queries.policy(now),
        "owed": "password" in standing.owes,
        "first": standing.account.must_change_password,
    }
    return render(request, "people/change_password.html", context, status=422 if faults else 200)


@signed_in
@never_cache
@require_GET
def factor(request: HttpRequest) -> HttpResponse:
    """The own second factor: set up by QR code, or renew recovery codes, or stop using it."""
    return _factor_page(request)


def _factor_page(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    standing, now = _standing(request), clock.now()
    account = standing.account
    demanding = queries.needs_factor(account.id, now)
    context: dict[str, object] = {
        "account": account,
        "demanding": demanding.post if demanding else None,
        "owed": "factor" in standing.owes,
        "refusal": _say(refusal) if refusal else "",
        "unused": account.recovery_codes.filter(used_at__isnull=True).count(),
    }
    if not account.has_second_factor:
        secret = services.begin_factor(actor=standing.actor, now=now)
        uri = services.provisioning_uri(account.username, secret)
        context["secret"] = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
        # Presentation attributes only: the page allows no inline style.
        context["qr"] = segno.make(uri, error="m").svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=False)
    return render(request, "people/factor.html", context, status=refusal.status if refusal else 200)


@signed_in
@never_cache
@require_POST
def confirm_factor(request: HttpRequest) -> HttpResponse:
    """Take the second factor into use; the recovery codes are shown this once."""
    try:
        codes = services.confirm_factor(str(request.POST.get("code", "")), actor=_standing(request).actor, now=clock.now())
    except CodeRefused as refusal:
        return _factor_page(request, refusal)
    return render(request, "people/recovery_codes.html", {"codes": codes})


@signed_in
@never_cache
@require_POST
def renew_codes(request: HttpRequest) -> HttpResponse:
    """Fresh recovery codes in place of all old ones."""
    try:
        codes = services.renew_recovery_codes(str(request.POST.get("code", "")), actor=_standing(request).actor, now=clock.now())
    except CodeRefused as refusal:
        return _factor_page(request, refusal)
    return render(request, "people/recovery_codes.html", {"codes": codes})


@signed_in
@never_cache
@require_POST
def disable_factor(request: HttpRequest) -> HttpResponse:
    """Stop using the second factor, unless a post demands it."""
    try:
        services.disable_factor(str(request.POST.get("code", "")), actor=_standing(request).actor, now=clock.now())
    except (CodeRefused, FactorNeeded) as refusal:
        return _factor_page(request, refusal)
    messages.success(request, _("动态口令已停用。"))
    return HttpResponseRedirect(reverse("people:profile"))


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def choose_post(request: HttpRequest) -> HttpResponse:
    """Choose at which of the own posts to act in this session; one acts at one post at a time."""
    standing, now = _standing(request), clock.now()
    if request.method == "POST":
        try:
            wanted = UUID(str(request.POST.get("holding", "")))
        except ValueError as wrong:
            raise NotFound(what=N_("岗位")) from wrong
        holding = services.choose_post(standing.session_id, wanted, actor=standing.actor, now=now)
        if rules.KINDS[holding.post.kind].session == "wall":
            request.session.set_expiry(int(queries.policy(now).wall_session_longest.total_seconds()))
        return HttpResponseRedirect("/")
    held = [
        {"holding": holding, "kind": rules.KINDS[holding.post.kind], "place": places.full_name(holding.post.place_code)}
        for holding in queries.holdings_of(standing.account.id, now)
    ]
    return render(request, "people/choose_post.html", {"held": held, "here": standing.actor.post_id, "owed": "post" in standing.owes})


@signed_in
@never_cache
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in, and where one was."""
    standing = _standing(request)
    ended = standing.account.session_records.filter(ended_at__isnull=False).order_by("-ended_at")[:20]
    context = {
        "running": queries.running_sessions(standing.account.id),
        "ended": [(record, rules.ENDED_WHY.get(record.ended_why, "")) for record in ended],
        "here": standing.session_id,
    }
    return render(request, "people/sessions.html", context)


@signed_in
@never_cache
@require_POST
def end_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """End one of the own sessions elsewhere."""
    services.end_session(session_id, actor=_standing(request).actor, now=clock.now())
    messages.success(request, _("该会话已结束。"))
    return HttpResponseRedirect(reverse("people:sessions"))
