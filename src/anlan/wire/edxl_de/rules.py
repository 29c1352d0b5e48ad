"""What an envelope must have to be believed and delivered (EDXL-DE-V1.0 §3.2), checked when it is read and when it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from anlan.wire.cap.message import Coordinates, Status
from anlan.wire.cap.rules import in_the_world
from anlan.wire.edxl_de.message import (
    ABSENT,
    AREA_EMPTY,
    BAD_CIRCLE,
    BAD_POLYGON,
    COMMAS,
    EXPIRES_FIRST,
    NOT_A_REFERENCE,
    NOT_ONE_OF,
    REFERENCE_ABSENT,
    Distribution,
    DistributionType,
    Edition,
    TargetArea,
)
from anlan.wire.problems import Problem

_REFERENCE = re.compile(r"[^\s,]+,[^\s,]+,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)", re.ASCII)


def check(distribution: Distribution) -> list[Problem]:
    """Every problem of the envelope; those of contents are theirs alone."""
    return list(_problems(distribution))


def _problems(envelope: Distribution) -> Iterator[Problem]:
    for name, value in (("distributionID", envelope.distribution_id), ("senderID", envelope.sender_id)):
        if not value:
            yield ABSENT.at(name=name)
        elif re.search(r"[\s,]", value):
            # They are parted by commas in the references of later envelopes.
            yield COMMAS.at(name=name)
    if envelope.edition is Edition.V1_0 and not envelope.combined_confidentiality.strip():
        yield ABSENT.at(name="combinedConfidentiality")
    if envelope.status is Status.DRAFT:
        yield NOT_ONE_OF.at(name="distributionStatus", found=envelope.status)
    if envelope.type in (DistributionType.UPDATE, DistributionType.CANCEL) and not envelope.references:
        yield REFERENCE_ABSENT.at(kind=envelope.type)
    for reference in envelope.references:
        if not _REFERENCE.fullmatch(reference):
            yield NOT_A_REFERENCE.at(found=reference)
    if envelope.expires is not None and envelope.expires <= envelope.sent:
        yield EXPIRES_FIRST.at()
    for number, area in enumerate(envelope.areas, 1):
        yield from _of_an_area(area, f"targetArea[{number}]")


def _of_an_area(area: TargetArea, where: str) -> Iterator[Problem]:
    if not (area.circles or area.polygons or area.countries or area.subdivisions or area.loc_codes):
        yield AREA_EMPTY.at(where)
    for ring in area.polygons:
        if not _sound(ring):
            yield BAD_POLYGON.at(where, found=ring)
    for latitude, longitude, radius in area.circles:
        if not (in_the_world(latitude, longitude) and 0 <= radius < float("inf")):
            yield BAD_CIRCLE.at(where, found=(latitude, longitude, radius))


def _sound(ring: Coordinates) -> bool:
    return len(ring) >= 4 and ring[0] == ring[-1] and all(in_the_world(*pair) for pair in ring)
