"""Which triggers attach sets in a pool, and what keeps it from setting one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cutover.control.ledger_rows import Attachment
from cutover.control.pool_ports import PoolState, TriggerFunction
from cutover.control.refusals import Refusal
from cutover.control.trigger_checks import foreign_trigger, function_refusals, same_function
from cutover.control.trigger_set import (
    CLAIMS,
    GUARD,
    KINDS,
    MIGRATION,
    arn_of,
    entries_of,
    kinds_in,
    merged,
    only,
    setting,
)

OUTPUTS = {MIGRATION: "MigrateUserArn", GUARD: "GuardSignUpArn", CLAIMS: "AddClaimsArn"}
"""The stack's outputs that name our functions."""
CHAINED = {GUARD: "ChainedPreSignUpArn", CLAIMS: "ChainedPreTokenArn"}
"""The stack's parameters that name the functions which ours call after themselves."""
NOT_IN_STACK = "the deployed stack has none: it is of an older template"
LEFT_OUT = "left out, as asked"


@dataclass(frozen=True)
class StackTriggers:
    """What the deployed stack has: our functions, and what they call after themselves, by kind."""

    functions: Mapping[str, TriggerFunction]
    chained: Mapping[str, str] = field(default_factory=dict)

    def owns(self, arn: str) -> bool:
        """Whether `arn` is one of our functions, under whatever alias or version."""
        return any(same_function(arn, function.arn) for function in self.functions.values())


@dataclass(frozen=True)
class TriggerPlan:
    """`edit` is applied to LambdaConfig; `chained` stays behind ours, by kind; `left_out` says why."""

    edit: Mapping[str, Any]
    chained: Mapping[str, str]
    left_out: Mapping[str, str]
    refusals: tuple[Refusal, ...]


def plan_triggers(state: PoolState, stack: StackTriggers, unwanted: frozenset[str]) -> TriggerPlan:
    """Every trigger of the stack but the `unwanted` ones."""
    wanted = [kind for kind in KINDS if kind in stack.functions and kind not in unwanted]
    edit: dict[str, Any] = {}
    refusals: list[Refusal] = []
    for kind in wanted:
        edit |= setting(state.settings, kind, stack.functions[kind].arn)
        refusals += _in_the_way(state, stack, kind)
    for kind in wanted:
        refusals += function_refusals(stack.functions[kind], state)
    missing = {kind: NOT_IN_STACK for kind in KINDS if kind not in stack.functions}
    return TriggerPlan(
        edit=edit,
        chained={kind: stack.chained[kind] for kind in wanted if stack.chained.get(kind)},
        left_out={**missing, **dict.fromkeys(sorted(unwanted), LEFT_OUT)},
        refusals=tuple(refusals),
    )


def previous_triggers(
    state: PoolState, stack: StackTriggers, kinds: tuple[str, ...], earlier: Attachment | None
) -> dict[str, Any]:
    """What detach puts back. Where our own function stands already, it is what an earlier run found; where
    no row tells, it is the function that ours calls after itself."""
    before: dict[str, Any] = {}
    for kind in kinds:
        current = arn_of(state.triggers, kind)
        if current is None or not stack.owns(current):
            before |= entries_of(state.triggers, kind)
        elif earlier and kind in kinds_in(earlier.set_by_us):
            before |= only(earlier.before_us, (kind,))
        elif stack.chained.get(kind):
            before |= merged({}, setting(state.settings, kind, stack.chained[kind]))
        elif current != stack.functions[kind].arn:
            before |= entries_of(state.triggers, kind)
    return before


def _in_the_way(state: PoolState, stack: StackTriggers, kind: str) -> Iterator[Refusal]:
    if kind == MIGRATION:
        foreign = foreign_trigger(state, stack.functions[kind].arn)
        if foreign:
            yield foreign
        return
    current, chained = arn_of(state.triggers, kind), stack.chained.get(kind)
    if chained and stack.owns(chained):
        yield _chained_to_itself(kind, chained)
    elif current and not stack.owns(current) and current != chained:
        yield _chain_not_deployed(kind, current, chained)


def _chain_not_deployed(kind: str, current: str, chained: str | None) -> Refusal:
    name = CHAINED[kind]
    deployed = f"the stack was deployed with {chained}" if chained else "the stack was deployed without it"
    return Refusal(
        "chain_not_deployed",
        f"the pool has a {kind} function that ours would not call",
        cause=f"the pool has {current}; {name}: {deployed}",
        fix=f"deploy the stack with that parameter: cutover init --set {name}={current}, then make deploy; "
        "ours then calls it after itself",
        parameters={name: current},
    )


def _chained_to_itself(kind: str, chained: str) -> Refusal:
    return Refusal(
        "chained_to_itself",
        f"our {kind} function would call one of ours",
        cause=f"{CHAINED[kind]} is {chained}",
        fix=f"deploy the stack with the pool's own function as {CHAINED[kind]}, or with an empty one",
        parameters={CHAINED[kind]: ""},
    )
