"""One change of an app client's flows, watched on both sides as a pool's is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cutover.control.app_clients import DEFAULT_FLOWS
from cutover.control.client_settings import ClientState, client_request, client_view_with
from cutover.control.pool_diff import Change, differences
from cutover.control.pool_ports import Settings, SettingsModel, UpdateRefused
from cutover.control.watched_update import Sleep, Watched
from cutover.errors import DifferencesFound, InterlockRefused


class Client(Protocol):
    """One app client. Every read is refused while it has a setting that we cannot carry."""

    @property
    def model(self) -> SettingsModel: ...

    @property
    def pool_id(self) -> str: ...

    def describe(self) -> ClientState | None:
        """None where there is no such client. Raises InterlockRefused `unknown_setting` as a pool does."""

    def update(self, request: Settings) -> None:
        """UpdateUserPoolClient with these inputs. Raises UpdateUncertain and UpdateRefused."""


def change_flows(
    client: Client, planned_from: ClientState, flows: Sequence[str] | None, *, sleep: Sleep
) -> None:
    """Sets `flows` (None: names none) and compares.

    Raises InterlockRefused `client_changed` where somebody else changed the client since, before anything is
    sent; DifferencesFound where it came out otherwise (ours was taken back where it still stood); PartlyDone
    where it stays unknown whether the update was done; and AWS's refusal.
    """
    now = _present(client, planned_from.id)
    _refuse_moved(planned_from, now)
    after = _update(client, now, flows, sleep)
    found = differences(client_view_with(now, flows), after.view)
    if found:
        raise _otherwise(client, now, flows, after, found, sleep)


def same_flows(state: ClientState, flows: Sequence[str] | None) -> bool:
    return set(state.flows or DEFAULT_FLOWS) == set(flows or DEFAULT_FLOWS)


def _update(client: Client, now: ClientState, flows: Sequence[str] | None, sleep: Sleep) -> ClientState:
    request = client_request(now, client.pool_id, flows, client.model)
    try:
        return Watched(
            name=f"app client {now.id}",
            send=lambda: client.update(request),
            look=lambda: _present(client, now.id),
            shows=lambda state: same_flows(state, flows),
            moved=lambda state: _refuse_moved(now, state),
        ).run(sleep)
    except UpdateRefused as refused:
        raise refused.error from refused


def _present(client: Client, client_id: str) -> ClientState:
    state = client.describe()
    if state is None:
        raise InterlockRefused(
            "client_changed",
            f"app client {client_id} is gone",
            cause="somebody deleted it meanwhile",
            fix="make a new plan without it",
        )
    return state


def _refuse_moved(before: ClientState, now: ClientState) -> None:
    moved = differences(before.view, now.view)
    if moved:
        raise InterlockRefused(
            "client_changed",
            f"somebody else is changing app client {now.id}",
            cause=f"since the plan was made: {', '.join(change.path for change in moved)}",
            fix="let the other change end, then make a new plan; this client was not changed",
        )


def _otherwise(
    client: Client,
    before: ClientState,
    flows: Sequence[str] | None,
    after: ClientState,
    found: tuple[Change, ...],
    sleep: Sleep,
) -> DifferencesFound:
    done = "its flows were changed by somebody else too, so nothing was touched again"
    if same_flows(after, flows):
        _update(client, after, before.flows, sleep)
        done = "our flow was taken out again; what else differs was left as it is"
    return DifferencesFound(
        f"app client {before.id} did not come out as planned",
        cause=f"{', '.join(change.path for change in found)}: changed by somebody else at the same moment, "
        f"or by the update; {done}",
        fix="look at the client, put right what is wrong, then run the same command again",
    )
