"""One test a row of the decision table, and a look at AWS's own model for rows that are missing."""

from __future__ import annotations

import pytest
from botocore.session import get_session

from cutover.users.decision_table import (
    CHALLENGES,
    FAULT_ERRORS,
    PROFILE_ERRORS,
    PROVEN,
    SECOND_FACTORS,
    SIGN_IN_ERRORS,
    STATUSES,
    TEMPORARY,
    UNPROVEN,
    Decision,
    counts,
    decide_challenge,
    decide_error,
    decide_status,
)

THROTTLED, UNAVAILABLE = Decision.OLD_POOL_THROTTLED, Decision.OLD_POOL_UNAVAILABLE
MISCONFIGURED = Decision.MISCONFIGURED

SIGN_IN = [
    ("NotAuthorizedException", "Incorrect username or password.", Decision.WRONG_PASSWORD),
    ("NotAuthorizedException", "A wording that nobody has seen yet", Decision.WRONG_PASSWORD),
    ("NotAuthorizedException", "", Decision.WRONG_PASSWORD),
    ("NotAuthorizedException", "User is disabled.", Decision.DISABLED),
    ("NotAuthorizedException", "Password attempts exceeded", Decision.RISK_BLOCKED),
    ("NotAuthorizedException", "Unable to login because of security reasons", Decision.RISK_BLOCKED),
    (
        "NotAuthorizedException",
        "Temporary password has expired and must be reset by an administrator.",
        Decision.TEMPORARY_PASSWORD,
    ),
    (
        "NotAuthorizedException",
        "User account has expired, it must be reset by an administrator.",
        Decision.TEMPORARY_PASSWORD,
    ),
    (
        "NotAuthorizedException",
        "Client c is configured for secret but secret was not received",
        MISCONFIGURED,
    ),
    (
        "NotAuthorizedException",
        "Client c is configured with secret but SECRET_HASH was not received",
        MISCONFIGURED,
    ),
    ("NotAuthorizedException", "Unable to verify secret hash for client c", MISCONFIGURED),
    ("NotAuthorizedException", "SecretHash does not match for the client: c", MISCONFIGURED),
    ("UserNotFoundException", "User does not exist.", Decision.UNKNOWN_USER),
    ("InvalidParameterException", "Username should be an email.", Decision.UNKNOWN_USER),
    ("UserNotConfirmedException", "User is not confirmed.", Decision.UNCONFIRMED),
    ("PasswordResetRequiredException", "Password reset required for the user", Decision.RESET_REQUIRED),
    ("TooManyRequestsException", "Rate exceeded", THROTTLED),
    ("LimitExceededException", "Attempt limit exceeded, please try after some time.", THROTTLED),
    ("ThrottlingException", "Rate exceeded", THROTTLED),
    ("Throttling", "Rate exceeded", THROTTLED),
    ("InternalErrorException", "Something went wrong", UNAVAILABLE),
    ("ConnectTimeoutError", "", UNAVAILABLE),
    ("ReadTimeoutError", "", UNAVAILABLE),
    ("EndpointConnectionError", "", UNAVAILABLE),
    ("ConnectionClosedError", "", UNAVAILABLE),
    ("ProxyConnectionError", "", UNAVAILABLE),
    ("HTTPClientError", "", UNAVAILABLE),
    ("SSLError", "", UNAVAILABLE),
    ("IncompleteReadError", "", UNAVAILABLE),
    ("ResponseParserError", "", UNAVAILABLE),
    ("ResourceNotFoundException", "User pool client c does not exist.", MISCONFIGURED),
    ("InvalidParameterException", "Auth flow not enabled for this client", MISCONFIGURED),
    ("UnsupportedOperationException", "", MISCONFIGURED),
    ("OperationNotEnabledException", "", MISCONFIGURED),
    ("FeatureUnavailableInTierException", "", MISCONFIGURED),
    ("InvalidUserPoolConfigurationException", "", MISCONFIGURED),
    ("UnexpectedLambdaException", "PreAuthentication invocation failed", MISCONFIGURED),
    ("UserLambdaValidationException", "PreAuthentication failed with error no", MISCONFIGURED),
    ("InvalidLambdaResponseException", "Unrecognizable lambda output", MISCONFIGURED),
    ("MFAMethodNotFoundException", "", MISCONFIGURED),
    ("InvalidSmsRoleAccessPolicyException", "", MISCONFIGURED),
    ("InvalidSmsRoleTrustRelationshipException", "", MISCONFIGURED),
    ("InvalidEmailRoleAccessPolicyException", "", MISCONFIGURED),
]


@pytest.mark.parametrize(("code", "message", "decision"), SIGN_IN)
def test_an_error_of_the_sign_in(code: str, message: str, decision: Decision) -> None:
    assert decide_error(SIGN_IN_ERRORS, code, message, 400) is decision


def test_every_row_has_its_test() -> None:
    tested = {
        next(row for row in SIGN_IN_ERRORS if row.code == code and row.phrase in message.lower())
        for code, message, _ in SIGN_IN
    }
    assert tested == set(SIGN_IN_ERRORS)


@pytest.mark.parametrize("operation", ["AdminInitiateAuth", "AdminGetUser"])
def test_every_error_that_the_sdk_declares_stands_in_the_table(operation: str) -> None:
    model = get_session().get_service_model("cognito-idp").operation_model(operation)
    rows = SIGN_IN_ERRORS if operation == "AdminInitiateAuth" else PROFILE_ERRORS
    left = {shape.name for shape in model.error_shapes} - {row.code for row in rows}
    assert left <= {"NotAuthorizedException"}


@pytest.mark.parametrize(
    ("code", "status", "decision"),
    [
        ("AccessDeniedException", 400, MISCONFIGURED),
        ("ExpiredTokenException", 400, MISCONFIGURED),
        ("UnrecognizedClientException", 400, MISCONFIGURED),
        ("NoCredentialsError", 0, MISCONFIGURED),
        ("SomethingNew", 429, THROTTLED),
        ("ServiceUnavailable", 503, UNAVAILABLE),
        ("502", 502, UNAVAILABLE),
        ("InternalFailure", 500, UNAVAILABLE),
    ],
)
def test_an_unlisted_error_is_a_fault_told_apart_by_its_status(
    code: str, status: int, decision: Decision
) -> None:
    assert decide_error(SIGN_IN_ERRORS, code, "", status) is decision


def test_a_profile_read_that_is_not_authorized_is_no_wrong_password() -> None:
    assert decide_error(PROFILE_ERRORS, "NotAuthorizedException", "", 400) is MISCONFIGURED


@pytest.mark.parametrize("row", FAULT_ERRORS, ids=lambda row: row.code)
def test_a_fault_of_the_old_pool_never_counts_against_the_person(row: object) -> None:
    assert row.decision.is_fault  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "decision"),
    [
        ("SMS_MFA", Decision.MFA_REFUSED),
        ("EMAIL_OTP", Decision.MFA_REFUSED),
        ("SOFTWARE_TOKEN_MFA", Decision.MFA_REFUSED),
        ("SELECT_MFA_TYPE", Decision.MFA_REFUSED),
        ("MFA_SETUP", Decision.MFA_REFUSED),
        ("NEW_PASSWORD_REQUIRED", Decision.TEMPORARY_PASSWORD),
        ("CUSTOM_CHALLENGE", Decision.MFA_REFUSED),
        ("A_CHALLENGE_OF_NEXT_YEAR", Decision.MFA_REFUSED),
    ],
)
def test_a_challenge(name: str, decision: Decision) -> None:
    assert decide_challenge(name) is decision


def test_no_challenge_of_the_sdk_says_yes() -> None:
    names = get_session().get_service_model("cognito-idp").shape_for("ChallengeNameType").enum
    assert Decision.MIGRATED not in {decide_challenge(name) for name in names}
    assert set(CHALLENGES) <= set(names)


@pytest.mark.parametrize(
    ("status", "decision"),
    [
        ("CONFIRMED", Decision.MIGRATED),
        ("RESET_REQUIRED", Decision.RESET_REQUIRED),
        ("FORCE_CHANGE_PASSWORD", Decision.TEMPORARY_PASSWORD),
        ("EXTERNAL_PROVIDER", Decision.FEDERATED),
        ("UNCONFIRMED", Decision.UNCONFIRMED),
        ("COMPROMISED", Decision.RISK_BLOCKED),
        ("ARCHIVED", Decision.DISABLED),
        ("UNKNOWN", Decision.UNCONFIRMED),
        ("A_STATUS_OF_NEXT_YEAR", Decision.UNCONFIRMED),
        ("", Decision.UNCONFIRMED),
    ],
)
def test_a_status_of_a_profile(status: str, decision: Decision) -> None:
    assert decide_status(status) is decision


def test_every_status_of_the_sdk_stands_in_the_table() -> None:
    names = get_session().get_service_model("cognito-idp").shape_for("UserStatusType").enum
    assert set(names) == set(STATUSES)


@pytest.mark.parametrize("proof", [PROVEN, *sorted(SECOND_FACTORS)])
def test_a_password_counts_for_confirmed_users_alone(proof: str) -> None:
    assert [status for status in STATUSES if counts(proof, status)] == ["CONFIRMED"]


def test_a_temporary_password_counts_for_those_who_have_one() -> None:
    assert [status for status in STATUSES if counts(TEMPORARY, status)] == ["FORCE_CHANGE_PASSWORD"]


def test_without_a_proof_come_those_who_could_reset_their_password_in_the_old_pool() -> None:
    assert [status for status in STATUSES if counts(UNPROVEN, status)] == ["CONFIRMED", "RESET_REQUIRED"]


@pytest.mark.parametrize("proof", ["CUSTOM_CHALLENGE", "A_CHALLENGE_OF_NEXT_YEAR", ""])
def test_any_other_proof_counts_for_nobody(proof: str) -> None:
    assert not any(counts(proof, status) for status in STATUSES)
