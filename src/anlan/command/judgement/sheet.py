"""The judgement sheet (研判报告): one run on one page, with what it rests on as an annex; PDF and an editable file from the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.command.judgement import areas, rules, shaping, wording
from anlan.command.judgement.facts import ReportFacts, ZoneFacts
from anlan.command.judgement.models import Run
from anlan.desk.documents import Block, Document, Heading, Pairs, Paragraph, Picture, Table
from anlan.desk.documents.blocks import Tone
from anlan.desk.documents.map_picture import MapPicture, ShownArea, ShownMark, svg
from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.geo import Box

MAP_PX = (780, 400)
ROUND_M = 111_195.0
LEAST_BOX_M = 300.0
PLACES_SHOWN = 6


def document(
    run: Run, facts: ReportFacts, exposed: Sequence[Block], actor: Actor, now: datetime, leaving: Sequence[Block] = ()
) -> Document:
    """The sheet of one run. ``exposed``: what other rooms say of who is there and who can come;
    ``leaving``: who goes to which shelter. Raises ``ValueError`` without an answer."""
    if not run.result:
        raise ValueError("a run without an answer has no sheet")
    told = shaping.answer(run.judgement, str(run.number), actor, now)
    own = organisations.organisation(actor.organisation_id) if actor.organisation_id else None
    bureau = own or organisations.bureau_of(facts.place_code)
    return Document(
        title=_("{title}：研判报告").format(title=facts.title),
        organ=bureau.name if bureau else places.place_name(facts.place_code),
        number=_("第 {n} 次计算").format(n=facts.number),
        date=_local(facts.finished_at or facts.asked_at),
        marks=(_("演练"),) if facts.exercise else (),
        foot=_("由安澜平台生成，数据截至 {at}。模型结果供研判参考，不是监测值，也不是正式评估。").format(at=_local(now)),
        page=_("第 {page} 页，共 {pages} 页"),
        language="en" if get_language() == "en" else "zh",
        blocks=(*_page(run, facts, told, exposed), *leaving, *_annex(facts, told)),
    )


def _page(run: Run, facts: ReportFacts, told: Mapping[str, Any], exposed: Sequence[Block]) -> tuple[Block, ...]:
    blocks: list[Block] = [Paragraph(facts.headline)]
    changes = "；".join(filter(None, (facts.trend, *told["changes"])))
    if changes:
        blocks.append(Paragraph(_("与上次相比：{changes}").format(changes=changes)))
    drawing = picture(run, facts)
    if drawing is not None:
        blocks.append(Picture(drawing))
    if told["zones"]:
        header = (_("限值"), _("后果"), _("最远"), _("不确定带"), _("面积"), _("到达远端"))
        rows = tuple(
            (f"{zone['name']} {zone['limit']}", zone["label"], zone["reach"], zone["band"], zone["area"], zone["arrival"])
            for zone in told["zones"]
        )
        blocks.append(Table(header, rows, (1.7, 1.6, 0.8, 1.1, 0.9, 0.9)))
    blocks += exposed
    blocks += _options(told)
    who = _("自动重算（最近一次由 {who} 要求）") if facts.automatic else _("{who}")
    blocks.append(
        Pairs(
            (
                (_("研判人"), who.format(who=facts.asked_by)),
                (_("计算时间"), _local(facts.finished_at or facts.asked_at)),
                (_("地点"), _place(facts)),
            )
        )
    )
    return tuple(blocks)


def _options(told: Mapping[str, Any]) -> tuple[Block, ...]:
    """Each option in one row, with a water curtain beside it without one."""
    if not told["options"]:
        return ()
    with_curtain = {row["name"]: row for row in told["options"] if row["curtain"]}
    rows = []
    for row in told["options"]:
        if not row["curtain"]:
            beside = with_curtain.get(row["name"])
            rows.append((row["name"], row["reach"], row["people"], beside["reach"] if beside else "—", row["time"], row["needs"]))
    header = (_("方案"), _("受害最远"), _("受害人数"), _("开水幕后"), _("完成用时"), _("需要"))
    advice = Paragraph(_("受害范围最小的方案：{what}。{basis}").format(what=told["advice"], basis=told["basis"]))
    return Heading(_("方案比选")), Table(header, tuple(rows), (1.5, 0.8, 0.8, 0.8, 0.8, 2.2)), advice


def _annex(facts: ReportFacts, told: Mapping[str, Any]) -> tuple[Block, ...]:
    blocks: list[Block] = [Heading(_("附：须知")), Paragraph("\n".join(f"· {line}" for line in facts.cautions))]
    blocks += [Heading(_("附：源强")), Pairs(tuple((str(label), str(value)) for label, value in told["release"]))]
    estimate = told["estimate"]
    if estimate:
        words = (
            estimate["refused"]
            if "refused" in estimate
            else _("反算速率 {rate}，九成把握的区间 {band}").format(rate=estimate["rate"], band=estimate["band"])
        )
        blocks.append(Paragraph(_("按气体测点反算：{words}").format(words=words)))
    if told["passages"]:
        header = (_("位置"), _("到达"), _("离开"), _("最高浓度"), _("总剂量"))
        rows = tuple(
            (row["name"], row["arrival"], row["departure"], f"{row['peak']} {row['unit']}", f"{row['dose']} {row['unit']}·min")
            for row in told["passages"]
        )
        blocks += [Heading(_("附：各处时间与剂量")), Table(header, rows)]
    if told["passages_hidden"]:
        blocks.append(Paragraph(_("另有 {n} 处防护目标不在您的管辖范围内，未列名称。").format(n=told["passages_hidden"])))
    inputs = tuple((row.label, f"{row.value} {row.unit}".strip(), f"{row.origin} {row.provenance}".strip()) for row in facts.inputs)
    blocks += [Heading(_("附：本次采用的输入")), Table((_("输入"), _("取值"), _("来源")), inputs, (1.0, 1.0, 2.4))]
    models = tuple((str(row["model"]), str(row["version"]), _citation(row)) for row in facts.models)
    blocks += [Heading(_("附：模型与版本")), Table((_("模型"), _("版本"), _("出处")), models, (1.4, 0.5, 3.0))]
    return tuple(blocks)


def _citation(row: Mapping[str, Any]) -> str:
    return " · ".join(str(part) for part in (row["citation"], row.get("sigma_set")) if part)


def picture(run: Run, facts: ReportFacts) -> str | None:
    """The zones on a map as SVG: outlines of counties, the source, named places; ``None`` when no zone was reached."""
    if not facts.zones or facts.longitude is None or facts.latitude is None:
        return None
    source = (facts.longitude, facts.latitude)
    box = _box(source, _decisive(facts.zones))
    shown = [
        ShownArea(
            zone.area,
            cast("Tone", areas.tone(zone.severity)),
            f"{wording.zone_name({'minutes': zone.minutes, 'code': zone.code, 'unit': zone.unit, 'label': zone.label})} "
            f"{wording.reach_told(zone.reach_m, run.kind)}",
        )
        for zone in facts.zones
    ]
    widest = max(facts.zones, key=lambda each: each.severity)
    if widest.band_area:
        shown.append(ShownArea(widest.band_area, "", _("不确定带"), dashed=True))
    marks = [ShownMark(source, "grey", facts.substance or facts.kind_label)]
    weather = facts.weather
    wind_from = float(weather["wind_from_deg"]) if weather and run.kind == rules.TOXIC else None
    return svg(
        MapPicture(
            areas=shown,
            marks=marks,
            base=places.outlines_within(box),
            wind_from_deg=wind_from,
            wind=""
            if wind_from is None or weather is None
            else _("{name}风 {speed} m/s").format(name=wording.wind_name(wind_from), speed=f"{weather['wind_m_s']:g}"),
            north=_("北"),
            width_px=MAP_PX[0],
            height_px=MAP_PX[1],
            box=box,
            source=_("第 {n} 次计算 {at}").format(n=facts.number, at=_local(facts.finished_at or facts.asked_at)),
        )
    )


def _decisive(zones: Sequence[ZoneFacts]) -> tuple[ZoneFacts, ...]:
    """Zones that the picture is drawn for: from which on people must act (the second level). The mildest may reach many times as far."""
    worst = min(zone.severity for zone in zones)
    return tuple(zone for zone in zones if zone.severity <= max(2, worst))


def _box(source: tuple[float, float], zones: Sequence[ZoneFacts]) -> Box:
    """What the picture shows: these zones and the source; the mildest zone and the uncertainty may run out of it."""
    longitudes, latitudes = [source[0]], [source[1]]
    for zone in zones:
        for polygon in zone.area:
            for longitude, latitude in polygon[0]:
                longitudes.append(longitude)
                latitudes.append(latitude)
    margin = LEAST_BOX_M / ROUND_M
    return Box(min(longitudes) - margin, min(latitudes) - margin, max(longitudes) + margin, max(latitudes) + margin)


def _place(facts: ReportFacts) -> str:
    where = places.full_name(facts.place_code)
    if facts.longitude is None or facts.latitude is None:
        return where
    return f"{where} ({facts.longitude:.5f}, {facts.latitude:.5f})"


def _local(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
