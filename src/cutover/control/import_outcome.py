"""What became of each line of a file: the job's log says, and the new pool has to agree.

| outcome | when |
|---|---|
| `imported` | the job made the user, and the ledger says so now |
| `came_over` | the user came over by themselves while the job was on its way |
| `squatted` | the line was skipped: somebody is there, of whom the ledger knows nothing |
| `unclear` | somebody is there who carries the old sub and was not made by this job |
| `unseen` | the log says imported, and the listing does not show the user yet |
| `failed` | the job refused the line |
| `not_done` | the job ended before it came to the line |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

CLOCKS_DIFFER = 5
"""Seconds."""


class Outcome(StrEnum):
    IMPORTED = "imported"
    CAME_OVER = "came_over"
    SQUATTED = "squatted"
    UNCLEAR = "unclear"
    UNSEEN = "unseen"
    FAILED = "failed"
    NOT_DONE = "not_done"


RETRIED = (Outcome.FAILED, Outcome.NOT_DONE)


def by_row(lines: Iterable[tuple[int, str]], rows: int) -> Mapping[int, str]:
    """The log's lines by row, the first row being 1. No page says whether the log counts the header: the
    numbers tell, where the first or the last line is among them. Where they do not, nothing is believed."""
    said = dict(lines)
    if 1 in said and rows + 1 not in said:
        return said
    if rows + 1 in said and 1 not in said:
        return {number - 1: word for number, word in said.items()}
    return {}


def outcome_unmade(word: str, *, known: bool, carries: bool) -> Outcome:
    """Of a row that no user of this job was found for. `word` is the log's, empty where it has none; `known`:
    the ledger has the user; `carries`: somebody else's profile carries the old sub."""
    if known:
        return Outcome.CAME_OVER
    if carries:
        return Outcome.UNCLEAR
    if word == "skipped":
        return Outcome.SQUATTED
    if word == "succeeded":
        return Outcome.UNSEEN
    return Outcome.FAILED if word == "failed" else Outcome.NOT_DONE
