"""Administration of accounts: what the system administrator and the security administrator do to one account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.ground.people import queries, rules, services
from anlan.ground.people.catalogue import action_catalogue
from anlan.ground.people.models import Account, PolicyValue
from anlan.ground.people.refusals import PolicyOutOfBounds
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound
from anlan.kernel.levels import level_of
from anlan.kernel.words import N_
from anlan.ledger.scope import visible
from anlan.ledger.sources import in_force


def _back(account_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:accounts-detail", args=[account_id]))


def _actor(request: ActorRequest) -> Actor:
    actor = request.actor
    assert actor is not None  # the guard lets nobody else in
    return actor


def _reason(request: HttpRequest) -> str:
    """The reason given, which every one of these actions asks for. Raises :class:`Invalid` when it is empty."""
    reason = str(request.POST.get("reason", "")).replace("\0", "").strip()[:500]
    if not reason:
        raise Invalid(fields={"reason": _("请写明原因。")})
    return reason


def _visible_account(account_id: UUID, request: ActorRequest) -> Account:
    account = visible(Account.objects.all(), _actor(request), "people.view").filter(pk=account_id).first()
    if account is None:
        raise NotFound(what=N_("账号"))
    return account


_STATE_VERBS: dict[str, Callable[..., Account]] = {
    "lock": services.lock_account,
    "unlock": services.unlock_account,
    "disable": services.disable_account,
    "enable": services.enable_account,
}


def _state(verb: str, request: ActorRequest, account_id: UUID) -> HttpResponse:
    _visible_account(account_id, request)
    account = _STATE_VERBS[verb](account_id, actor=_actor(request), now=clock.now(), reason=_reason(request))
    messages.success(request, _("“{account}”现为：{state}。").format(account=account.display_name, state=account.get_state_display()))
    return _back(account_id)


@requires("people.lock")
@require_POST
def lock(request: ActorRequest, account_id: UUID) -> HttpResponse:
    """Lock an account and end its sessions."""
    return _state("lock", request, account_id)


@requires("people.lock")
@require_POST
def unlock(request: ActorRequest, account_id: UUID) -> HttpResponse:
    """Unlock an account and lift its lock-outs."""
    return _state("unlock", request, account_id)


@requires("people.change")
@require_POST
def disable(request: ActorRequest, account_id: UUID) -> HttpResponse:
    """Take an account out of use."""
    return _state("disable", request, account_id)


@requires("people.change")
@require_POST
def enable(request: ActorRequest, account_id: UUID) -> HttpResponse:
    """Bring an account back into use."""
    return _state("enable", request, account_id)


@requires("people.reset_password")
@never_cache
@require_POST
def reset_password(request: ActorRequest, account_id: UUID) -> HttpResponse:
    """Give a random password, shown this once."""
    account = _visible_account(account_id, request)
    password = services.reset_password(account_id, actor=_actor(request), now=clock.now(), reason=_reason(request))
    return render(request, "people/new_password.html", {"account": account, "password": password})


@requires("people.reset_factor")
@require_POST
def reset_factor(request: ActorRequest, account_id: UUID) -> HttpResponse:
    """Remove a lost second factor."""
    account = _visible_account(account_id, request)
    services.reset_factor(account_id, actor=_actor(request), now=clock.now(), reason=_reason(request))
    messages.success(request, _("已重置“{account}”的动态口令。").format(account=account.display_name))
    return _back(account_id)


@requires("people.lock")
@require_POST
def end_session(request: ActorRequest, account_id: UUID, session_id: UUID) -> HttpResponse:
    """End somebody's session."""
    _visible_account(account_id, request)
    services.end_session(session_id, actor=_actor(request), now=clock.now())
    return _back(account_id)


@requires("people.grant")
@require_POST
def assign_post(request: ActorRequest, account_id: UUID) -> HttpResponse:
    """Give an account a post: kind, place, and from which day to which."""
    account, actor, now = _visible_account(account_id, request), _actor(request), clock.now()
    kind = rules.KINDS.get(str(request.POST.get("kind", "")))
    enterprise = str(request.POST.get("enterprise", "")).strip()
    try:
        enterprise_id = UUID(enterprise) if enterprise else None
    except ValueError as wrong:
        raise Invalid(fields={"enterprise": _("企业编号不正确，请从企业档案页复制。")}) from wrong
    place_code = str(request.POST.get("place_code", "")).strip() or account.place_code
    level_of(place_code)
    if not places.exists(place_code):
        raise Invalid(fields={"place_code": _("现行区划代码表中没有这个代码。")})
    post = services.ensure_post(
        kind.code if kind else "",
        place_code,
        organisation_id=account.organisation_id,
        enterprise_id=enterprise_id,
        actor=actor,
        now=now,
    )
    holding = services.assign_post(
        account_id,
        post.id,
        valid_from=_day(request, "valid_from", now),
        valid_to=_day(request, "valid_to", now, end=True),
        actor=actor,
        now=now,
    )
    messages.success(request, _("已授予“{account}”岗位“{post}”。").format(account=account.display_name, post=holding.post.name))
    return _back(account_id)


def _day(request: HttpRequest, name: str, now: datetime, *, end: bool = False) -> datetime | None:
    """A day from the form as the moment it begins (``end``: the moment it is over), in the node's time zone."""
    typed = str(request.POST.get(name, "")).strip()
    if not typed:
        return None
    try:
        day = parse_date(typed)
    except ValueError:
        day = None
    if day is None:
        raise Invalid(fields={name: _("日期不正确。")})
    moment = timezone.make_aware(datetime.combine(day + timedelta(days=1 if end else 0), datetime.min.time()))
    today = timezone.localtime(now).date()
    return now if not end and day == today else moment


@requires("people.grant")
@require_POST
def revoke_post(request: ActorRequest, account_id: UUID, holding_id: UUID) -> HttpResponse:
    """Take a post away, at once."""
    account = _visible_account(account_id, request)
    if not account.holdings.filter(pk=holding_id).exists():
        raise NotFound(what=N_("任职"))
    services.revoke_post(holding_id, actor=_actor(request), now=clock.now(), reason=_reason(request))
    messages.success(request, _("岗位已撤销，立即生效。"))
    return _back(account_id)


@requires("people.view")
@require_GET
def permissions(request: ActorRequest) -> HttpResponse:
    """Who may do what: kinds of posts against actions, room by room. Everything without a mark is denied."""
    rooms = [
        {
            "code": room,
            "label": label,
            "rows": [
                {"action": action, "label": words, "marks": [kind.allows(action) for kind in rules.KINDS.values()]}
                for action, words in actions
            ],
        }
        for room, label, actions in action_catalogue()
    ]
    return render(request, "people/permissions.html", {"kinds": rules.KINDS.values(), "rooms": rooms, "columns": len(rules.KINDS) + 1})


@requires("people.view")
@require_http_methods(["GET"])
def policy(request: ActorRequest) -> HttpResponse:
    """The sign-in policy in force, with source and bounds."""
    return _policy_page(request)


def _policy_page(request: ActorRequest, fault: PolicyOutOfBounds | None = None) -> HttpResponse:
    now = clock.now()
    own = {row.code: row for row in PolicyValue.objects.filter(effective_from__lte=now).order_by("effective_from", "id")}
    rows: list[dict[str, Any]] = [
        {"rule": rule, "value": own[rule.code].value if rule.code in own else rule.value, "own": own.get(rule.code)}
        for rule in in_force(rules.policy_rules(), timezone.localtime(now).date())
    ]
    context = {
        "rows": rows,
        "may_set": _actor(request).may_somewhere("people.set_policy"),
        "refusal": fault.message(_) if fault else "",
    }
    return render(request, "people/policy.html", context, status=fault.status if fault else 200)


@requires("people.set_policy")
@require_POST
def set_policy(request: ActorRequest) -> HttpResponse:
    """Set one value of the policy from now on."""
    typed = str(request.POST.get("value", ""))
    try:
        services.set_policy(
            str(request.POST.get("code", "")),
            int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else -1,
            actor=_actor(request),
            now=clock.now(),
        )
    except PolicyOutOfBounds as fault:
        return _policy_page(request, fault)
    messages.success(request, _("策略已更新，立即生效。"))
    return HttpResponseRedirect(reverse("people:policy"))


def account_parts(record: Account, request: HttpRequest) -> dict[str, Any]:
    """What the page of an account shows beside its data: posts, sessions, and what this administrator may do."""
    now = clock.now()
    actor: Actor = request.actor  # type: ignore[attr-defined]
    here = {"place_code": record.place_code, "classification": record.classification}
    other = record.id != actor.account_id
    return {
        "holdings": [
            {"holding": holding, "kind": rules.KINDS.get(holding.post.kind), "now": queries.holds_at(holding, now)}
            for holding in record.holdings.select_related("post").order_by("-valid_from")
        ],
        "sessions": queries.running_sessions(record.id),
        "kinds": [kind for kind in rules.KINDS.values() if kind.account_class == record.account_class],
        "may": {
            verb: other and actor.may(f"people.{verb}", **here) for verb in ("lock", "change", "reset_password", "grant", "reset_factor")
        },
        "today": timezone.localtime(now).date(),
    }
