"""Left navigation by task: at most eight tasks, each with the pages an actor may open. No page, no entry."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

from anlan.kernel.access import Actor

Text = str | Promise
MAXIMUM_TASKS = 8


@dataclass(frozen=True)
class Page:
    """One page of a task: ``route`` is its name (``"duty:desk"``), ``action`` what opens it (empty: anybody signed in)."""

    label: Text
    route: str
    action: str = ""

    def allows(self, actor: Actor) -> bool:
        """Whether ``actor`` may open the page."""
        return not self.action or actor.may_somewhere(self.action)


@dataclass(frozen=True)
class Task:
    """One entry of the navigation: its first permitted page is where it leads."""

    code: str
    label: Text
    pages: tuple[Page, ...]


@dataclass(frozen=True)
class Link:
    """A page ready to show."""

    label: Text
    url: str
    here: bool


@dataclass(frozen=True)
class Entry:
    """A task ready to show; ``links`` is empty when the task has a single page."""

    code: str
    label: Text
    url: str
    here: bool
    current: bool
    links: tuple[Link, ...]


_tasks: tuple[Task, ...] = ()


def set_tasks(tasks: tuple[Task, ...]) -> None:
    """Declare the node's navigation."""
    global _tasks
    _tasks = tasks
    _address.cache_clear()


@lru_cache(maxsize=256)
def _address(route: str) -> str | None:
    try:
        return reverse(route)
    except NoReverseMatch:
        return None


def _length_of_match(url: str, path: str) -> int:
    if url == "/":
        return 1 if path == "/" else 0
    return len(url) if path.startswith(url) else 0


def entries(actor: Actor, path: str) -> tuple[Entry, ...]:
    """The navigation of ``actor`` on the page at ``path``; the page with the longest matching address is the present one."""
    open_pages = [
        (task, [(page, url) for page in task.pages if page.allows(actor) and (url := _address(page.route)) is not None]) for task in _tasks
    ]
    best = max((_length_of_match(url, path) for _, pages in open_pages for _, url in pages), default=0)
    shown: list[Entry] = []
    for task, pages in open_pages:
        if not pages:
            continue
        links = tuple(Link(page.label, url, bool(best) and _length_of_match(url, path) == best) for page, url in pages)
        here = any(link.here for link in links)
        shown.append(Entry(task.code, task.label, links[0].url, here, links[0].here, links if len(links) > 1 else ()))
    return tuple(shown[:MAXIMUM_TASKS])
