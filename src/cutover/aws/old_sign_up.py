"""Whether people may still sign themselves up in the old pool."""

from __future__ import annotations

from cutover.aws.cognito_replies import AWS_ERRORS
from cutover.aws.faults import error_code
from cutover.aws.paced_calls import PacedCalls
from cutover.control.takeover_checks import OldSignUp


def old_sign_up(calls: PacedCalls, pool_id: str) -> OldSignUp:
    """By the old pool's own description; unknown where it is refused or cannot be reached.

    A pool that says nothing lets people sign up:
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUserConfigType.html
    """
    try:
        pool = calls.read("describe_user_pool", UserPoolId=pool_id)["UserPool"]
    except AWS_ERRORS as error:
        return OldSignUp(None, error_code(error))
    return OldSignUp(not (pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly", False))
