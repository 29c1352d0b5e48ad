"""Marking of Chinese source text in code that knows no Django.

``N_`` returns its text unchanged; the translation tests collect what it marks, and whoever shows the text translates it.
"""

from __future__ import annotations


def N_(text: str) -> str:  # noqa: N802 - the customary name of this marker
    """Mark ``text`` as source text to be translated where it is shown."""
    return text
