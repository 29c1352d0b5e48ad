"""Cameras of the demonstration: which there are, the platforms they register through, and pictures drawn for them, each marked as such."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import typst
from django.conf import settings
from django.db import transaction

from anlan.desk.documents.rendering import font_folders
from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor
from anlan.sense.video import door as video
from anlan.wire.gb28181.contents import CatalogItem

MAKER = "演示厂家"
_PICTURE = Path(__file__).with_name("picture.typ")
_PLANT = (
    "液氯储存区东侧",
    "液氯储存区西侧",
    "液氯充装间",
    "氯气压缩厂房",
    "电解厂房",
    "盐酸合成区",
    "中央控制室",
    "装卸区",
    "消防泵房",
    "厂区大门",
)
_OTHERS = ("罐区", "装卸区", "控制室", "厂区大门", "消防通道")
_ROOMS = ("充装间", "控制室", "泵房")


@dataclass(frozen=True)
class DemoCamera:
    """One camera: ``ptz`` as in GB/T 28181; ``dark``: never on line, so that the wall shows such a one, too."""

    code: str
    name: str
    ptz: int
    longitude: float | None
    latitude: float | None
    dark: bool = False

    def item(self) -> CatalogItem:
        """The camera as the catalogue lists it."""
        status = "OFF" if self.dark else "ON"
        return CatalogItem(
            self.code, self.name, MAKER, "DEMO-1", status=status, parental=0, ptz=self.ptz, longitude=self.longitude, latitude=self.latitude
        )


@dataclass(frozen=True)
class DemoPlatform:
    """A recorder of one enterprise: what it registers with, and the device credential under which it sends pictures."""

    code: str
    password: str
    username: str
    secret: str
    cameras: tuple[DemoCamera, ...]


def platforms_file() -> Path:
    """Where the passwords of the demonstration's recorders are kept for the simulator."""
    return Path(settings.ANLAN["HOME"]) / "secrets" / "demo-cameras.json"


def prepare(links_file: Path, *, actor: Actor, now: datetime) -> tuple[DemoPlatform, ...]:
    """The recorders of the first three enterprises of ``links_file``; registered at the first call, all of them or none."""
    kept = platforms_file()
    if kept.exists():
        return tuple(_restored(each) for each in json.loads(kept.read_text(encoding="utf-8")))
    links = json.loads(links_file.read_text(encoding="utf-8"))[:3]
    with transaction.atomic():
        made = tuple(_register(number, link, actor, now) for number, link in enumerate(links, 1))
        kept.touch(mode=0o600)
        kept.write_text(json.dumps([asdict(each) for each in made], ensure_ascii=False), encoding="utf-8")
    return made


def _restored(told: dict[str, object]) -> DemoPlatform:
    cameras = tuple(DemoCamera(**each) for each in told.pop("cameras"))  # type: ignore[attr-defined, call-overload]
    return DemoPlatform(cameras=cameras, **told)  # type: ignore[arg-type]


def _register(number: int, link: dict[str, str], actor: Actor, now: datetime) -> DemoPlatform:
    owner = enterprises.enterprise(link["enterprise_id"])
    county = owner.place_code[:6]
    platform = DemoPlatform(
        f"{county}0000118{0}{number:06}",
        secrets.token_urlsafe(12),
        link["username"],
        link["secret"],
        tuple(
            DemoCamera(
                f"{county}0000132{0}{number * 100 + at:06}",
                name,
                3 if name in _ROOMS else (1, 2, 3, 4)[at % 4],
                *_near(owner, at),
                dark=number == 3 and at == len(_OTHERS),
            )
            for at, name in enumerate(_PLANT if number == 1 else _OTHERS, 1)
        ),
    )
    video.register_platform(
        code=platform.code,
        name=f"{owner.name}录像机（演示）",
        password=platform.password,
        place_code=county,
        uscc=owner.uscc,
        actor=actor,
        now=now,
    )
    return platform


def _near(owner: enterprises.EnterpriseSummary, at: int) -> tuple[float | None, float | None]:
    """A point on the premises, spread a little so that they do not lie on each other."""
    if owner.longitude is None or owner.latitude is None:
        return None, None
    return round(owner.longitude + (at % 4 - 1.5) * 0.0004, 6), round(owner.latitude + (at // 4 - 1) * 0.0004, 6)


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=list(font_folders()))


def draw(camera: DemoCamera, at: datetime) -> bytes:
    """A picture of 480 × 270 points as PNG: a drawn scene with the camera's name, the time, and 演示 across it."""
    told = {"name": camera.name, "time": at.strftime("%Y-%m-%d %H:%M:%S"), "scene": str(int(camera.code[-6:]) % 5)}
    return typst.compile(_PICTURE.read_bytes(), format="png", ppi=72.0, font_paths=_fonts(), sys_inputs=told)
