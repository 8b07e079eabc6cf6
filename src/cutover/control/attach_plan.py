"""The plan of attach: what it found, what it would do, and what refuses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cutover.control.attach_facts import Accepted, AttachFacts
from cutover.control.attach_refusals import names_taken, refusals_of
from cutover.control.client_plan import ClientPlan, plan_client
from cutover.control.client_settings import PASSWORD_FLOW
from cutover.control.ledger_rows import Attachment, AttachState
from cutover.control.pool_diff import Change, differences
from cutover.control.pool_settings import LeftOut, request_with, view_with
from cutover.control.refusals import Refusal
from cutover.control.taken_names import Taken
from cutover.control.trigger_plan import TriggerPlan, plan_triggers, previous_triggers
from cutover.control.trigger_set import CLAIMS, GUARD, MIGRATION, held, kinds_in, merged, only

_NAMING = {"UserPoolId", "LambdaConfig"}


@dataclass(frozen=True)
class Step:
    """One thing that the run does, in its order."""

    code: str
    text: str
    irreversible: bool = False

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "text": self.text, "irreversible": self.irreversible}


@dataclass(frozen=True)
class AttachPlan:
    """`taken` is None until the users of both pools were listed."""

    facts: AttachFacts
    triggers: TriggerPlan
    changes: tuple[Change, ...]
    left_out: tuple[LeftOut, ...]
    carried: tuple[str, ...]
    """The settings that are sent back as they are."""
    steps: tuple[Step, ...]
    refusals: tuple[Refusal, ...]
    clients: tuple[ClientPlan, ...] = ()
    """The app clients that get the password flow."""
    taken: tuple[Taken, ...] | None = None

    @property
    def pool_id(self) -> str:
        return self.facts.state.pool_id

    @property
    def trigger(self) -> str:
        """What becomes the UserMigration trigger."""
        return self.facts.stack_triggers.functions[MIGRATION].arn

    @property
    def adds_attribute(self) -> bool:
        return any(step.code == "add_attribute" for step in self.steps)

    @property
    def builds_index(self) -> bool:
        """The users of the old pool are listed in the run, once: for the index, and to compare them."""
        return any(step.code == "build_index" for step in self.steps)

    @property
    def updates_pool(self) -> bool:
        return bool(self.changes)

    def as_json(self, *, show_users: bool = False) -> dict[str, Any]:
        taken = None if self.taken is None else [one.as_json(show_users=show_users) for one in self.taken]
        return {
            "pool": self.pool_id,
            "stack": self.facts.stack,
            "trigger": self.trigger,
            "triggers": merged({}, self.triggers.edit),
            "triggers_left_out": dict(self.triggers.left_out),
            "chained": dict(self.triggers.chained),
            "changes": [change.as_json() for change in self.changes],
            "carried": list(self.carried),
            "not_sendable": [{"path": left.path, "reason": left.reason} for left in self.left_out],
            "steps": [step.as_json() for step in self.steps],
            "refusals": [refusal.as_json() for refusal in self.refusals],
            "clients": [client.as_json() for client in self.facts.clients],
            "clients_changed": [client.as_json() for client in self.clients],
            "old_sub_attribute": {
                "name": self.facts.attribute.name,
                "missing": self.facts.attribute.missing,
                "clients_without_a_list": list(self.facts.attribute.unlisted),
            },
            "names_taken": taken,
        }


def plan_attach(facts: AttachFacts, accepted: Accepted) -> AttachPlan:
    """Everything but the look at the users, which is slow and comes last (`with_taken`)."""
    triggers = plan_triggers(facts.state, facts.stack_triggers, _unwanted(accepted))
    changes = differences(facts.state.view, view_with(facts.state, triggers.edit))
    clients = tuple(plan for plan in map(plan_client, facts.flow_clients) if plan.changes)
    request = request_with(facts.state, triggers.edit, facts.model)
    return AttachPlan(
        facts=facts,
        triggers=triggers,
        changes=changes,
        left_out=request.left_out if changes else (),
        carried=tuple(sorted(request.inputs.keys() - _NAMING)) if changes else (),
        steps=(
            *_before_the_pool(facts, triggers, accepted),
            *_steps(facts, triggers, changes, clients),
            *map(_step_of, clients),
        ),
        refusals=refusals_of(facts, triggers, accepted) if changes else (),
        clients=clients,
    )


def attached_by(plan: AttachPlan, now: int) -> Attachment:
    """What is noted before anything is changed. What an earlier run noted of the time before it stays."""
    facts, earlier = plan.facts, plan.facts.attachment
    earlier = earlier if earlier and earlier.open else None
    edit = plan.triggers.edit
    kept = (
        tuple(kind for kind in kinds_in(earlier.set_by_us) if kind not in kinds_in(edit)) if earlier else ()
    )
    before = previous_triggers(facts.state, facts.stack_triggers, kinds_in(edit), earlier)
    return Attachment(
        pool_id=plan.pool_id,
        state=AttachState.ATTACHING,
        trigger=plan.trigger,
        previous=before.get(MIGRATION),
        stack=facts.stack,
        at=now,
        protection_before=earlier.protection_before if earlier else facts.protected,
        triggers={**merged({}, edit), **(only(earlier.set_by_us, kept) if earlier else {})},
        previous_triggers={**before, **(only(earlier.before_us, kept) if earlier else {})},
        clients=earlier.clients if earlier else {},
    )


def _unwanted(accepted: Accepted) -> frozenset[str]:
    left = {GUARD: accepted.no_guard, CLAIMS: accepted.no_claims}
    return frozenset(kind for kind, out in left.items() if out)


def with_taken(plan: AttachPlan, taken: tuple[Taken, ...] | None, accepted: Accepted) -> AttachPlan:
    """`taken` is None where the users were not compared."""
    refusals = plan.refusals
    if taken and not accepted.taken_names:
        refusals = (*refusals, names_taken(len(taken)))
    return replace(plan, taken=taken, refusals=refusals)


def _before_the_pool(facts: AttachFacts, triggers: TriggerPlan, accepted: Accepted) -> Iterator[Step]:
    """What takes long comes first: nothing lies between the last description and the update."""
    if GUARD in kinds_in(triggers.edit) and (accepted.rebuild_index or not facts.index_built):
        yield Step(
            "build_index",
            "list the users of the old pool and reserve in the ledger what they go by, for the guard",
        )


def _step_of(client: ClientPlan) -> Step:
    return Step(
        "update_client",
        f"describe app client {client.id} again, allow {PASSWORD_FLOW}, compare all of it",
    )


def _steps(
    facts: AttachFacts,
    triggers: TriggerPlan,
    changes: tuple[Change, ...],
    clients: tuple[ClientPlan, ...],
) -> tuple[Step, ...]:
    steps = []
    if changes and facts.attribute.missing:
        text = f"add the immutable attribute {facts.attribute.name} to the pool's schema, for ever"
        steps.append(Step("add_attribute", text, irreversible=True))
    if changes or clients:
        steps.append(Step("snapshot", "save the pool's settings to the ledger and to a file"))
    if facts.protected is False:
        steps.append(Step("protect_stack", f"switch on termination protection of stack {facts.stack}"))
    if changes:
        steps.append(Step("update_pool", "describe the pool again, update it, compare all of it"))
    if changes or not _recorded(facts, triggers):
        steps.append(Step("record", "note in the ledger what was set"))
    return tuple(steps)


def _recorded(facts: AttachFacts, triggers: TriggerPlan) -> bool:
    row = facts.attachment
    if row is None or row.state is not AttachState.ATTACHED:
        return False
    return set(kinds_in(triggers.edit)) <= set(held(row.set_by_us, triggers.edit))
