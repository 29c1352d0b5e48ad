"""A vessel that fails as a whole: what is in the air at once, as vapour and fine droplets, and what falls to the ground.

Share of the inventory in the air by the flash fraction f: ``2 f`` below 0.1, ``(0.8 f - 0.028) / 0.26`` below 0.36, all of it above:
TNO Purple Book CPR 18E (1999), instantaneous release of a superheated liquid. Status: unverified (the table was not seen; the three
pieces meet at their ends), and every answer says so.
"""

from __future__ import annotations

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE = "release.catastrophic"


def airborne_share(flash_fraction: float | Figures) -> Figures:
    """Share of the mass, 0 to 1, that stays in the air as vapour and droplets (Purple Book), by the flash fraction, 0 to 1."""
    flash = np.asarray(flash_fraction, np.float64)
    return np.where(flash < 0.1, 2.0 * flash, np.where(flash < 0.36, (0.8 * flash - 0.028) / 0.26, 1.0))


def _run(mass_kg: float | Figures, flash_fraction: float | Figures) -> Answer:
    share = airborne_share(flash_fraction)
    air = np.asarray(mass_kg) * share
    return Answer(
        {
            "airborne_kg": air,
            "vapour_kg": np.asarray(mass_kg) * np.asarray(flash_fraction),
            "ground_kg": np.asarray(mass_kg) - air,
            "airborne_share": share,
        },
        CATASTROPHIC.credentials,
        (Caution("airborne_share_unverified", N_("气溶胶悬浮比例取自 TNO 紫皮书，尚未核对原文；未悬浮部分按液池计算。")),),
    )


CATASTROPHIC = Model(
    code=CODE,
    title=N_("容器整体破裂（全部存量瞬时释放）"),
    version="1",
    citation="TNO Purple Book CPR 18E (1999), mass fraction airborne of an instantaneous release (unverified)",
    inputs=(
        Input("mass_kg", "kg", N_("容器内存量"), low=0.0, open_low=True, many=True),
        Input("flash_fraction", "1", N_("闪蒸质量分数"), low=0.0, high=1.0, many=True),
    ),
    outputs=(
        Output("airborne_kg", "kg", N_("瞬时进入空气的质量（蒸气和液滴）")),
        Output("vapour_kg", "kg", N_("其中蒸气")),
        Output("ground_kg", "kg", N_("落地成池的质量")),
        Output("airborne_share", "1", N_("悬浮比例")),
    ),
    run=_run,
)
MODELS = (CATASTROPHIC,)
