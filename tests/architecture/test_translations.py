"""Chinese is the source text; English must never lag behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parents[2]
SOURCE = PROJECT / "src" / "anlan"
SCRIPTS = PROJECT / "web" / "src"
CHINESE = re.compile(r"[\u3400-\u9fff]")
FIELD = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": (1, 2),
    "pgettext_lazy": (1, 2),
}


def _messages(source: bytes) -> Iterator[str]:
    for _line, _function, texts, _comments in extract_python(BytesIO(source), KEYWORDS.keys(), [], {}):
        for text in texts if isinstance(texts, tuple) else (texts,):
            if isinstance(text, str) and CHINESE.search(text):
                yield text


def _templates() -> list[Path]:
    return [path for path in SOURCE.rglob("templates/**/*") if path.suffix in {".html", ".txt"}]


def _marked() -> dict[str, Path]:
    """Every Chinese text marked for translation, with one file that holds it."""
    found: dict[str, Path] = {}
    for path in SOURCE.rglob("*.py"):
        if "migrations" not in path.parts:
            for text in _messages(path.read_bytes()):
                found.setdefault(text, path)
    for path in _templates():
        # What is no tag comes back blanked out, in any indentation; on one line it is harmless to a reader of Python.
        calls = " ".join(templatize(path.read_text(encoding="utf-8")).split("\n"))
        for text in _messages(calls.encode()):
            found.setdefault(text, path)
    return found


def _catalogues() -> dict[Path, Catalog]:
    found = {}
    for path in SOURCE.rglob("locale/en/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            found[path] = read_po(file, abort_invalid=True)
    return found


def _english() -> dict[str, str]:
    english: dict[str, str] = {}
    for catalogue in _catalogues().values():
        for message in catalogue:
            if not message.id or message.fuzzy:
                continue
            ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
            texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
            if all(texts):
                english.update(dict.fromkeys(ids, texts[0]))
    return english


def test_every_chinese_text_has_its_english() -> None:
    english = _english()
    missing = [f"{path.relative_to(PROJECT)}: {text!r}" for text, path in sorted(_marked().items()) if text not in english]
    assert not missing, f"{len(missing)} texts lack English:\n" + "\n".join(missing)


def test_english_names_the_same_fields_as_the_chinese() -> None:
    wrong = []
    for chinese, english in _english().items():
        wanted, given = ({a or b for a, b in FIELD.findall(text)} for text in (chinese, english))
        if not given <= wanted:
            wrong.append(f"{chinese!r} -> {english!r}")
    assert not wrong, "\n".join(wrong)


def test_no_english_text_holds_chinese() -> None:
    """Proper names may; a sentence that was never translated may not."""
    untranslated = [chinese for chinese, english in _english().items() if chinese == english and len(CHINESE.findall(chinese)) > 4]
    assert not untranslated, untranslated


def _outside_translation(source: str) -> str:
    source = re.sub(r"\{#.*?#\}", "", source)
    source = re.sub(r"\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}", "", source, flags=re.S)
    source = re.sub(r"\{%\s*blocktrans(?:late)?\b.*?%\}.*?\{%\s*endblocktrans(?:late)?\s*%\}", "", source, flags=re.S)
    source = re.sub(r"\{%\s*trans(?:late)?\b.*?%\}", "", source, flags=re.S)
    return re.sub(r"""_\((?:"[^"]*"|'[^']*')\)""", "", source)


@pytest.mark.parametrize("path", _templates(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_template_holds_no_chinese_outside_translation_tags(path: Path) -> None:
    source = _outside_translation(path.read_text(encoding="utf-8"))
    wrong = [line.strip() for line in source.splitlines() if CHINESE.search(line)]
    assert not wrong, wrong


def test_scripts_hold_no_chinese_outside_the_dictionary() -> None:
    wrong = []
    for path in SCRIPTS.rglob("*.ts"):
        if path.name == "words.ts":
            continue
        source = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
        source = re.sub(r"(?<!:)//.*", "", source)
        wrong += [f"{path.name}: {line.strip()}" for line in source.splitlines() if CHINESE.search(line)]
    assert not wrong, "\n".join(wrong)
