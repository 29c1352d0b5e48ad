"""EDXL Distribution Element (OASIS, 1.0 of 2006): the envelope in which messages of any kind travel to areas, roles and addresses.

1.0 is read and written; of 2.0 (2013) the envelope is read, in XML and in the JSON that exchanges of emergency calls use. Each content object
stands for itself: one that cannot be read is refused, and the envelope and the others are kept.
"""

from anlan.wire.edxl_de.decode import decode
from anlan.wire.edxl_de.encode import encode
from anlan.wire.edxl_de.message import (
    READERS,
    Address,
    Content,
    ContentRefused,
    Distribution,
    DistributionRefused,
    DistributionType,
    Edition,
    Embedded,
    OtherContent,
    Reader,
    TargetArea,
    ValueList,
)
from anlan.wire.edxl_de.rules import check

__all__ = [
    "READERS",
    "Address",
    "Content",
    "ContentRefused",
    "Distribution",
    "DistributionRefused",
    "DistributionType",
    "Edition",
    "Embedded",
    "OtherContent",
    "Reader",
    "TargetArea",
    "ValueList",
    "check",
    "decode",
    "encode",
]
