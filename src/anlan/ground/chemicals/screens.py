"""Chemicals as the desk shows them: list, search, export, API, a page with figures, limits and the card; the panel on a hazard source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.desk.resource import Actions, Badge, Choice, Column, Equals, Field, Flag, Fragment, Resource, Section, register
from anlan.ground.chemicals import catalogue, finding, presenting, queries, rules, toxicity
from anlan.ground.chemicals.models import Chemical


def _celsius(row: Chemical, field: str) -> float | None:
    return next((round(held.value - presenting.ZERO_CELSIUS_K, 1) for held in catalogue.figures(row.code) if held.field == field), None)


def _percent(row: Chemical, field: str) -> float | None:
    return next((held.value for held in catalogue.figures(row.code) if held.field == field), None)


def _limit(row: Chemical, level: str) -> str | None:
    """A limit for an hour, with its unit: it may be ppm or mg/m³."""
    if row.code not in catalogue.by_code():
        return None
    return next((f"{each.value:g} {each.unit}" for each in toxicity.endpoints(row.code) if each.code == level), None)


def _figures(record: Chemical, _request: HttpRequest) -> Mapping[str, Any]:
    entry = catalogue.by_code().get(record.code)
    stands_in = catalogue.by_code().get(entry.stands_in) if entry and entry.stands_in else None
    page = Chemical.objects.filter(code=stands_in.code).first() if stands_in else None
    return {"lines": presenting.figure_lines(record.code), "pure": record.form == rules.PURE, "stands_in": page}


def _limits(record: Chemical, _request: HttpRequest) -> Mapping[str, Any]:
    return {"lines": presenting.limit_lines(record.code) if record.code in catalogue.by_code() else []}


def _card(record: Chemical, _request: HttpRequest) -> Mapping[str, Any]:
    return presenting.card_context(record.code) if record.code in catalogue.by_code() else {"card": None, "refusal": ""}


RESOURCE = register(
    Resource(
        code="chemicals",
        label=_("化学品"),
        model=Chemical,
        actions=Actions(view="chemicals.view", export="chemicals.view"),
        columns=(
            Column("name", link=True, sort="name_key"),
            Column("cas", sort=True),
            Column("un", sort=True),
            Column("main_class", value=lambda row: row.get_main_class_display()),
            Column("regulated", label=_("重点监管")),
            Column("boiling", label=_("沸点 °C"), value=lambda row: _celsius(row, "boiling_point_k"), numeric=True),
            Column("flash", label=_("闪点 °C"), value=lambda row: _celsius(row, "flash_point_k"), numeric=True),
            Column("lfl", label=_("爆炸下限 %"), value=lambda row: _percent(row, "lower_flammability_percent"), numeric=True),
            Column("aegl_2_60", label=_("AEGL-2（60 分钟）"), value=lambda row: _limit(row, "AEGL-2"), numeric=True),
            Column("aegl_3_60", label=_("AEGL-3（60 分钟）"), value=lambda row: _limit(row, "AEGL-3"), numeric=True, hidden=True),
            Column("name_en", hidden=True),
            Column("aliases", hidden=True),
            Column("formula", hidden=True),
            Column("code", sort=True, hidden=True),
            Column("hazard_class", hidden=True),
            Column("guide", hidden=True),
            Column("form", hidden=True),
            Column("regulated_by", hidden=True),
            Column("source", hidden=True),
            Column("status", badge=Badge(cast("dict[Any, Any]", rules.STATUS_TONES)), hidden=True),
        ),
        filters=(
            Choice("main_class", label=_("主要危险")),
            Flag("regulated", label=_("重点监管")),
            Choice("form", label=_("形态")),
            Equals("code", label=_("代码")),
        ),
        order="name_key",
        search=True,
        detail=(
            Fragment(_("应急处置卡"), template="chemicals/_card.html", context=_card),
            Section(
                _("基本情况"),
                (
                    "name_en",
                    Field("aliases", value=lambda row: row.aliases.replace(";", "、")),
                    "formula",
                    "cas",
                    "un",
                    Field("main_class", value=lambda row: row.get_main_class_display()),
                    "hazard_class",
                    "form",
                    "regulated",
                    "regulated_by",
                    "source",
                    Field("status", badge=Badge(cast("dict[Any, Any]", rules.STATUS_TONES))),
                ),
            ),
            Fragment(_("接触限值"), template="chemicals/_limits.html", context=_limits),
            Fragment(_("理化数据"), template="chemicals/_figures.html", context=_figures),
        ),
        visible_to=queries.chemicals,
        navigation="resource",
        empty=_("化学品资料随平台自带，启动时自动载入；请联系运维人员查看载入日志。"),
    )
)


def source_panel(subject: Any, _request: HttpRequest) -> Mapping[str, Any] | None:
    """On the page of a hazard source: which chemical its substance is, its card, or that several fit and somebody must tell."""
    name, cas = str(getattr(subject, "substance_name", "")), str(getattr(subject, "substance_cas", ""))
    if not name and not cas:
        return None
    found = finding.of_source(name, cas)
    rows = {row.code: row for row in Chemical.objects.filter(code__in=[each.code for each in found])}
    pages = [rows[each.code] for each in found if each.code in rows]
    context: dict[str, Any] = {"pages": pages, "told": name or cas, "row": pages[0] if len(pages) == 1 else None}
    return context | (dict(presenting.card_context(pages[0].code)) if len(pages) == 1 else {})


panels.register(
    "risksources.detail",
    "chemicals",
    label=_("物质与应急处置"),
    order=15,
    template="chemicals/_source.html",
    provider=source_panel,
    action="chemicals.view",
)
