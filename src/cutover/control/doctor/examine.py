"""All checks, and what they mean together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cutover.control.doctor import (
    attaching,
    clients,
    functions,
    impact,
    keepers,
    ledger,
    messages,
    names,
    old_client,
    providers,
    quota,
    second_factor,
    sign_up,
    stack,
    table_capacity,
    table_cost,
    table_items,
    table_kinesis,
    table_permissions,
    table_settings,
    table_streams,
    triggers,
)
from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding, Severity, in_order
from cutover.control.doctor.table_facts import PairView
from cutover.control.status_data import Command

CHECKS: tuple[Callable[[DoctorFacts], Iterator[Finding]], ...] = (
    stack.check,
    attaching.check,
    functions.check,
    triggers.check,
    sign_up.check,
    second_factor.check,
    messages.check,
    keepers.check,
    providers.check,
    old_client.check,
    clients.check,
    quota.check,
    impact.check,
    names.check,
    ledger.check,
    table_settings.check,
    table_permissions.check,
    table_streams.check,
    table_kinesis.check,
    table_capacity.check,
    table_cost.check,
    table_items.check,
)


def examine(facts: DoctorFacts) -> tuple[Finding, ...]:
    found = [finding for check in CHECKS for finding in check(facts)]
    return in_order([*found, *_unread(facts)])


def count(findings: Sequence[Finding]) -> Mapping[str, int]:
    return {one.value: sum(finding.severity is one for finding in findings) for one in Severity}


def as_data(
    facts: DoctorFacts, findings: Sequence[Finding], command: Command, *, show_users: bool
) -> dict[str, Any]:
    """The JSON of a run. `squatted` is null where the users were not compared, `tables` where none move."""
    return {
        "at": facts.at,
        "stack": facts.deployment.stack or None,
        "new_pool": facts.deployment.parameter("NewUserPoolId"),
        "old_pool": facts.deployment.parameter("OldUserPoolId"),
        "users_looked_at": None if facts.census is None else facts.census.users,
        "counts": dict(count(findings)),
        "findings": [finding.as_json(command) for finding in findings],
        "squatted": None
        if facts.squatted is None
        else [one.as_json(show_users=show_users) for one in facts.squatted],
        "tables": None if facts.tables is None else [_pair(pair) for pair in facts.tables.pairs],
    }


def _pair(pair: PairView) -> dict[str, Any]:
    cost = table_cost.cost_of(pair)
    return {
        "pair": pair.id,
        "backfill": None if cost is None else cost.data(),
        "write_rate": None if pair.rate is None else pair.rate.data(),
        "sample": None if pair.sample is None else pair.sample.data(),
    }


def next_command(findings: Sequence[Finding], command: Command) -> str | None:
    """What to run first: the command of the worst finding that has one."""
    by_severity = sorted(findings, key=lambda one: list(Severity).index(one.severity))
    lines = (command(*finding.words) for finding in by_severity if finding.words)
    return next((line for line in lines if line), None)


def _unread(facts: DoctorFacts) -> Iterator[Finding]:
    for note in facts.unread:
        what, _, reason = note.partition(": ")
        yield Finding(
            "unread",
            f"{what} could not be read",
            reason,
            "add the permission, or let somebody run doctor who has it: what rests on it was not checked",
        )
