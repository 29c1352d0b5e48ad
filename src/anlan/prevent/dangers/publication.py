"""What may stand in a public text: nothing by which a person could be found. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from anlan.kernel.words import N_
from anlan.prevent.dangers import refusals, rules

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (N_("身份证号"), re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")),
    (N_("手机号码"), re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")),
    (N_("固定电话"), re.compile(r"(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)")),
    (N_("电子邮箱"), re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")),
)


def check_public(text: str, names: Iterable[str]) -> None:
    """Refuse a text with numbers or addresses of persons, or with one of the ``names`` known to the case. Raises ``PersonalData``."""
    for label, pattern in _PATTERNS:
        if pattern.search(text):
            raise refusals.PersonalData(found=label)
    for name in names:
        if len(name.strip()) >= 2 and name.strip() in text:
            raise refusals.PersonalData(found=rules.NAME_LABEL)
