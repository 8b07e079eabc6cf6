"""The migration trigger's settings, read from the stack as the template puts them into its environment."""

from __future__ import annotations

from cutover.control.deployment import Deployment
from cutover.users.settings import Settings, read_settings

FROM_PARAMETERS = {
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
"""By variable, the parameter that fills it; a test compares them with the template."""

FROM_OUTPUTS = {"LEDGER_TABLE": "LedgerTable", "SETTLE_QUEUE_URL": "SettleQueueUrl"}


def trigger_settings(deployment: Deployment) -> Settings:
    """Raises UsageError where the stack moves no users or is of another version."""
    environment = {name: deployment.parameter(parameter) or "" for name, parameter in FROM_PARAMETERS.items()}
    outputs = {name: deployment.output(output) for name, output in FROM_OUTPUTS.items()}
    return read_settings({**environment, **outputs})
