"""Who may write which table of a pair: one row of the ledger, read before every slice of writes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Ruler(StrEnum):
    """Whose application writes; nobody while the switch is under way."""

    SOURCE = "source"
    TARGET = "target"
    NOBODY = "nobody"


class Direction(StrEnum):
    """Forward copies source to target, reverse copies target to source."""

    FORWARD = "forward"
    REVERSE = "reverse"


@dataclass(frozen=True)
class Authority:
    """The row: `epoch` grows by one with every change of the ruler, so work queued before is told apart."""

    ruler: str
    direction: str
    epoch: int


DEFAULT = Authority(Ruler.SOURCE, Direction.FORWARD, 0)
"""What no row means: the source rules."""


@dataclass(frozen=True)
class PairState:
    """The authority of a pair and the pace that its operator set; units per second, None for no limit."""

    authority: Authority = DEFAULT
    read_units: float | None = None
    write_units: float | None = None
    paused: bool = False
    reason: str = ""


_RULER_OF = {Direction.FORWARD: Ruler.SOURCE, Direction.REVERSE: Ruler.TARGET}


def may_write(authority: Authority, direction: str, epoch: int) -> bool:
    """Whether a writer of this direction and epoch may write now: its side rules, in its own epoch."""
    return (
        authority.direction == direction
        and authority.epoch == epoch
        and _RULER_OF.get(Direction(direction)) == authority.ruler
    )


class Verdict(StrEnum):
    """What becomes of work that arrives under a certain authority."""

    WRITE = "write"
    HOLD = "hold"
    DROP = "drop"


def judge(state: PairState, direction: str, epoch: int | None = None) -> Verdict:
    """What to do with work of `direction`; `epoch` is None for stream records, which carry none.

    - The pair is paused, or nobody rules it (a switch is under way and may still be taken back): HOLD. The
      records stay in the stream, the keys in the queue, and nothing is lost.
    - The work is of an older epoch, or its opposite side rules by now: DROP. Its keys were drained and
      verified before the ruler changed, and what the stream still brings is the other mirror's own echo;
      writing it would put an old item over a new one.
    - Its side rules in its direction and epoch: WRITE.
    - All else (an epoch or a row from the future): HOLD, for it cannot be judged yet.
    """
    authority = state.authority
    mine = _RULER_OF[Direction(direction)]
    if epoch is not None and epoch < authority.epoch:
        return Verdict.DROP
    if state.paused or authority.ruler == Ruler.NOBODY:
        return Verdict.HOLD
    if authority.ruler != mine:
        return Verdict.DROP if epoch in {None, authority.epoch} else Verdict.HOLD
    if may_write(authority, direction, authority.epoch if epoch is None else epoch):
        return Verdict.WRITE
    return Verdict.HOLD
