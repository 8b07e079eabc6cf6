"""What the facts of a status mean: is it running, how far behind is it, what blocks, what is next."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from cutover.control.blocker import Blocker
from cutover.control.ledger_rows import AttachState
from cutover.control.rollout_plan import RolloutState
from cutover.control.status_facts import StatusFacts, UsersFacts
from cutover.control.status_tables import blockers_of_tables
from cutover.users.rollout import EVERYBODY


class Trigger(StrEnum):
    """How the new pool stands to our migration trigger."""

    UNKNOWN = "unknown"
    NOT_ATTACHED = "not attached"
    ATTACHED = "attached"
    UNFINISHED = "attach or detach stopped half-way"
    GONE = "attached, but somebody took the trigger off"
    FOREIGN = "another migration trigger than ours"


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


def blockers(status: StatusFacts) -> tuple[Blocker, ...]:
    """What stands between here and a migration that is done, the first thing to do first."""
    found = [_drift(status.drift)] if status.drift else []
    if status.users is not None:
        found += _of_users(status.users)
    if status.tables is not None:
        found += blockers_of_tables(status.tables)
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
