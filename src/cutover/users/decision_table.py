"""What the old pool's replies mean: the one table of decisions, as data.

Rows are read from the top; the first that matches decides. Everything that no row names is refused, never
migrated. Sources: the errors that AdminInitiateAuth declares
(https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html) and
the user states (.../APIReference/API_AdminGetUser.html, `UserStatus`). AWS documents no wording of its
messages, so a wording only ever tells one refusal from another, or a fault from a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """The vocabulary of the log, of the metric's dimension and of the status screen."""

    MIGRATED = "migrated"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a decision, not a password
    UNKNOWN_USER = "unknown_user"
    TEMPORARY_PASSWORD = "temporary_password"  # noqa: S105
    MFA_REFUSED = "mfa_refused"
    RESET_REQUIRED = "reset_required"
    DISABLED = "disabled"
    UNCONFIRMED = "unconfirmed"
    FEDERATED = "federated"
    RISK_BLOCKED = "risk_blocked"
    ALREADY_MIGRATED = "already_migrated"
    ATTRIBUTES_REFUSED = "attributes_refused"
    ALIAS_TAKEN = "alias_taken"
    NAME_COLLISION = "name_collision"
    IDENTITY_MISMATCH = "identity_mismatch"
    WRONG_POOL = "wrong_pool"
    PAUSED = "paused"
    NOT_IN_ROLLOUT = "not_in_rollout"
    CAPPED = "capped"
    OLD_POOL_THROTTLED = "old_pool_throttled"
    OLD_POOL_UNAVAILABLE = "old_pool_unavailable"
    MISCONFIGURED = "misconfigured"

    @property
    def is_fault(self) -> bool:
        """A fault says nothing about the person: Cognito is told to try again."""
        return self in _FAULTS


_FAULTS = {Decision.OLD_POOL_THROTTLED, Decision.OLD_POOL_UNAVAILABLE, Decision.MISCONFIGURED}


class Stop(Exception):
    """Ends a decision early. `cause` is an error code or a word of ours, never a value of the user's."""

    def __init__(self, decision: Decision, cause: str = "") -> None:
        super().__init__(f"{decision}: {cause}" if cause else str(decision))
        self.decision = decision
        self.cause = cause


@dataclass(frozen=True)
class ErrorRow:
    """One error of the old pool. `phrase` (lower case) must occur in the message; empty matches any."""

    code: str
    phrase: str
    decision: Decision


FAULT_ERRORS: tuple[ErrorRow, ...] = (
    ErrorRow("TooManyRequestsException", "", Decision.OLD_POOL_THROTTLED),
    ErrorRow("LimitExceededException", "", Decision.OLD_POOL_THROTTLED),
    ErrorRow("ThrottlingException", "", Decision.OLD_POOL_THROTTLED),
    ErrorRow("Throttling", "", Decision.OLD_POOL_THROTTLED),
    ErrorRow("InternalErrorException", "", Decision.OLD_POOL_UNAVAILABLE),
    ErrorRow("ConnectTimeoutError", "", Decision.OLD_POOL_UNAVAILABLE),
    ErrorRow("ReadTimeoutError", "", Decision.OLD_POOL_UNAVAILABLE),
    ErrorRow("EndpointConnectionError", "", Decision.OLD_POOL_UNAVAILABLE),
    ErrorRow("ConnectionClosedError", "", Decision.OLD_POOL_UNAVAILABLE),
    ErrorRow("ProxyConnectionError", "", Decision.OLD_POOL_UNAVAILABLE),
    ErrorRow("HTTPClientError", "", Decision.OLD_POOL_UNAVAILABLE),
    ErrorRow("SSLError", "", Decision.OLD_POOL_UNAVAILABLE),
    ErrorRow("IncompleteReadError", "", Decision.OLD_POOL_UNAVAILABLE),
    ErrorRow("ResponseParserError", "", Decision.OLD_POOL_UNAVAILABLE),
    ErrorRow("ResourceNotFoundException", "", Decision.MISCONFIGURED),
    ErrorRow("InvalidParameterException", "", Decision.MISCONFIGURED),
    ErrorRow("UnsupportedOperationException", "", Decision.MISCONFIGURED),
    ErrorRow("OperationNotEnabledException", "", Decision.MISCONFIGURED),
    ErrorRow("FeatureUnavailableInTierException", "", Decision.MISCONFIGURED),
    ErrorRow("InvalidUserPoolConfigurationException", "", Decision.MISCONFIGURED),
    ErrorRow("UnexpectedLambdaException", "", Decision.MISCONFIGURED),
    ErrorRow("UserLambdaValidationException", "", Decision.MISCONFIGURED),
    ErrorRow("InvalidLambdaResponseException", "", Decision.MISCONFIGURED),
    ErrorRow("MFAMethodNotFoundException", "", Decision.MISCONFIGURED),
    ErrorRow("InvalidSmsRoleAccessPolicyException", "", Decision.MISCONFIGURED),
    ErrorRow("InvalidSmsRoleTrustRelationshipException", "", Decision.MISCONFIGURED),
    ErrorRow("InvalidEmailRoleAccessPolicyException", "", Decision.MISCONFIGURED),
)
"""What is wrong with the old pool, with the way to it, or with our settings: no word about the person."""

SIGN_IN_ERRORS: tuple[ErrorRow, ...] = (
    ErrorRow("NotAuthorizedException", "secret", Decision.MISCONFIGURED),
    ErrorRow("NotAuthorizedException", "user is disabled", Decision.DISABLED),
    ErrorRow("NotAuthorizedException", "password attempts exceeded", Decision.RISK_BLOCKED),
    ErrorRow("NotAuthorizedException", "security reasons", Decision.RISK_BLOCKED),
    ErrorRow("NotAuthorizedException", "temporary password has expired", Decision.TEMPORARY_PASSWORD),
    ErrorRow("NotAuthorizedException", "account has expired", Decision.TEMPORARY_PASSWORD),
    ErrorRow("NotAuthorizedException", "", Decision.WRONG_PASSWORD),
    ErrorRow("UserNotFoundException", "", Decision.UNKNOWN_USER),
    ErrorRow("InvalidParameterException", "username should be", Decision.UNKNOWN_USER),
    ErrorRow("UserNotConfirmedException", "", Decision.UNCONFIRMED),
    ErrorRow("PasswordResetRequiredException", "", Decision.RESET_REQUIRED),
    *FAULT_ERRORS,
)

PROFILE_ERRORS: tuple[ErrorRow, ...] = (
    ErrorRow("UserNotFoundException", "", Decision.UNKNOWN_USER),
    *FAULT_ERRORS,
)

SECOND_FACTORS = frozenset({"SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE", "MFA_SETUP"})
"""The password was right; a second factor is open, or has to be set up."""

TEMPORARY = "NEW_PASSWORD_REQUIRED"
"""The password was right, and an administrator's: the person has to choose one."""

CHALLENGES: Mapping[str, Decision] = {
    **dict.fromkeys(SECOND_FACTORS, Decision.MFA_REFUSED),
    TEMPORARY: Decision.TEMPORARY_PASSWORD,
}
"""Why a challenge is refused; any other challenge proves nothing and is refused as `mfa_refused`."""

STATUSES: Mapping[str, Decision] = {
    "CONFIRMED": Decision.MIGRATED,
    "RESET_REQUIRED": Decision.RESET_REQUIRED,
    "FORCE_CHANGE_PASSWORD": Decision.TEMPORARY_PASSWORD,
    "EXTERNAL_PROVIDER": Decision.FEDERATED,
    "UNCONFIRMED": Decision.UNCONFIRMED,
    "COMPROMISED": Decision.RISK_BLOCKED,
    "ARCHIVED": Decision.DISABLED,
    "UNKNOWN": Decision.UNCONFIRMED,
}
"""What a profile's `UserStatus` allows; one that is not listed is refused as `unconfirmed`."""

PROVEN, UNPROVEN = "proven", "unproven"
COUNTS: Mapping[str, frozenset[str]] = {
    PROVEN: frozenset({"CONFIRMED"}),
    **dict.fromkeys(SECOND_FACTORS, frozenset({"CONFIRMED"})),
    TEMPORARY: frozenset({"FORCE_CHANGE_PASSWORD"}),
    UNPROVEN: frozenset({"CONFIRMED", "RESET_REQUIRED"}),
}
"""In which `UserStatus` it counts that all was proven, all but a challenge, or nothing."""


def decide_error(rows: Sequence[ErrorRow], code: str, message: str = "", http_status: int = 0) -> Decision:
    """The decision for an error reply. An unlisted error is a fault, told apart by its HTTP status."""
    text = message.lower()
    for row in rows:
        if row.code == code and row.phrase in text:
            return row.decision
    if http_status == 429:
        return Decision.OLD_POOL_THROTTLED
    return Decision.OLD_POOL_UNAVAILABLE if http_status >= 500 else Decision.MISCONFIGURED


def decide_challenge(name: str) -> Decision:
    """The decision for a challenge: never a yes, for nobody has answered it."""
    return CHALLENGES.get(name, Decision.MFA_REFUSED)


def counts(proof: str, status: str) -> bool:
    """Whether somebody in this state may come over by that proof; what is not in `COUNTS` says no."""
    return status in COUNTS.get(proof, frozenset())


def decide_status(status: str) -> Decision:
    """The decision for a profile's status; `migrated` where the status allows a proven password to count."""
    return STATUSES.get(status, Decision.UNCONFIRMED)
