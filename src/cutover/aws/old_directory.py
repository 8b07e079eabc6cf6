"""The old pool as the sign-up guard asks it: who is called this, and who has this e-mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cutover.aws.cognito_replies import AWS_ERRORS, failed, profile_of
from cutover.aws.pool_reads import user_of
from cutover.control.taken_names import PoolUser
from cutover.users.decision_table import PROFILE_ERRORS, Decision, ErrorRow, Stop, decide_error

PAGE = 60
"""Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html"""
_NAME_ERRORS = (
    ErrorRow("InvalidParameterException", "username should be", Decision.UNKNOWN_USER),
    *PROFILE_ERRORS,
)


class CognitoOldDirectory:
    """`client` makes one attempt a call."""

    def __init__(self, client: Any, pool_id: str) -> None:
        self._client = client
        self._pool_id = pool_id

    def named(self, name: str) -> PoolUser | None:
        try:
            profile = profile_of(self._client.admin_get_user(UserPoolId=self._pool_id, Username=name))
        except AWS_ERRORS as error:
            stop = _stop(error, _NAME_ERRORS)
            if stop.decision is Decision.UNKNOWN_USER:
                return None
            raise stop from None
        return PoolUser(profile.username, profile.sub, profile.status, profile.attributes, profile.created_at)

    def having(self, attribute: str, value: str) -> Iterator[Sequence[PoolUser]]:
        """A page may be short or empty and still not be the last: only a missing token ends the listing."""
        request = {"UserPoolId": self._pool_id, "Filter": f'{attribute} = "{_quoted(value)}"', "Limit": PAGE}
        while True:
            try:
                reply = self._client.list_users(**request)
            except AWS_ERRORS as error:
                raise _stop(error, PROFILE_ERRORS) from None
            yield [user_of(row) for row in reply.get("Users", ())]
            if not reply.get("PaginationToken"):
                return
            request["PaginationToken"] = reply["PaginationToken"]


def _quoted(value: str) -> str:
    """Inside a filter's quotation marks, so that a value can neither end them nor begin another filter.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
    """
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _stop(error: BaseException, rows: Sequence[ErrorRow]) -> Stop:
    fault = failed(error)
    return Stop(decide_error(rows, fault.code, fault.message, fault.http_status), f"old pool {fault.code}")
