"""Refusals: one class per reason, each with a permanent code, the facts, and a sentence the user can act on.

Forms, API, spreadsheet import and federation show the same refusal. The sentence is Chinese source text with named fields; it is
translated where it is shown, then filled with the facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from anlan.kernel.words import N_


class Refusal(Exception):
    """Something was refused, for a reason the user can be told."""

    code: ClassVar[str] = "refused"
    sentence: ClassVar[str] = N_("操作被拒绝。")
    status: ClassVar[int] = 409

    def __init__(self, **facts: object) -> None:
        super().__init__(facts)
        self.facts = facts

    def message(self, translate: object = None) -> str:
        """The sentence filled with the facts; ``translate`` (``str -> str``) is applied to the sentence before filling."""
        template = translate(self.sentence) if callable(translate) else self.sentence
        return str(template).format_map(_Facts(self.facts))

    def __str__(self) -> str:
        return f"[{self.code}] {self.message()}"


class _Facts(dict[str, object]):
    """Leaves a field that has no fact visible instead of failing: a refusal must always be showable."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class NotPermitted(Refusal):
    code = "not_permitted"
    sentence = N_("您的岗位没有“{action}”的权限，或该对象不在您的管辖范围内。如确需办理，请联系安全保密管理员授权。")
    status = 403


class NotFound(Refusal):
    code = "not_found"
    sentence = N_("没有找到“{what}”，它可能已被移走，或不在您的管辖范围内。")
    status = 404


class Conflict(Refusal):
    code = "conflict"
    sentence = N_("“{what}”刚刚被他人修改过，请刷新页面后再试。")
    status = 409


class Invalid(Refusal):
    """Several fields are wrong at once. ``fields`` maps a field's name to its refusal (or its finished sentence)."""

    code = "invalid"
    sentence = N_("填写的内容有 {count} 处需要改正。")
    status = 422

    def __init__(self, fields: Mapping[str, Refusal | str] | None = None, **facts: object) -> None:
        self.fields: dict[str, Refusal | str] = dict(fields or {})
        super().__init__(count=len(self.fields), **facts)

    def __str__(self) -> str:
        return f"{super().__str__()} " + "; ".join(f"{name}: {why}" for name, why in self.fields.items())
