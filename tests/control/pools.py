"""A pool admin on the strict service, and the small ports beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cutover.aws.client_admin import ClientAdmin
from cutover.aws.paced_calls import PacedCalls
from cutover.aws.pool_admin import PoolAdmin
from cutover.control.attach import AttachPorts
from cutover.control.attach_facts import Accepted, AttachFacts
from cutover.control.attach_plan import AttachPlan, plan_attach
from cutover.control.detach import DetachPorts
from cutover.control.detach_plan import DetachPlan, OurTriggers, plan_detach
from cutover.control.ledger_rows import Attachment
from cutover.control.old_sub import AttributeReport, check_attribute
from cutover.control.pool_ports import PoolState, TriggerFunction
from cutover.control.takeover_checks import OldSignUp
from cutover.control.trigger_plan import StackTriggers
from cutover.control.trigger_set import CLAIMS, GUARD, MIGRATION, arn_of
from tests.fakes.cognito import ACCOUNT, POOL_ARN, POOL_ID, REGION, Cognito, a_pool

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:migrate"
TRIGGER = f"{FUNCTION}:live"
GUARDING = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:guard:live"
CLAIMING = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:claims:live"
OURS = {MIGRATION: TRIGGER, GUARD: GUARDING, CLAIMS: CLAIMING}
STACK = OurTriggers(OURS)
SET_BY_US = {
    MIGRATION: TRIGGER,
    GUARD: GUARDING,
    "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": CLAIMING},
}
"""LambdaConfig of a pool that had no trigger, once it is attached."""
OTHER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:somebody-else"


def policy(**conditions: Any) -> dict[str, Any]:
    return {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cognito-idp.amazonaws.com"},
                "Action": "lambda:InvokeFunction",
                "Resource": TRIGGER,
                "Condition": conditions,
            }
        ]
    }


GOOD_POLICY = policy(ArnLike={"AWS:SourceArn": POOL_ARN}, StringEquals={"AWS:SourceAccount": ACCOUNT})
ALL = Accepted(add_attribute=True, taken_names=True)
WITHOUT_GUARD = Accepted(no_guard=True, no_claims=True, add_attribute=True, taken_names=True)


def paced(service: Cognito) -> PacedCalls:
    return PacedCalls(
        service.client(), per_second=1e6, say=lambda _: None, clock=lambda: 0.0, sleep=lambda _: None
    )


def admin(service: Cognito) -> PoolAdmin:
    return PoolAdmin(paced(service), POOL_ID)


def functions(*kinds: str) -> dict[str, TriggerFunction]:
    """Ours, as they should be: all, or those of `kinds`."""
    return {kind: TriggerFunction(OURS[kind], "Active", "Successful", GOOD_POLICY) for kind in kinds or OURS}


def chained_for(state: PoolState) -> dict[str, str]:
    """What a stack must have been deployed with that is made for this pool."""
    found = {kind: arn_of(state.triggers, kind) for kind in (GUARD, CLAIMS)}
    return {kind: arn for kind, arn in found.items() if arn and arn != OURS[kind]}


@dataclass
class Ledger:
    """`snapshots` in the order in which they were saved, `saved` every state of the attachment."""

    attachment: Attachment | None = None
    snapshots: list[Mapping[str, Any]] = field(default_factory=list)
    saved: list[Attachment] = field(default_factory=list)

    def begin(self, attachment: Attachment, snapshot: Mapping[str, Any] | None) -> None:
        if snapshot is not None:
            self.snapshots.append(snapshot)
        self.save(attachment)

    def save(self, attachment: Attachment) -> None:
        self.attachment = attachment
        self.saved.append(attachment)


@dataclass
class Protection:
    on: bool | None = False

    def is_on(self) -> bool | None:
        return self.on

    def switch(self, on: bool) -> None:
        self.on = on


@dataclass
class Bench:
    """One strict pool and everything that attach and detach work on."""

    service: Cognito
    ledger: Ledger = field(default_factory=Ledger)
    protection: Protection = field(default_factory=Protection)
    slept: list[float] = field(default_factory=list)
    kept: list[Mapping[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pool = admin(self.service)

    def client(self, client_id: str) -> ClientAdmin:
        return ClientAdmin(paced(self.service), POOL_ID, client_id)

    def facts(self, state: PoolState | None = None, **changes: Any) -> AttachFacts:
        state = state or self.pool.describe()
        known: dict[str, Any] = {
            "stack": "app",
            "state": state,
            "model": self.pool.model,
            "stack_triggers": StackTriggers(functions(), chained_for(state)),
            "attribute": check_attribute("custom:old_sub", state.settings, (), {}),
            "clients": (),
            "name_refusals": (),
            "old_sign_up": OldSignUp(open=False),
            "flow_clients": (),
            "index_built": True,
            "protected": self.protection.on,
            "attachment": self.ledger.attachment,
        }
        return AttachFacts(**{**known, **changes})

    def attach_plan(self, accepted: Accepted = ALL, **changes: Any) -> AttachPlan:
        return plan_attach(self.facts(**changes), accepted)

    def attach_ports(self) -> AttachPorts:
        return AttachPorts(
            self.pool,
            self.ledger,
            self.protection,
            keep=lambda snapshot: self.kept.append(snapshot) or "file",
            clock=lambda: 1000.0,
            sleep=self.slept.append,
            client=self.client,
        )

    def detach_plan(self, *, stack: OurTriggers | None = STACK, force: bool = False) -> DetachPlan:
        noted = self.ledger.attachment.clients if self.ledger.attachment else {}
        return plan_detach(
            self.pool.describe(),
            self.pool.model,
            self.ledger.attachment,
            stack=stack,
            protected=self.protection.on,
            force=force,
            clients={name: self.client(name).describe() for name in noted},
        )

    def detach_ports(self) -> DetachPorts:
        return DetachPorts(
            self.pool, self.ledger, self.protection, lambda: 2000.0, self.slept.append, self.client
        )


def bench(**settings: Any) -> Bench:
    """A bench on a pool with these settings."""
    return Bench(Cognito(a_pool(**settings)))


def no_attribute() -> AttributeReport:
    return AttributeReport("custom:old_sub", missing=True)
