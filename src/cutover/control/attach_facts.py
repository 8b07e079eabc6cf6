"""What attach has looked at, and what its operator has accepted."""

from __future__ import annotations

from dataclasses import dataclass

from cutover.control.app_clients import ClientReport
from cutover.control.client_settings import ClientState
from cutover.control.ledger_rows import Attachment
from cutover.control.old_sub import AttributeReport
from cutover.control.pool_ports import PoolState, SettingsModel
from cutover.control.refusals import Refusal
from cutover.control.takeover_checks import OldSignUp
from cutover.control.trigger_plan import StackTriggers


@dataclass(frozen=True)
class Accepted:
    """What the operator has typed: to accept, to leave out, to do again."""

    no_guard: bool = False
    no_claims: bool = False
    add_attribute: bool = False
    taken_names: bool = False
    old_sign_up_open: bool = False
    rebuild_index: bool = False


@dataclass(frozen=True)
class AttachFacts:
    """What was looked at. `flow_clients` are to get the password flow; `index_built`: the index of what old
    users go by was built to its end; `protected`: the stack's termination protection (None: no stack)."""

    stack: str
    state: PoolState
    model: SettingsModel
    stack_triggers: StackTriggers
    attribute: AttributeReport
    clients: tuple[ClientReport, ...]
    name_refusals: tuple[Refusal, ...]
    old_sign_up: OldSignUp
    flow_clients: tuple[ClientState, ...]
    index_built: bool
    protected: bool | None
    attachment: Attachment | None

    @property
    def case_sensitive(self) -> bool:
        """Whether names of the new pool differ by case. A pool that does not say tells them apart."""
        return bool((self.state.settings.get("UsernameConfiguration") or {}).get("CaseSensitive", True))
