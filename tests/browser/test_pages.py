"""Every page, in both languages, on a desk and on a telephone: no accessibility finding, no console error, no other host."""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

import pytest
from django.urls import reverse
from tests.browser import pages
from tests.browser.audit import Visitor, audit_generated, audit_page, darkened, in_other_words, leave
from tests.browser.node import Node

pytestmark = pytest.mark.browser


def test_every_address_is_known_to_the_suite() -> None:
    assert not pages.unknown(), "add these to tests/browser/pages.py"


def test_the_tables_name_no_address_that_is_gone() -> None:
    named = {look.route for look in pages.PAGES} | set(pages.NO_PAGES)
    assert named <= pages.routes(), sorted(named - pages.routes())


def _path(look: pages.Look, node: Node) -> str:
    missing = [name for name in look.arguments if name not in node.records]
    assert not missing, f"the seed has no {missing} for {look.route}"
    return reverse(look.route, args=[node.records[name] for name in look.arguments]) + look.query


@pytest.mark.parametrize("look", pages.looks(), ids=lambda look: look.route)
def test_a_page_is_accessible_quiet_and_keeps_to_its_host(look: pages.Look, node: Node, visitor: Callable[[str], Visitor]) -> None:
    one, path, name = visitor(look.role), _path(look, node), look.route.replace(":", "-")
    # Axe looks at the whole once, in the dark at what only colours decide, in English on a telephone at what words and width can break.
    if look.generated:
        # One declaration makes each of these from the same templates: both languages of them all would say the same a hundred times. Which of
        # the two a page is looked at in follows from its name, so that it is always the same.
        language = "zh" if crc32(look.route.encode()) % 2 else "en"
        wrong = audit_generated(one, path, language, name)
        assert not wrong, "\n".join(wrong)
        return
    wrong = audit_page(one, path, "zh", 1440, "light", name)
    wrong += audit_page(one, path, "zh", 390, "light", name, reload=False, axe=False)
    # The dark changes colours and nothing that could stick out.
    wrong += audit_page(one, path, "zh", 1920, "dark", name) if look.wide else darkened(one, path, name)
    wrong += in_other_words(one, path, "en", 390, name)
    # A page that is left open goes on drawing its map and listening; beside two hundred others that costs.
    leave(one)
    assert not wrong, "\n".join(wrong)


def test_the_wallboard_fits_its_screen_twice_as_large(node: Node, visitor: Callable[[str], Visitor]) -> None:
    one = visitor("wall")
    path = reverse("wallboard:wall")
    wrong = audit_page(one, path, "zh", 1920, "dark", "wallboard-wall")
    smallest = one.page.evaluate("""
        Math.min(...[...document.querySelectorAll('.wall *')]
            .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
            .filter(e => !e.closest('.map, .visually-hidden, script, svg'))
            .map(e => parseFloat(getComputedStyle(e).fontSize)))""")
    assert smallest >= 17, f"smallest text is {smallest} px"
    assert one.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    wrong += audit_page(one, path, "zh", 3840, "dark", "wallboard-wall")
    assert not wrong, "\n".join(wrong)
