"""The settings of the users' functions as the stack's parameters give them, without asking a function."""

from __future__ import annotations

from collections.abc import Mapping

from cutover.control.deployment import Deployment
from cutover.users.settings import Settings, read_settings

_VARIABLES: Mapping[str, str] = {
    "NEW_USER_POOL_ID": "NewUserPoolId",
    "OLD_USER_POOL_ID": "OldUserPoolId",
    "OLD_CLIENT_ID": "OldClientId",
    "OLD_CLIENT_SECRET_ARN": "OldClientSecretArn",
    "OLD_REGION": "OldRegion",
    "OLD_ROLE_ARN": "OldRoleArn",
    "OLD_EXTERNAL_ID": "OldExternalId",
    "ATTRIBUTES": "Attributes",
    "LEGACY_SUB_ATTRIBUTE": "LegacySubAttribute",
    "MFA_POLICY": "MfaPolicy",
    "TEMPORARY_PASSWORD": "TemporaryPassword",
    "RESET_REQUIRED": "ResetRequired",
    "WEAK_PASSWORD": "WeakPassword",
    "FORGOT_PASSWORD": "ForgotPassword",
    "FORGOT_PASSWORD_PER_HOUR": "ForgotPasswordPerHour",
    "ROLLOUT_PERCENT": "RolloutPercent",
    "ALLOWED_CLIENT_IDS": "AllowedClientIds",
}
"""variable -> parameter, as template.yaml's functions have them."""
_NOT_ASKED = "unknown"
"""For the old client, the ledger and the queue where no stack names them: nothing rests on them here."""


def settings_of(deployment: Deployment) -> Settings:
    """Raises UsageError, as the functions would, for what cannot be understood."""
    environ = {name: deployment.parameters.get(row, "") for name, row in _VARIABLES.items()}
    return read_settings(
        {
            **environ,
            "OLD_CLIENT_ID": environ["OLD_CLIENT_ID"] or _NOT_ASKED,
            "LEDGER_TABLE": deployment.outputs.get("LedgerTable") or _NOT_ASKED,
            "SETTLE_QUEUE_URL": deployment.outputs.get("SettleQueueUrl") or _NOT_ASKED,
        }
    )
