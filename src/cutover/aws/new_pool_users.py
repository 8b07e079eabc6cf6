"""Users of the new pool, disabled, enabled and deleted by their sub; who is not there is passed over."""

from __future__ import annotations

from typing import Any

from cutover.aws.cognito_replies import AWS_ERRORS, our_fault
from cutover.aws.faults import error_code


class NewPoolUsers:
    """`client` makes one attempt a call."""

    def __init__(self, client: Any, pool_id: str) -> None:
        self._client = client
        self._pool_id = pool_id

    def disable(self, sub: str) -> None:
        self._call("admin_disable_user", sub)

    def enable(self, sub: str) -> None:
        self._call("admin_enable_user", sub)

    def delete(self, sub: str) -> None:
        self._call("admin_delete_user", sub)

    def _call(self, operation: str, sub: str) -> None:
        try:
            getattr(self._client, operation)(UserPoolId=self._pool_id, Username=sub)
        except AWS_ERRORS as error:
            if error_code(error) != "UserNotFoundException":
                raise our_fault("new pool's users", error) from None
