"""What `cutover doctor` looked at: plain facts. None: it could not be read. Times: epoch seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cutover.control.app_clients import ClientReport
from cutover.control.deployment import Deployment
from cutover.control.doctor.census import Census
from cutover.control.doctor.table_facts import TablesView
from cutover.control.ledger_rows import Attachment
from cutover.control.old_sub import AttributeReport
from cutover.control.pool_ports import AppClient, PoolState, Settings
from cutover.control.refusals import Refusal
from cutover.control.status_facts import Backlog
from cutover.control.taken_names import Taken
from cutover.control.trigger_checks import same_function
from cutover.control.trigger_plan import OUTPUTS, StackTriggers
from cutover.control.trigger_set import GUARD, arn_of


@dataclass(frozen=True)
class PoolFacts:
    """One pool. `providers` are its identity providers, each with its attribute mapping."""

    state: PoolState
    clients: tuple[AppClient, ...] | None = None
    providers: Mapping[str, Mapping[str, str]] | None = None

    @property
    def settings(self) -> Settings:
        return self.state.settings

    @property
    def place(self) -> tuple[str, str]:
        """Account and Region; empty where the description names no ARN."""
        parts = self.state.arn.split(":")
        return (parts[4], parts[3]) if len(parts) > 5 else ("", "")

    @property
    def triggers(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.settings.get("LambdaConfig") or {}
        return found


@dataclass(frozen=True)
class FunctionFacts:
    """One function of the stack. `live` and `latest` are the configurations behind the alias and `$LATEST`;
    `denied` are (action, resource, decision) of the calls that IAM's simulation does not allow."""

    name: str
    live: Mapping[str, Any] | None = None
    latest: Mapping[str, Any] | None = None
    alias_found: bool = True
    weights: Mapping[str, float] = field(default_factory=dict)
    denied: tuple[tuple[str, str, str], ...] | None = None


@dataclass(frozen=True)
class Keeper:
    """The CloudFormation stack that the new pool belongs to, and the tool that made it, where that shows."""

    stack: str
    tool: str


@dataclass(frozen=True)
class IndexFacts:
    """The reservation index of the guard. `built_at` is None while it is being built."""

    started_at: int
    built_at: int | None
    users: int = 0


@dataclass(frozen=True)
class DoctorFacts:
    """Everything that one run found. A stack without a name is none: only the pools were named."""

    at: int
    deployment: Deployment
    attribute: AttributeReport | None = None
    reports: tuple[ClientReport, ...] | None = None
    new: PoolFacts | None = None
    old: PoolFacts | None = None
    old_client: Settings | None = None
    """As DescribeUserPoolClient shows it, but `HasSecret` in the place of the secret itself."""
    old_client_found: bool = True
    old_role_error: str | None = None
    triggers: StackTriggers | None = None
    functions: tuple[FunctionFacts, ...] = ()
    attachment: Attachment | None = None
    protected: bool | None = None
    keeper: Keeper | None = None
    keeper_read: bool = False
    index: IndexFacts | None = None
    index_read: bool = False
    dead_letters: Backlog | None = None
    peak: float | None = None
    """The most sign-ins a second of the old pool in the last days."""
    census: Census | None = None
    squatted: tuple[Taken, ...] | None = None
    tables: TablesView | None = None
    """None: the stack moves no tables."""
    refused: tuple[Refusal, ...] = ()
    """What a read was answered with, where that has a code of its own."""
    unread: tuple[str, ...] = ()

    @property
    def guarded(self) -> bool:
        """Whether the stack's sign-up guard stands in front of the new pool."""
        current = arn_of(self.new.triggers, GUARD) if self.new else None
        ours = self.deployment.outputs.get(OUTPUTS[GUARD])
        return bool(ours and current and same_function(current, ours))
