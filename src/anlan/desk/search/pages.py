"""``/search/?q=``: one question to every kind of record that the actor may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, signed_in
from anlan.desk.resource import asking
from anlan.desk.resource.addresses import page_url, record_url
from anlan.desk.resource.declare import Resource, Text
from anlan.desk.resource.listing import Order, page_of
from anlan.desk.resource.registry import all_resources
from anlan.desk.resource.values import EMPTY, shown, text_of
from anlan.desk.search import tokens
from anlan.kernel.access import Actor

HITS_PER_KIND = 8
"""Enough to see whether the right one is among them; the rest is one click away."""


@dataclass(frozen=True)
class Hit:
    """One record found: its title with the searched words marked, and what else tells it from others."""

    title: SafeString
    url: str
    notes: str


@dataclass(frozen=True)
class Group:
    """The hits of one kind."""

    label: Text
    hits: Sequence[Hit]
    more_url: str


def marked(text: str, words: Sequence[str]) -> SafeString:
    """``text`` escaped, with the searched words in ``<mark>``. A word found by its pinyin has nothing to mark."""
    folded = text.casefold()
    spans: list[tuple[int, int]] = []
    if len(folded) == len(text):
        for word in words:
            at = folded.find(word)
            if at >= 0:
                spans.append((at, at + len(word)))
    parts: list[str] = []
    done = 0
    for begin, end in sorted(spans):
        if begin < done:
            continue
        parts += [escape(text[done:begin]), "<mark>", escape(text[begin:end]), "</mark>"]
        done = end
    return mark_safe("".join([*parts, escape(text[done:])]))


def find(resource: Resource, actor: Actor, words: str, limit: int = HITS_PER_KIND) -> Group | None:
    """What one kind of record answers; ``None`` when nothing."""
    asked = tokens.query(words)
    order = Order(resource.order.lstrip("-"), resource.order.startswith("-"))
    question = asking.Question(order=order, size=limit, words=words)
    found = asking.matches(resource, actor, question)
    if asked is None or found.query.is_empty():
        return None
    prefix = asking.shared_prefix(actor, resource.actions.view, "")
    page = page_of(found, order, None, limit, place_prefix=prefix)
    if not page.rows:
        return None
    notes = [column for column in resource.columns if column.name != resource.title and not column.hidden][:3]
    hits = [
        Hit(
            title=marked(text_of(getattr(record, resource.title, record)), asked.words),
            url=record_url(resource, record.pk),
            notes=" · ".join(text for column in notes if (text := shown(record, column).text) != EMPTY),
        )
        for record in page.rows
    ]
    more = f"{page_url(resource, 'list')}?{urlencode({'q': words})}" if page.count > len(hits) or page.capped else ""
    return Group(resource.label, hits, more)


@signed_in
@require_GET
def search_page(request: ActorRequest) -> HttpResponse:
    """The search page; hits grouped by kind, each scoped by its own view action."""
    actor = request.actor
    assert actor is not None  # the guard lets nobody else in
    words = request.GET.get("q", "").strip()[:100]
    groups: list[Group] = []
    if words:
        searchable = [r for r in all_resources() if r.search and actor.may_somewhere(r.actions.view)]
        groups = [group for resource in searchable if (group := find(resource, actor, words)) is not None]
    return render(request, "desk/search.html", {"words": words, "groups": groups})
