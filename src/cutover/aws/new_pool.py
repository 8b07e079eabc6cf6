"""The new pool: its rules, what its app clients may write, and a user of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cutover.aws.cached import Cached
from cutover.aws.client_rights import ClientRights
from cutover.aws.cognito_replies import AWS_ERRORS, failed, our_fault, profile_of, rules_of
from cutover.aws.old_pool import RULES_MAX_AGE
from cutover.users.ports import PoolRules, Profile
from cutover.users.write_rights import Rights


class CognitoNewPool:
    """`client` makes one attempt a call."""

    def __init__(self, client: Any, pool_id: str, *, clock: Callable[[], float]) -> None:
        self._client = client
        self._pool_id = pool_id
        self._rules = Cached(self._read_rules, max_age=RULES_MAX_AGE, clock=clock)
        self._rights = ClientRights(client, pool_id, clock=clock)

    def rules(self) -> PoolRules:
        return self._rules.get()

    def write_rights(self, first: str = "") -> Iterator[Rights]:
        return self._rights.read(first)

    def profile(self, name: str) -> Profile | None:
        try:
            return profile_of(self._client.admin_get_user(UserPoolId=self._pool_id, Username=name))
        except AWS_ERRORS as error:
            if failed(error).code != "UserNotFoundException":
                raise our_fault("new pool", error) from None
        return None

    def _read_rules(self) -> PoolRules:
        try:
            return rules_of(self._client.describe_user_pool(UserPoolId=self._pool_id)["UserPool"])
        except AWS_ERRORS as error:
            raise our_fault("new pool", error) from None
