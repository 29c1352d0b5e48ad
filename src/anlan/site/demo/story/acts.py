"""The whole story in its order."""

from __future__ import annotations

from anlan.site.demo.story import bulletin, cutoff, deaths, ending, leaving, release, response
from anlan.site.demo.story.act import Act

# Of acts of one minute those come first that others of it rest on.
_PARTS = (release, response, cutoff, leaving, bulletin, deaths, ending)
ACTS: tuple[Act, ...] = tuple(sorted((act for part in _PARTS for act in part.ACTS), key=lambda act: act.minutes))
"""Acts by minute; the order of parts decides within one."""
