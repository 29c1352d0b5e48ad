"""Documents to PDF through typst. The content travels as JSON data beside a fixed template, so nothing in it can act as markup."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

import typst

from anlan.desk.documents.blocks import Document
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

_TEMPLATE = Path(__file__).with_name("document.typ")
_PROJECT = Path(__file__).resolve().parents[4]
_BROWSER_FONTS = _PROJECT / "web" / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
_SYSTEM_FONTS = (
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/share/fonts/truetype/noto"),
    Path("/usr/share/fonts/noto-cjk"),
    Path("/usr/share/fonts/google-noto-cjk"),
    Path("/usr/local/share/fonts"),
)
_PATTERNS = ("*.ttf", "*.otf", "*.ttc")


class NoFont(Refusal):
    code = "document_no_font"
    sentence = N_("没有找到中文字体，无法生成 PDF。请在环境变量 ANLAN_FONT_PATHS 中指定字体文件夹，或安装 Noto Sans CJK 字体后重试。")
    status = 503


@cache
def font_folders() -> tuple[str, ...]:
    """Folders with a Chinese font: ``ANLAN_FONT_PATHS`` (separated by ``:``), the font that comes with the pages, the system's Noto.

    Only the first that has one is used, so that the same node prints the same pages. Raises :class:`NoFont`.
    """
    named = [Path(part) for part in os.environ.get("ANLAN_FONT_PATHS", "").split(os.pathsep) if part]
    if any(_has_font(folder) for folder in named):
        return tuple(str(folder) for folder in named)
    # Two weights of nine: every font file given is read in full.
    shipped = [_BROWSER_FONTS / weight for weight in ("400Regular", "700Bold")]
    if all(_has_font(folder) for folder in shipped):
        return tuple(str(folder) for folder in shipped)
    for folder in _SYSTEM_FONTS:
        if any(folder.glob("*CJK*")) or any(folder.glob("NotoSansSC*")):
            return (str(folder),)
    raise NoFont


def _has_font(folder: Path) -> bool:
    return any(next(folder.glob(pattern), None) is not None for pattern in _PATTERNS)


@cache
def _fonts() -> typst.Fonts:
    """The fonts, read once for each process; the system's own are left out."""
    return typst.Fonts(include_system_fonts=False, font_paths=list(font_folders()))


_DRAWING = b"""#let d = json(bytes(sys.inputs.drawing))
#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(d.svg), format: "svg", width: d.width * 1mm)"""


def png(svg: str, *, width_mm: float = 166, dots_per_inch: int = 200) -> bytes:
    """A drawing as PNG, for documents that take no SVG. Raises :class:`NoFont`."""
    return typst.compile(
        _DRAWING,
        format="png",
        ppi=dots_per_inch,
        font_paths=_fonts(),
        sys_inputs={"drawing": json.dumps({"svg": svg, "width": width_mm}, ensure_ascii=False)},
    )


def pdf(document: Document) -> bytes:
    """Render ``document`` as PDF with its fonts embedded. Raises :class:`NoFont`."""
    return typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"document": json.dumps(document.plain(), ensure_ascii=False)},
    )
