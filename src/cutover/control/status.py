"""What the facts of a status mean: is it running, how far behind is it, what blocks, what is next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from cutover.control.ledger_rows import AttachState
from cutover.control.rollout_plan import RolloutState
from cutover.control.status_facts import PairFacts, StatusFacts, TablesFacts, UsersFacts, VerifyFacts
from cutover.users.rollout import EVERYBODY

LAG_LIMIT_SECONDS = 30.0
"""Above it the mirror counts as behind. A stream loses its records after 24 hours:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html"""


class Trigger(StrEnum):
    """How the new pool stands to our migration trigger."""

    UNKNOWN = "unknown"
    NOT_ATTACHED = "not attached"
    ATTACHED = "attached"
    UNFINISHED = "attach or detach stopped half-way"
    GONE = "attached, but somebody took the trigger off"
    FOREIGN = "another migration trigger than ours"


@dataclass(frozen=True)
class Blocker:
    """Why the migration is not done yet. `words`: the verb that goes on; `fix`: what to do without one."""

    code: str
    what: str
    words: tuple[str, ...] = ()
    fix: str = ""


@dataclass(frozen=True)
class Lag:
    """How far the mirror is behind, in seconds; None where it cannot be told, and `why`."""

    seconds: float | None
    why: str


def trigger_of(users: UsersFacts) -> Trigger:
    """Compares what attach wrote down with what the live pool has."""
    if not users.pool_read:
        return Trigger.UNKNOWN
    row = users.attachment
    if row is None or not row.open:
        return Trigger.NOT_ATTACHED if users.trigger is None else Trigger.FOREIGN
    if row.state is not AttachState.ATTACHED:
        return Trigger.UNFINISHED
    if users.trigger == row.trigger:
        return Trigger.ATTACHED
    return Trigger.GONE if users.trigger is None else Trigger.FOREIGN


def lag_of(tables: TablesFacts) -> Lag:
    """The greater of the iterator's age and the age of the oldest parked key.

    The iterator alone reads zero while keys wait in the retry queue; the queue alone while the mirror stands.
    """
    if tables.parked is None:
        return Lag(None, "the retry queue could not be read")
    if tables.iterator_age is None:
        return Lag(None, "no datapoint of the iterator's age in the last five minutes")
    if not tables.parked.total:
        return Lag(tables.iterator_age, "iterator age; no key is parked")
    if tables.parked.oldest_age is None:
        age = f"iterator age {tables.iterator_age:,.1f} s"
        return Lag(None, f"{age}, but the age of the parked keys has no datapoint")
    greater = max(tables.iterator_age, tables.parked.oldest_age)
    which = "iterator age" if greater == tables.iterator_age else "the oldest parked key"
    return Lag(greater, which)


def blockers(status: StatusFacts) -> tuple[Blocker, ...]:
    """What stands between here and a migration that is done, the first thing to do first."""
    found = [_drift(status.drift)] if status.drift else []
    if status.users is not None:
        found += _of_users(status.users)
    if status.tables is not None:
        found += _of_mirror(status.tables)
        for pair in status.tables.pairs:
            found += _of_pair(pair, status.tables.mirror_known)
    return tuple(found)


def _drift(found: tuple[str, ...]) -> Blocker:
    return Blocker(
        "drift",
        f"the watch found changes: {'; '.join(found)}",
        ("doctor",),
        fix="find out who made them; attach again, or deploy the stack again, as doctor says",
    )


def _of_users(users: UsersFacts) -> Iterator[Blocker]:
    match trigger_of(users):
        case Trigger.NOT_ATTACHED:
            yield Blocker("not_attached", "nobody can come over: the trigger is not attached", ("attach",))
        case Trigger.UNFINISHED:
            state = users.attachment.state.value if users.attachment else ""
            verb = "detach" if state == AttachState.DETACHING else "attach"
            yield Blocker("attach_unfinished", f"{verb} was stopped half-way", (verb,))
        case Trigger.GONE:
            yield Blocker("trigger_gone", "somebody took the migration trigger off the pool", ("attach",))
        case Trigger.FOREIGN:
            yield Blocker(
                "trigger_foreign",
                f"the pool's migration trigger is {users.trigger}",
                fix="find out who set it before you attach or detach",
            )
        case _:
            pass
    if users.squatted is not None and users.squatted.number:
        yield Blocker(
            "squatted",
            f"{'' if users.squatted.exact else 'at least '}{users.squatted.number:,} users of the new pool "
            "hold what an old user goes by and did not come over",
            ("doctor", "--show-users"),
            fix="look at each of them and delete or rename the strangers: they keep the owners out",
        )
    if users.rollout is not None:
        yield from _of_rollout(users.rollout, users.rollout.share(users.rollout_default))
    if users.dead is not None and users.dead.total:
        yield Blocker(
            "settle_dead_letters",
            f"{users.dead.total} users could not be confirmed",
            fix="read the log of the SettleUser function, then move the messages back: "
            "aws sqs start-message-move-task --source-arn <ARN of the settle dead-letter queue>",
        )


def _of_rollout(rollout: RolloutState, percent: int) -> Iterator[Blocker]:
    if rollout.paused is not None:
        yield Blocker("rollout_paused", f"nobody comes over: {rollout.paused}", ("rollout", "--resume"))
    if percent < EVERYBODY:
        yield Blocker(
            "rollout_percent",
            f"only {percent} percent of the users may come over",
            fix="let more of them in as you see fit: rollout --percent N",
        )


def _of_mirror(tables: TablesFacts) -> Iterator[Blocker]:
    lag = lag_of(tables) if tables.mirror_known else Lag(0.0, "")
    if lag.seconds is not None and lag.seconds > LAG_LIMIT_SECONDS:
        yield Blocker(
            "mirror_lag",
            f"the mirror is {lag.seconds:,.0f} s behind ({lag.why}); a stream keeps 24 hours",
            ("status",),
        )
    if tables.dead is not None and tables.dead.total:
        yield Blocker(
            "dead_letters",
            f"{tables.dead.total} messages of keys that would not converge are in the dead-letter queue",
            fix="read the log of the RetryKeys function, then move the messages back: "
            "aws sqs start-message-move-task --source-arn <ARN of the retry dead-letter queue>",
        )
    if tables.failures:
        yield Blocker(
            "failed_batches",
            "the failure bucket holds stream batches that were given up",
            ("verify", "--repair"),
        )


def _of_pair(pair: PairFacts, mirror_known: bool) -> Iterator[Blocker]:
    name = pair.pair
    if mirror_known and pair.mapping != "Enabled":
        state = pair.mapping or "missing"
        yield Blocker(
            "mirror_off",
            f"the mirror of {name} is {state}{': ' if pair.mapping_problem else ''}{pair.mapping_problem}",
            fix="deploy with MirrorState on and the source's stream in SourceStreamArns",
        )
    if pair.paused is not None:
        yield Blocker("paused", f"{name} is paused: {pair.paused or 'no reason was given'}")
    if pair.backfill is None or not pair.backfill.done:
        yield Blocker("backfill", f"the backfill of {name} {_halfway(pair)}", ("backfill",))
    elif pair.verify is None:
        yield Blocker("verify", f"{name} was never verified", ("verify",))
    elif pair.verify.differences:
        yield _differences(name, pair.verify)


def _differences(pair: str, last: VerifyFacts) -> Blocker:
    if last.repairable:
        found = f"{last.missing:,} missing, {last.different:,} different, {last.extra:,} extra"
        return Blocker("differences", f"the last verify of {pair} found {found}", ("verify", "--repair"))
    if last.refused:
        return Blocker(
            "refused_items",
            f"the transform of {pair} refuses {last.refused:,} items of the source",
            fix="verify --report FILE names them; put the transform right, deploy, and verify again",
        )
    return Blocker(
        "extra_items",
        f"the target of {pair} holds {last.extra:,} items that the source does not have",
        fix="verify --report FILE names them; no command of ours deletes what it did not write",
    )


def _halfway(pair: PairFacts) -> str:
    run = pair.backfill
    if run is None:
        return "was never started"
    paused = "" if run.paused is None else f", and is paused: {run.paused or 'no reason was given'}"
    return f"has done {run.segments_done} of {run.segments} segments{paused}"
