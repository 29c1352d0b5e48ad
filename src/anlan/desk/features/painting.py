"""Areas as picture tiles: filled by the even-odd rule on a grid four times as fine each way, and written as PNG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anlan.desk.features import grid

Ring = Sequence[tuple[float, float]]
Area = Sequence[Sequence[Ring]]
"""Polygons, each its outside and then its holes, in degrees."""
Rgb = tuple[int, int, int]
Picture = NDArray[np.uint8]

LEVEL_COLOURS: tuple[Rgb, ...] = ((0xC4, 0x16, 0x1C), (0xF2, 0x8C, 0x00), (0xFF, 0xD6, 0x0A), (0x1F, 0x5F, 0xBF))
"""Severity 1 (worst) to 4, the four colours of warnings as on the pages (``web/styles/tokens.css``)."""
FILL, EDGE = 0.45, 0.9
"""How much the inside and the outline of an area cover what lies below."""
FINER = 4


def colour_of(severity: int) -> Rgb:
    """The colour of a severity; what is milder than the fourth keeps its colour."""
    return LEVEL_COLOURS[min(max(severity, 1), len(LEVEL_COLOURS)) - 1]


def coverage(area: Area, z: int, row: int, col: int) -> NDArray[np.float64]:
    """Share of each pixel of a tile that lies in ``area``, (256, 256) from 0 to 1 in steps of 1/16."""
    cells = grid.PIXELS * FINER
    toggles = np.zeros((cells, cells + 1), dtype=np.int32)
    for polygon in area:
        for ring in polygon:
            _cross(toggles, grid.pixels(np.asarray(ring, dtype=float).reshape(-1, 2), z, row, col) * FINER)
    inside = (np.cumsum(toggles[:, :-1], axis=1) & 1).astype(np.float64)
    return inside.reshape(grid.PIXELS, FINER, grid.PIXELS, FINER).mean(axis=(1, 3))


def _cross(toggles: NDArray[np.int32], corners: NDArray[np.float64]) -> None:
    """Note where the edges of a closed ring cross the middle of each row: right of it, inside and outside change places."""
    cells = toggles.shape[0]
    x1, y1 = corners.T
    x2, y2 = np.roll(x1, -1), np.roll(y1, -1)
    first = np.clip(np.ceil(np.minimum(y1, y2) - 0.5), 0, cells).astype(np.int64)
    end = np.clip(np.ceil(np.maximum(y1, y2) - 0.5), 0, cells).astype(np.int64)
    counts = np.maximum(end - first, 0)
    edge = np.repeat(np.arange(len(x1)), counts)
    if not len(edge):
        return
    rows = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    x = x1[edge] + (rows + 0.5 - y1[edge]) * (x2[edge] - x1[edge]) / (y2[edge] - y1[edge])
    columns = np.clip(np.ceil(x - 0.5), 0, cells).astype(np.int64)
    np.add.at(toggles, (rows, columns), 1)


def paint(areas: Sequence[tuple[Area, Rgb]], z: int, row: int, col: int) -> Picture | None:
    """Areas over each other, the last on top, as (256, 256, 4) RGBA; ``None`` when none of them touches the tile."""
    red_green_blue = np.zeros((grid.PIXELS, grid.PIXELS, 3))
    alpha = np.zeros((grid.PIXELS, grid.PIXELS, 1))
    for area, colour in areas:
        covered = coverage(area, z, row, col)
        if not covered.any():
            continue
        within = np.pad(covered, 1, mode="edge")
        least = np.minimum.reduce([within[1:-1, 1:-1], within[:-2, 1:-1], within[2:, 1:-1], within[1:-1, :-2], within[1:-1, 2:]])
        opacity = np.where(least < 1.0, EDGE, FILL)
        over = (covered * opacity)[..., None]
        mixed = over + alpha * (1 - over)
        red_green_blue = np.where(
            mixed > 0, (np.array(colour) * over + red_green_blue * alpha * (1 - over)) / np.maximum(mixed, 1e-9), red_green_blue
        )
        alpha = mixed
    if not alpha.any():
        return None
    return np.concatenate([np.rint(red_green_blue), np.rint(alpha * 255)], axis=2).astype(np.uint8)


def png(picture: Picture) -> bytes:
    """An RGBA picture as PNG (ISO/IEC 15948): eight bits a channel, every line unfiltered, one compressed piece."""
    height, width, _channels = picture.shape
    lines = np.zeros((height, 1 + width * 4), dtype=np.uint8)
    lines[:, 1:] = picture.reshape(height, width * 4)

    def piece(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + piece(b"IHDR", head) + piece(b"IDAT", zlib.compress(lines.tobytes(), 6)) + piece(b"IEND", b"")


EMPTY = png(np.zeros((grid.PIXELS, grid.PIXELS, 4), dtype=np.uint8))
"""The tile on which nothing lies."""


def swatches(colours: Sequence[Rgb], side: int = 20) -> bytes:
    """A legend: one square below the other, worst first, with the fill and the outline of the tiles; their words stand in the capabilities."""
    picture = np.zeros((max(len(colours), 1) * (side + 4), side, 4), dtype=np.uint8)
    for number, colour in enumerate(colours):
        top = number * (side + 4)
        picture[top : top + side] = (*colour, round(EDGE * 255))
        picture[top + 2 : top + side - 2, 2:-2] = (*colour, round(FILL * 255))
    return png(picture)
