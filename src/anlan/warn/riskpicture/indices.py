"""Index versions as texts: folders of tables as delivered, tables kept in the database, both read into the same checked ``rules.Index``."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from anlan.ledger.sources import read_rules
from anlan.warn.riskpicture import refusals, rules
from anlan.warn.riskpicture.rules import Index

FOLDER = Path(__file__).parent / "data" / "indices"
Tables = Mapping[str, str]
"""Texts of CSV by the name of the table (``rules.TABLES``)."""


def delivered() -> tuple[str, ...]:
    """Names of the versions that come with the program, oldest first."""
    return tuple(sorted(each.name for each in FOLDER.iterdir() if each.is_dir()))


def texts(version: str) -> dict[str, str]:
    """The tables of a delivered version."""
    return {name: (FOLDER / version / f"{name}.csv").read_text(encoding="utf-8") for name in rules.TABLES}


def digest(tables: Tables) -> str:
    """SHA-256 over all tables of a version: what was back-tested is what goes live."""
    whole = sha256()
    for name in sorted(rules.TABLES):
        whole.update(name.encode() + b"\0" + tables.get(name, "").encode() + b"\0")
    return whole.hexdigest()


def read(version: str, tables: Tables) -> Index:
    """The index of these tables. Raises :class:`~.refusals.IndexUnsound` saying what is wrong with which row."""
    return _read(version, tuple((name, tables.get(name, "")) for name in rules.TABLES))


@lru_cache(maxsize=16)
def _read(version: str, tables: tuple[tuple[str, str], ...]) -> Index:
    try:
        rows: dict[str, Any] = {name: read_rules(io.StringIO(text), rules.TABLES[name], name) for name, text in tables}
    except ValueError as wrong:
        raise refusals.IndexUnsound(what=str(wrong)) from wrong
    index = Index(version=version, **rows)
    found = rules.flaws(index)
    if found:
        raise refusals.IndexUnsound(what=", ".join(found))
    return index


def changed(tables: Tables, table: str, values: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """The tables with cells of one of them set anew: ``values`` by the row's first cell and the column. The source says that the row is the node's own."""
    rows = list(csv.DictReader(io.StringIO(tables[table])))
    names = list(rows[0]) if rows else []
    for row in rows:
        for name in names:
            told = values.get((row[names[0]], name))
            if told is not None and told.strip() != row[name]:
                row[name] = told.strip()
                row["source"], row["status"] = OWN, "unverified"
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return {**tables, table: text.getvalue()}


OWN = "本单位设定"
"""Source of a figure that a node set itself."""
