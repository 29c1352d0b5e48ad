"""Verbs of public opinion: take posts in, arrange them, say what is true, link reports, erase."""

from __future__ import annotations

from anlan.sense.opinion.arranging import merge, move, split, undo
from anlan.sense.opinion.erasing import erase, erase_old
from anlan.sense.opinion.judging import judge, link, settle, unlink
from anlan.sense.opinion.summing import cool
from anlan.sense.opinion.taking import take

__all__ = ["cool", "erase", "erase_old", "judge", "link", "merge", "move", "settle", "split", "take", "undo", "unlink"]
