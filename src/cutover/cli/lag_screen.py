"""The lag screen: one row a pair, and what becomes of it if all goes on as it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from cutover.aws.lag_reader import LagFacts
from cutover.cli.render import printable
from cutover.control.lag import LEVEL, Outlook, Trend, outlook
from cutover.control.spelling import spell
from cutover.control.status_facts import Backlog, OwedFacts

_STYLES = {
    Trend.LOST: "bold red",
    Trend.GIVING_UP: "bold red",
    Trend.STANDING: "red",
    Trend.GROWING: "yellow",
}
_COMING = {
    Trend.SHRINKING: "at this rate {what} in {left}",
    Trend.GROWING: "at this rate {what} in {left}",
    Trend.STANDING: "{what} in {left}",
}


def screen(facts: LagFacts) -> RenderableType:
    """For a terminal."""
    pair_column = Column("pair", overflow="fold")
    table = Table(pair_column, "lag", "a minute", "if it goes on", box=None, pad_edge=False)
    for pair, looked in facts.pairs.items():
        found = outlook(looked)
        coming = "\n".join(filter(None, (sentence(found), found.fix and f"→ {found.fix}")))
        style = _STYLES.get(found.trend, "")
        table.add_row(pair, Text(lag(found), style), rate(found), Text(_safe(coming), style))
    below = [Text(_safe(line)) for line in _below(facts)]
    return Group(Text(f"as of {_time(facts.at)}"), table, *below)


def _safe(text: str) -> str:
    """Why a pair is paused is what somebody typed."""
    return "\n".join(printable(line) for line in text.split("\n"))


def lines(facts: LagFacts) -> Iterator[str]:
    """For a pipe or a file: one line a pair, and the queue's where it holds anything."""
    for pair, looked in facts.pairs.items():
        found = outlook(looked)
        parts = [f"lag {lag(found)}", rate(found) and f"{rate(found)} a minute", sentence(found), found.fix]
        yield f"{_time(facts.at)} {pair}: {'; '.join(filter(None, parts))}"
    for line in _below(facts):
        yield f"{_time(facts.at)} {line}"


def lag(found: Outlook) -> str:
    """How far behind: `1 h 2 min`, `at most 40 s`, `unknown`."""
    if found.age is None:
        return "unknown"
    return f"{'at most ' if found.at_most else ''}{spell(found.age)}"


def rate(found: Outlook) -> str:
    """What a minute adds or takes: `+30 s`, `-2 min`; nothing where it is not known or none."""
    if found.rate is None or abs(found.rate) <= LEVEL:
        return ""
    return f"{'+' if found.rate > 0 else '-'}{spell(abs(found.rate) * 60)}"


def sentence(found: Outlook) -> str:
    """What comes, and when."""
    if found.left is None:
        return found.what
    return _COMING[found.trend].format(what=found.what, left=spell(found.left))


def _below(facts: LagFacts) -> Iterator[str]:
    for pair, looked in facts.pairs.items():
        if looked.unsent:
            yield (
                f"{pair}: {looked.unsent:,} changes were too large for the Kinesis stream and never reached "
                "the mirror; verify --repair brings them over"
            )
        if (owed := facts.owed.get(pair)) is not None and owed.late:
            yield f"{pair}: {_owed(owed)}"
    if facts.dead is not None and facts.dead.total:
        yield f"dead letters: {_waiting(facts.dead)}"
    for note in facts.unread:
        yield f"unread: {note}"


def _owed(owed: OwedFacts) -> str:
    age = "" if owed.oldest_age is None else f", oldest {spell(owed.oldest_age)}"
    least = "" if owed.exact else "at least "
    return f"{least}{owed.late:,} keys owed ({owed.reasons}){age}; cutover redrive when that is put right"


def _waiting(queue: Backlog) -> str:
    age = "of unknown age" if queue.oldest_age is None else f"oldest {spell(queue.oldest_age)}"
    return f"about {queue.total:,}, {age}"


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
