"""Feeds of others, Atom 1.0 (RFC 4287) and RSS 2.0: entries with what identifies them, where their message is, and the CAP message within.

One bad entry is refused for itself and never costs the others. Whoever fetches what an entry links to asks
:func:`anlan.wire.feeds.inward.refuse_inward` first. Our own feeds are written by ``anlan.wire.cap``.
"""

from anlan.wire.feeds.decode import decode
from anlan.wire.feeds.inward import LinkRefused, is_inward, refuse_inward
from anlan.wire.feeds.message import Entry, EntryRefused, Feed, FeedRefused, Link

__all__ = ["Entry", "EntryRefused", "Feed", "FeedRefused", "Link", "LinkRefused", "decode", "is_inward", "refuse_inward"]
