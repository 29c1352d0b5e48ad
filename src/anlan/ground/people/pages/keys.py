"""Interface keys: what other systems hold, issued and revoked by the security administrator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.ground.people import keyrules, queries, rules, services
from anlan.ground.people.catalogue import action_catalogue, all_actions
from anlan.ground.people.models import Account, InterfaceKey
from anlan.kernel import clock
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import Invalid, NotFound
from anlan.kernel.words import N_
from anlan.ledger.scope import visible

MOST_SHOWN = 200
USUAL_DAYS = 180


@requires("people.issue_key")
@require_GET
def keys_page(request: ActorRequest) -> HttpResponse:
    """Every key in the jurisdiction, and the form for a new one: ``?username=`` chooses for whom."""
    return _page(request)


def _page(request: ActorRequest, issued: services.IssuedKey | None = None) -> HttpResponse:
    actor, now = cast("Actor", request.actor), clock.now()
    rows = visible(InterfaceKey.objects.select_related("account", "post"), actor, "people.issue_key")[:MOST_SHOWN]
    username = str(request.GET.get("username", "")).strip()[:64]
    account = _accounts(actor).filter(username__iexact=username).first() if username else None
    held = queries.holdings_of(account.id, now) if account and account.account_class == rules.ORDINARY else []
    longest = queries.policy(now).interface_key_longest
    today = timezone.localdate(now)
    context: dict[str, Any] = {
        "rows": [(row, *_state(row, now), _worded(row.writes)) for row in rows],
        "username": username,
        "account": account,
        "holdings": [
            {
                "holding": holding,
                "actions": _worded(keyrules.readable(rules.KINDS[holding.post.kind], all_actions())),
                "writes": _worded(queries.sendable_by(holding.post)),
            }
            for holding in held
        ],
        "issued": issued,
        "bearer": keyrules.bearer(issued.key.username, issued.secret) if issued else "",
        "first_day": today + timedelta(days=1),
        "usual_day": today + timedelta(days=min(USUAL_DAYS, longest.days - 1)),
        "last_day": today + timedelta(days=longest.days - 1),
        "limit": queries.policy(now).interface_key_requests,
    }
    return render(request, "people/keys.html", context)


def _accounts(actor: Actor) -> Any:
    return visible(Account.objects.all(), actor, "people.issue_key")


def _worded(allowed: Sequence[str]) -> list[tuple[str, str]]:
    return [(action, words) for _code, _label, actions in action_catalogue() for action, words in actions if action in allowed]


def _state(key: InterfaceKey, now: datetime) -> tuple[str, str]:
    """Tone and word of a key's state."""
    if key.revoked_at is not None:
        return "grey", _("已吊销")
    if now >= key.expires_at:
        return "grey", _("已过期")
    if key.expires_at - now < timedelta(days=14):
        return "yellow", _("即将过期")
    return "green", _("有效")


@requires("people.issue_key")
@never_cache
@require_POST
def issue(request: ActorRequest) -> HttpResponse:
    """Issue a key and show its secret, this once."""
    actor, now = cast("Actor", request.actor), clock.now()
    label = str(request.POST.get("label", "")).replace("\0", "").strip()[:80]
    if not label:
        raise Invalid(fields={"label": _("请写明哪个系统使用、作什么用。")})
    try:
        holding_id = UUID(str(request.POST.get("holding", "")))
        day = parse_date(str(request.POST.get("expires_on", "")))
    except ValueError:
        raise Invalid(fields={"expires_on": _("日期不正确。")}) from None
    if day is None:
        raise Invalid(fields={"expires_on": _("日期不正确。")})
    issued = services.issue_key(
        holding_id,
        label=label,
        actions=request.POST.getlist("actions"),
        writes=request.POST.getlist("writes"),
        # The day itself is included.
        expires_at=timezone.make_aware(datetime.combine(day + timedelta(days=1), datetime.min.time())),
        information=Classification.SENSITIVE if request.POST.get("sensitive") == "1" else Classification.INTERNAL,
        actor=actor,
        now=now,
    )
    return _page(request, issued)


@requires("people.issue_key")
@require_POST
def revoke(request: ActorRequest, key_id: UUID) -> HttpResponse:
    """End a key at once, for a reason."""
    actor = cast("Actor", request.actor)
    reason = str(request.POST.get("reason", "")).replace("\0", "").strip()[:200]
    if not reason:
        raise Invalid(fields={"reason": _("请写明原因。")})
    if not visible(InterfaceKey.objects.all(), actor, "people.issue_key").filter(pk=key_id).exists():
        raise NotFound(what=N_("接口凭证"))
    key = services.revoke_key(key_id, reason=reason, actor=actor, now=clock.now())
    messages.success(request, _("接口凭证“{label}”已吊销，立即生效。").format(label=key.label))
    return HttpResponseRedirect(reverse("people:keys"))
