"""How those who work on a pair at the same time share its limit: a part for each, by what the ledger says.

Each says in one row that it is at work, and reads in the reply who else is, every `COUNT_SECONDS`. Who has
been there for `NOTICED_SECONDS` is known to all who have counted since, and has its full part; who has not
counted lately has not. So the full parts never sum up to more than the limit: each is the limit divided by
at least as many as have one. Where a backfill or a verify is at work too, the limit is divided between the
kinds first, and the mirror takes the larger division only when that has been said for as long. A verify reads
and writes nothing: it counts among those who share the limit on reads, and not among the writers.

A newcomer is not known to the others yet. It takes one part in n * n, where it finds n at work, itself too.
Of those who come one after another the second finds two, the third three, and 1/4 + 1/9 + 1/16 + ... is
less than 0.65. So however many come at once, all together take at most 1.65 times the limit, until they are
known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

COUNT_SECONDS = 5.0
"""How often those at work count each other."""
SLACK_SECONDS = 2.0
"""For a count that is late by a nap of a pace and the ledger's reply, and for clocks that differ."""
NOTICED_SECONDS = COUNT_SECONDS + SLACK_SECONDS
FRESH_SECONDS = COUNT_SECONDS + SLACK_SECONDS / 2
LEAST, MOST = 0.5, 0.9
"""The mirror's part beside a backfill or a verify, and while that is too little for it: lag is what loses
data."""
SHORT_SECONDS = 30.0
"""For how long a mirror is taken to need more than `LEAST` after it was last held."""


@dataclass(frozen=True)
class Short:
    """The mirror needs more than `LEAST`: since when without a break, and until when. Epoch seconds."""

    since: float
    until: float

    def goes_on(self, now: float) -> bool:
        """Whether nobody can have found it over yet."""
        return self.until > now + SLACK_SECONDS


@dataclass(frozen=True)
class AtWork:
    """Who works on a pair under its limit: how many of the mirror's and retry's invocations, whether a
    backfill (or a repair), however many processes that is, and how many verifies."""

    mirrors: int = 0
    backfill: bool = False
    short: Short | None = None
    verifies: int = 0

    @property
    def count(self) -> int:
        return self.mirrors + self.backfill + self.verifies

    @property
    def beside(self) -> int:
        """How many kinds share what the mirror leaves."""
        return self.backfill + (self.verifies > 0)

    @property
    def writers(self) -> AtWork:
        """Those of them who write."""
        return replace(self, verifies=0)


UNKNOWN = AtWork(1, backfill=True)
"""What one goes by whom the ledger has not answered yet."""


class Workers(Protocol):
    """The row of a pair. Times are epoch seconds."""

    def join(
        self, pair_id: str, member: str, until: float, now: float, short: Short | None, /
    ) -> AtWork | None:
        """Says that an invocation `member` is at work, to be forgotten at `until`, and of the mirror that it
        is short; gives who is at work, or None where it fails."""

    def join_backfill(self, pair_id: str, until: float, now: float, /) -> AtWork | None:
        """The same of a backfill, whose processes share one word."""

    def join_verify(self, pair_id: str, member: str, until: float, now: float, /) -> AtWork | None:
        """The same of one verify."""

    def leave_verify(self, pair_id: str, member: str, until: float, now: float, /) -> None:
        """As `leave`."""

    def leave(self, pair_id: str, member: str, until: float, why: str, waited: float, now: float, /) -> None:
        """`member` is done, and counts until `until` for what it still owes; `why` it was held and for how
        many seconds is kept for who looks. Never fails."""


class Nobody:
    """The row where nobody else works."""

    def join(
        self, _pair_id: str, _member: str, _until: float, _now: float, _short: Short | None, /
    ) -> AtWork | None:
        return AtWork(1)

    def join_backfill(self, _pair_id: str, _until: float, _now: float, /) -> AtWork | None:
        return AtWork(0, backfill=True)

    def join_verify(self, _pair_id: str, _member: str, _until: float, _now: float, /) -> AtWork | None:
        return AtWork(verifies=1)

    def leave_verify(self, _pair_id: str, _member: str, _until: float, _now: float, /) -> None:
        return None

    def leave(
        self, _pair_id: str, _member: str, _until: float, _why: str, _waited: float, _now: float, /
    ) -> None:
        return None


def mirror_part(at_work: AtWork, now: float, *, noticed: bool) -> float:
    """Of the limit, for one of the mirror's invocations."""
    if not noticed:
        return _newcomer(at_work)
    return _of_mirrors(at_work, now) / max(at_work.mirrors, 1)


def backfill_part(at_work: AtWork, now: float, *, noticed: bool) -> float:
    """Of the limit, for all processes of the backfill together."""
    return _left(at_work, now) if noticed else _newcomer(at_work)


def verify_part(at_work: AtWork, now: float, *, noticed: bool) -> float:
    """Of the limit on reads, for one verify."""
    return _left(at_work, now) / max(at_work.verifies, 1) if noticed else _newcomer(at_work)


def _newcomer(at_work: AtWork) -> float:
    return 1.0 / max(at_work.count, 1) ** 2


def _left(at_work: AtWork, now: float) -> float:
    """What each other kind has beside the mirror."""
    short = at_work.short is not None and at_work.short.until > now
    mirrors = (MOST if short else LEAST) if at_work.mirrors else 0.0
    return (1.0 - mirrors) / max(at_work.beside, 1)


def _of_mirrors(at_work: AtWork, now: float) -> float:
    if not at_work.beside:
        return 1.0
    short = at_work.short
    told = short is not None and short.since <= now - NOTICED_SECONDS and short.until >= now + NOTICED_SECONDS
    return MOST if told else LEAST


class Count:
    """What one at work knows of the others, asked for again every `COUNT_SECONDS`."""

    def __init__(self) -> None:
        self.at_work = UNKNOWN
        self._asked_at = self._known_at = float("-inf")
        self._since: float | None = None
        self._stays_until = float("-inf")

    def due(self, now: float) -> bool:
        return now - self._asked_at >= COUNT_SECONDS

    def ask(self, now: float, until: float, join: Callable[[], AtWork | None]) -> None:
        """`join` says that one is at work until `until`."""
        if now >= self._stays_until:
            self._since, self.at_work = None, UNKNOWN
        self._asked_at = now
        answer = join()
        if answer is not None:
            self.at_work, self._known_at, self._stays_until = answer, now, until
            self._since = now if self._since is None else self._since

    def noticed(self, now: float) -> bool:
        """Whether all others have counted this one, and it has counted them lately."""
        told = self._since is not None and self._since <= now - NOTICED_SECONDS
        return told and self._known_at > now - FRESH_SECONDS

    def left(self, until: float) -> None:
        """It is counted no longer than until then."""
        self._stays_until = until
        self._asked_at = float("-inf")
