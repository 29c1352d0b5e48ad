"""Imports of population as the desk lists them; their own pages are in :mod:`.views`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.desk.mapping import layers
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, PlaceFilter, Resource, register
from anlan.desk.resource.declare import Tone
from anlan.ground.population import rules
from anlan.ground.population.models import PopulationSource

STATUS_TONES: dict[str, Tone] = {"verified": "green", "secondary": "blue", "unverified": "yellow"}

RESOURCE = register(
    Resource(
        code="population",
        label=_("人口数据"),
        model=PopulationSource,
        actions=Actions(view="population.view", create="population.import", export="population.view"),
        columns=(
            Column("name", link=True, sort=True),
            Column("kind", badge=Badge({})),
            Column("year", numeric=True),
            Column("people", numeric=True, value=lambda row: round(row.people)),
            Column("good", numeric=True),
            Column("bad", numeric=True),
            Column("status", badge=Badge(STATUS_TONES)),
            Column("source"),
            Column("withdrawn_at"),
            Column("imported_by_name", hidden=True),
            Column("licence", hidden=True),
            Column("place_code", label=_("归属地"), place=True),
            Column("created_at", label=_("导入时间"), sort=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("kind", label=_("数据种类")),
            Choice("status", label=_("核实")),
            DateRange("created_at", label=_("导入时间")),
        ),
        order="-created_at",
        navigation="resource",
        detail_url="population:source",
        create_url="population:import",
        empty=_("还没有导入人口数据：影响区人口按县级普查人口在县域内散布估算。导入乡镇边界、村庄点位或人口网格后，估算更准。"),
        live=("population.imported", "population.withdrawn"),
    )
)

layers.register(
    layers.MapLayer(
        "population-density",
        _("人口密度"),
        "/population/features.json",
        "population.view",
        order=90,
        geometry="areas",
        group="base",
        time=True,
        minzoom=6,
        steps=tuple(row.label for row in rules.density_rows()),
        legend=_("每平方千米人数，白天夜间随时间轴；斜线为人口未知，不是没有人"),
        live=("population.imported", "population.withdrawn"),
        empty=_("这里没有辖区内的县界。"),
    )
)
