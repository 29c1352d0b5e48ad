"""Pages of the links: how they are, what waits, this node, joining one above, one neighbour, and links that an exercise cuts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import requires
from anlan.desk.refusals import errors_of, sentence
from anlan.federation.models import ABOVE, ASKED, JOINED, Node
from anlan.federation.refusals import NoIdentity
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, NotPermitted, Refusal
from anlan.kernel.levels import level_of
from anlan.report.relays import forms, queries, refusals, services, showing

SHOWN = 100
"""So many envelopes of a list are shown; how many more there are is said."""


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def _may_manage(actor: Actor, own: Node | None) -> bool:
    """Whether the actor looks after this node: its links concern the node's own place."""
    return actor.may("relays.manage", place_code=own.place_code if own is not None else actor.place_code)


@requires("relays.view")
@require_GET
def links(request: HttpRequest) -> HttpResponse:
    """How every link is and what waits."""
    return _links(request, forms.CutForm())


def _links(request: HttpRequest, form: forms.CutForm, status: int = 200) -> HttpResponse:
    actor, now, own = _actor(request), clock.now(), queries.own()
    rows = [showing.row_of(link, now) for link in queries.links(now)]
    waiting, aside, refused = queries.waiting(SHOWN), queries.set_aside(), queries.refused()
    context = {
        "now": now,
        "own": showing.described(own) if own is not None else None,
        "rows": rows,
        "up": showing.upward(rows),
        "beyond": [showing.described(node) for node in queries.beyond()],
        "waiting": [showing.envelope(row, actor) for row in waiting],
        "aside": [showing.envelope(row, actor) for row in aside[:SHOWN]],
        "aside_count": aside.count(),
        "refused": [showing.envelope(row, actor) for row in refused[:SHOWN]],
        "refused_count": refused.count(),
        "cuts": [showing.cut_line(row, actor) for row in queries.cuts(actor)],
        "form": form,
        "errors": errors_of(form),
        "here": f"{places.place_name(actor.place_code)} · {_(actor.level.label)}",
        "may_manage": _may_manage(actor, own),
        "may_cut": actor.may("relays.cut", place_code=actor.place_code),
    }
    return render(request, "relays/links.html", context, status=status)


# --- this node -------------------------------------------------------------------------------------------------------------------------


@requires("relays.manage")
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """What this node is called, where it is, which levels work on it."""
    actor, present, post = _actor(request), queries.own(), request.method == "POST"
    start = (
        {"name": present.name, "place_code": present.place_code, "levels": present.levels}
        if present is not None
        else {"place_code": actor.place_code, "levels": [int(actor.level)]}
    )
    form = forms.OwnForm(forms.chosen_place(request.POST) if post else None, initial=start, actor=actor)
    status = 200
    if post and form.is_valid():
        values = form.cleaned_data
        try:
            services.call_oneself(
                values["name"], level_of(values["place_code"]), values["place_code"], values["levels"], actor=actor, now=clock.now()
            )
        except Refusal as refusal:
            forms.refuse_at(form, "place_code" if isinstance(refusal, NotPermitted) else "name", refusal)
            status = refusal.status
        else:
            messages.success(request, _("本节点信息已保存。"))
            return redirect("relays:links")
    code = str(form["place_code"].value() or "")
    context = {
        "form": form,
        "errors": errors_of(form),
        "own": showing.described(present) if present is not None else None,
        "place": code if places.place(code) is not None else "",
        "place_name": places.full_name(code) if places.place(code) is not None else "",
    }
    return render(request, "relays/own.html", context, status=422 if form.errors and status == 200 else status)


# --- the node above --------------------------------------------------------------------------------------------------------------------


@requires("relays.manage")
@require_http_methods(["GET", "POST"])
def above(request: HttpRequest) -> HttpResponse:
    """Join a node above: first who answers at an address, then, after a call by telephone, the request to be let in."""
    actor, post = _actor(request), request.method == "POST"
    form = forms.AddressForm(request.POST if post else None)
    found: Node | None = None
    said, status = "", 200
    if post and form.is_valid():
        address, node_id = form.cleaned_data["address"], request.POST.get("node_id", "")[:64]
        try:
            if node_id and request.POST.get("compared"):
                joined = services.join_above(address, node_id, actor=actor, now=clock.now())
                messages.success(request, _("已向“{node}”申请接入，请电话告知对方核对本节点的密钥指纹。").format(node=joined.name))
                return redirect("relays:links")
            found = services.look_up(address)
            said = sentence(refusals.NotCompared()) if node_id else ""
            status = refusals.NotCompared.status if node_id else 200
        except (NoIdentity, NotPermitted):
            raise
        except Refusal as refusal:
            forms.refuse_at(form, "address", refusal)
            # That the other node is away is no failure of this one.
            status = refusal.status if refusal.status < 500 else 422
    present = queries.own()
    context = {
        "form": form,
        "errors": errors_of(form),
        "found": showing.described(found) if found is not None else None,
        "address": found.address if found is not None else "",
        "own": showing.described(present) if present is not None else None,
        "refusal_message": said,
    }
    return render(request, "relays/above.html", context, status=422 if form.errors and status == 200 else status)


# --- one neighbour ---------------------------------------------------------------------------------------------------------------------


@requires("relays.view")
@require_GET
def node(request: HttpRequest, node_id: str) -> HttpResponse:
    """One neighbour, its link, and what may be done about it."""
    return _node(request, queries.node(node_id))


def _node(request: HttpRequest, found: Node, refusal: Refusal | None = None, form: forms.AgainForm | None = None) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    again = form or forms.AgainForm(initial={"since": now - timedelta(hours=24)})
    context = {
        "row": showing.row_of(queries.link_of(found, now), now),
        "card": showing.described(found),
        "asks": found.state == ASKED,
        "joined": found.state == JOINED,
        "is_above": found.relation == ABOVE,
        "may_manage": _may_manage(actor, queries.own()),
        "form": again,
        "refusal_message": sentence(refusal) if refusal is not None else "",
    }
    status = refusal.status if refusal is not None else 422 if again.errors else 200
    return render(request, "relays/node.html", context, status=status)


@requires("relays.manage")
@require_POST
def act(request: HttpRequest, node_id: str, code: str) -> HttpResponse:
    """Let a node in or not, part from it, let exercises go to it."""
    found = queries.node(node_id)
    try:
        words = _done(request, found, code)
    except NotPermitted:
        raise
    except Refusal as refusal:
        if code not in _VERBS:
            raise
        return _node(request, queries.node(node_id), refusal)
    messages.success(request, words)
    return redirect("relays:links") if code in _PARTING else redirect("relays:node", node_id)


def _accept(request: HttpRequest, found: Node) -> str:
    if not request.POST.get("compared"):
        raise refusals.NotCompared
    services.accept(found, actor=_actor(request), now=clock.now())
    return _("已同意“{node}”接入。").format(node=found.name)


def _refuse(request: HttpRequest, found: Node) -> str:
    services.refuse(found, actor=_actor(request), now=clock.now())
    return _("未同意“{node}”接入。").format(node=found.name)


def _leave(request: HttpRequest, found: Node) -> str:
    services.leave(found, actor=_actor(request), now=clock.now())
    return _("与“{node}”的链路已断开。").format(node=found.name)


def _let_exercises(request: HttpRequest, found: Node) -> str:
    takes = request.POST.get("takes") == "yes"
    services.let_exercises(found, takes, actor=_actor(request), now=clock.now())
    return (
        _("演练信息今后也发给“{node}”。").format(node=found.name) if takes else _("演练信息今后不再发给“{node}”。").format(node=found.name)
    )


_VERBS: dict[str, Callable[[HttpRequest, Node], str]] = {
    "accept": _accept,
    "refuse": _refuse,
    "leave": _leave,
    "exercises": _let_exercises,
}
_PARTING = ("refuse", "leave")


def _done(request: HttpRequest, found: Node, code: str) -> str:
    if code not in _VERBS:
        raise NotFound(what=code)
    return _VERBS[code](request, found)


@requires("relays.manage")
@require_POST
def again(request: HttpRequest, node_id: str) -> HttpResponse:
    """Send a neighbour everything since a moment once more."""
    found, form = queries.node(node_id), forms.AgainForm(request.POST)
    if not form.is_valid():
        return _node(request, found, form=form)
    count = services.send_again(found, form.cleaned_data["since"], actor=_actor(request), now=clock.now())
    messages.success(request, ngettext("{count} 件将重新发送。", "{count} 件将重新发送。", count).format(count=count))
    return redirect("relays:node", node_id)


# --- envelopes and cuts ----------------------------------------------------------------------------------------------------------------


@requires("relays.manage")
@require_POST
def try_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Work once more on what was set aside; what is wrong with it still is said."""
    row = services.try_again(queries.envelope(pk), actor=_actor(request), now=clock.now())
    if row.refused_code:
        messages.error(request, _("仍未办成：{why}").format(why=row.refused_words))
    else:
        messages.success(request, _("已办理。"))
    return redirect("relays:links")


@requires("relays.cut")
@require_POST
def cut(request: HttpRequest) -> HttpResponse:
    """Hold the link of the actor's own bureau cut for an exercise."""
    actor, form = _actor(request), forms.CutForm(request.POST)
    if not form.is_valid():
        return _links(request, form, 422)
    services.cut(actor.level, actor.place_code, form.cleaned_data["reason"], actor=actor, now=clock.now())
    messages.success(request, _("演练断链已开始：演练信息暂存，实际信息照常发送。"))
    return redirect("relays:links")


@requires("relays.cut")
@require_POST
def mend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a cut; what it held goes over the link."""
    row = queries.cut(pk)
    try:
        count = services.mend(row, actor=_actor(request), now=clock.now())
    except refusals.NothingHeld as refusal:
        messages.error(request, sentence(refusal))
    else:
        messages.success(request, ngettext("链路已恢复，补发 {count} 件。", "链路已恢复，补发 {count} 件。", count).format(count=count))
    return redirect("relays:links")
