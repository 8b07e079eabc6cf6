"""What `cutover status` looked at: plain facts, gathered by `aws.status_reader`. Times are epoch seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cutover.control.ledger_rows import Attachment
from cutover.control.rollout_plan import RolloutState


@dataclass(frozen=True)
class Counted:
    """A number of rows. Where the count was cut short it is a lower bound, not `exact`."""

    number: int
    exact: bool = True


@dataclass(frozen=True)
class Backlog:
    """A queue, as SQS estimates it. `oldest_age` in seconds; None where no metric says."""

    waiting: int = 0
    in_flight: int = 0
    delayed: int = 0
    oldest_age: float | None = None

    @property
    def total(self) -> int:
        return self.waiting + self.in_flight + self.delayed


@dataclass(frozen=True)
class UsersFacts:
    """The new pool and the users' part of the ledger; None means that it could not be read."""

    pool_id: str
    trigger: str | None = None
    """The migration trigger that the live pool has now."""
    pool_read: bool = True
    attachment: Attachment | None = None
    """What the ledger says that attach did; None where it never ran."""
    counts: Mapping[str, Counted] = field(default_factory=dict)
    """By the ledger's states: offered, reset_offered, confirmed, imported."""
    oldest: Mapping[str, int] = field(default_factory=dict)
    """When the oldest user came into an open state, by state."""
    estimates: Mapping[str, int] = field(default_factory=dict)
    """Cognito's own estimate of the users of the `old` and the `new` pool."""
    settling: Backlog | None = None
    dead: Backlog | None = None
    squatted: Counted | None = None
    """By the watch: new users who hold what an old user goes by. Not exact before its first round."""
    rollout: RolloutState | None = None
    rollout_default: int = 100
    """The share that the stack's parameter names, where the ledger names none."""


@dataclass(frozen=True)
class BackfillFacts:
    """The newest backfill of a pair."""

    run_id: str
    state: str
    """`running` (or stopped half-way) or `done`."""
    segments: int = 0
    segments_done: int = 0
    items: int = 0
    started_at: int = 0
    paused: str | None = None
    """Why the backfill is to wait; None where it is not."""
    on_aws: bool = False
    """Whether an execution of the state machine works on it, or did so last."""
    waits: str = ""
    """What one of its workers last said of what holds it."""
    error: str = ""
    """Why an execution has failed."""

    @property
    def done(self) -> bool:
        return self.state == "done"


@dataclass(frozen=True)
class VerifyFacts:
    """The last verify of a pair that came to its end; after a repair, what was left."""

    finished_at: int
    mode: str = ""
    compared: int = 0
    missing: int = 0
    different: int = 0
    extra: int = 0
    mirrored: int = 0
    """Of the extra ones, those that the mirror left behind."""
    accepted: int = 0
    """Of the extra ones, those that may be the target's own."""
    refused: int = 0
    """Source items that the transform refuses."""
    in_flight: int = 0
    """Changed at every look, hence not judged; no difference."""
    started_at: int = 0
    """When its first page was read."""

    @property
    def repairable(self) -> int:
        return self.missing + self.different + self.mirrored

    @property
    def differences(self) -> int:
        return self.missing + self.different + self.extra - self.accepted + self.refused


WAITS = "unmapped"
"""The reason of keys that wait for a user who has not come over."""


@dataclass(frozen=True)
class OwedFacts:
    """Keys that are owed to a pair's target, by reason. `oldest_age` in seconds is that of the oldest that
    does not wait for a user; None where there is none. Where the count was cut short it is not `exact`."""

    keys: Mapping[str, int] = field(default_factory=dict)
    oldest_age: float | None = None
    exact: bool = True

    @property
    def waiting(self) -> int:
        """Keys that wait for a user."""
        return self.keys.get(WAITS, 0)

    @property
    def late(self) -> int:
        """Keys that should be right by now."""
        return sum(self.keys.values()) - self.waiting

    @property
    def reasons(self) -> str:
        """`2 validation, 1 lost`, without those that wait for a user."""
        late = {reason: number for reason, number in sorted(self.keys.items()) if reason != WAITS}
        return ", ".join(f"{number:,} {reason}" for reason, number in late.items())


@dataclass(frozen=True)
class PaceFacts:
    """The limits that hold the mirror of a pair (units per second; None: none), and whom they last held: for
    how many seconds, when (epoch seconds), and why."""

    read_units: float | None = None
    write_units: float | None = None
    held_seconds: float = 0.0
    held_at: float = 0.0
    held_why: str = ""


@dataclass(frozen=True)
class PairFacts:
    """One table pair. `mapping` is the state of its stream's mapping; None: the stack has none."""

    pair: str
    ruler: str = "source"
    paused: str | None = None
    """Why the pair is paused; None where it is not."""
    pace: PaceFacts = PaceFacts()
    mapping: str | None = None
    mapping_problem: str = ""
    backfill: BackfillFacts | None = None
    verify: VerifyFacts | None = None
    owed: OwedFacts | None = OwedFacts()
    """None where the ledger did not say."""


@dataclass(frozen=True)
class TablesFacts:
    """The mirror and its pairs. Without a stack only what the ledger knows: `mirror_known` is false."""

    pairs: tuple[PairFacts, ...] = ()
    mirror_known: bool = True
    iterator_age: float | None = None
    """Seconds, the greatest of the last minutes; None where the metric has no datapoint."""
    parked: Backlog | None = None
    dead: Backlog | None = None
    failures: bool | None = None
    """Whether the failure bucket holds what the ledger did not take in yet; None where that could not be
    seen."""


@dataclass(frozen=True)
class StatusFacts:
    """Everything that one look found. `unread`: what could not be read, each with AWS's reason."""

    at: int
    stack: str | None = None
    stack_status: str = ""
    users: UsersFacts | None = None
    tables: TablesFacts | None = None
    unread: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()
    """What the watch found to be no longer as attach left it."""
