"""The options of the verbs that work on table pairs, and what those verbs check alike."""

from __future__ import annotations

import functools
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

import rich_click as click

from cutover.aws.open_pairs import OpenedPair, open_for_work, pairs_of, roles_of
from cutover.cli.options import Invocation
from cutover.control.deployment import Deployment
from cutover.errors import InterlockRefused, PartlyDone
from cutover.tables.authority import Direction, may_write
from cutover.tables.lease import LeaseLost
from cutover.tables.ports import AuthorityLost, TableFault

OWN_CREDENTIALS = "none"
PATIENCE_SECONDS = 180.0


@dataclass(frozen=True)
class PairChoice:
    """Which pairs, reached how, by how many threads."""

    pairs: tuple[str, ...]
    tables: tuple[str, ...]
    workers: int
    source_role: str | None
    target_role: str | None
    patience: float

    def named(self) -> tuple[str, ...]:
        """The pairs, as they were typed."""
        of = {"--pair": self.pairs, "--table": self.tables}
        return tuple(word for option, names in of.items() for name in names for word in (option, name))

    def words(self) -> tuple[str, ...]:
        """How the tables are reached, as it was typed, for the commands we print."""
        roles = {"--source-role": self.source_role, "--target-role": self.target_role}
        return tuple(word for name, role in roles.items() if role for word in (name, role))


def pair_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --pair --table --workers --patience --source-role --target-role; the verb gets them as one
    `PairChoice`, its argument `choice`."""

    def with_choice(
        *arguments: Any,
        pairs: tuple[str, ...],
        tables: tuple[str, ...],
        workers: int,
        source_role: str | None,
        target_role: str | None,
        patience: float,
        **options: Any,
    ) -> Any:
        choice = PairChoice(pairs, tables, workers, source_role, target_role, patience)
        return verb(*arguments, choice=choice, **options)

    wrapped: Callable[..., Any] = functools.update_wrapper(with_choice, verb)
    for option in (
        click.option("--target-role", metavar="ARN", help="As --source-role, for the target table."),
        click.option(
            "--source-role",
            metavar="ARN",
            help="The role that reaches the source table. Default: the stack's parameter; "
            "`none` uses your own credentials.",
        ),
        click.option(
            "--patience",
            type=click.FloatRange(0),
            default=PATIENCE_SECONDS,
            show_default=True,
            help="Seconds to wait for a table that fails.",
        ),
        click.option(
            "--workers", type=click.IntRange(1, 64), default=4, show_default=True, help="Threads for a pair."
        ),
        click.option("--table", "tables", multiple=True, help="Only the pair with this table. Repeatable."),
        click.option("--pair", "pairs", multiple=True, help="Only this pair, by its id. Repeatable."),
    ):
        wrapped = option(wrapped)
    return wrapped


def open_pairs(invocation: Invocation, deployment: Deployment, choice: PairChoice) -> list[OpenedPair]:
    """The chosen pairs, opened one by one. Raises UsageError, AwsUnavailable, TableFault."""
    return [opening() for opening in pair_openings(invocation, deployment, choice).values()]


def pair_openings(
    invocation: Invocation, deployment: Deployment, choice: PairChoice
) -> dict[str, Callable[[], OpenedPair]]:
    """What opens each of the chosen pairs, by its id: it raises TableFault, and nothing else is opened by it.

    Raises UsageError, AwsUnavailable.
    """
    roles = roles_of(deployment)
    if choice.source_role:
        roles = replace(roles, source=_role(choice.source_role))
    if choice.target_role:
        roles = replace(roles, target=_role(choice.target_role))
    return {
        pair.id: functools.partial(open_for_work, pair, deployment, invocation.aws, roles, choice.workers)
        for pair in pairs_of(deployment, invocation.aws, choice.pairs, choice.tables)
    }


def _role(given: str) -> str | None:
    return None if given == OWN_CREDENTIALS else given


def forward_epoch(invocation: Invocation, opened: OpenedPair) -> int:
    """The epoch in which the source rules. Raises InterlockRefused (`authority`) where it does not."""
    authority = opened.rows.state(opened.pair.id).authority
    if not may_write(authority, Direction.FORWARD, authority.epoch):
        raise InterlockRefused(
            "authority",
            f"the target of {opened.pair.id} may not be written from its source",
            cause=f"{authority.ruler} rules, {authority.direction}, in epoch {authority.epoch}",
            fix="this verb is for the time before the switch",
            next_command=invocation.command("status"),
        )
    return authority.epoch


@contextmanager
def resumable(verb: str, pair_id: str, command: str) -> Iterator[None]:
    """What stops a verb half-way becomes an error that says how it goes on."""
    try:
        yield
    except TableFault as fault:
        raise PartlyDone(
            f"{verb} of {pair_id} has stopped: {fault.table} does not work",
            cause=fault.reason,
            fix="what is done is kept; see what is wrong with it, then go on",
            next_command=command,
        ) from fault
    except AuthorityLost as lost:
        raise InterlockRefused(
            "lease_lost" if isinstance(lost, LeaseLost) else "authority",
            f"{verb} of {pair_id} has stopped: it may not write any longer",
            cause=f"expected {lost.expected}, found {lost.found}",
            fix="see who rules the pair, and what else is running",
            next_command=command,
        ) from lost


@contextmanager
def termination_interrupts() -> Iterator[None]:
    """SIGTERM stops a verb as Ctrl-C does: in order, with its place kept."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
