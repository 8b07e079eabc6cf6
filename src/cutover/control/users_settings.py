"""The settings of the users' functions as the stack's parameters give them, without asking a function."""

from __future__ import annotations

from cutover.control.deployment import Deployment
from cutover.control.trigger_settings import FROM_PARAMETERS
from cutover.users.settings import Settings, read_settings

_NOT_ASKED = "unknown"
"""For the old client, the ledger and the queue where no stack names them: nothing rests on them here."""


def settings_of(deployment: Deployment) -> Settings:
    """Raises UsageError, as the functions would, for what cannot be understood."""
    environ = {name: deployment.parameters.get(row, "") for name, row in FROM_PARAMETERS.items()}
    return read_settings(
        {
            **environ,
            "OLD_CLIENT_ID": environ["OLD_CLIENT_ID"] or _NOT_ASKED,
            "LEDGER_TABLE": deployment.outputs.get("LedgerTable") or _NOT_ASKED,
            "SETTLE_QUEUE_URL": deployment.outputs.get("SettleQueueUrl") or _NOT_ASKED,
        }
    )
