"""What an export reads: both pools in parts, the ledger's word on each user, second factors on request."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.client_rights import ClientRights
from cutover.aws.cognito_replies import profile_of, rules_of
from cutover.aws.dynamo_table import DynamoTable
from cutover.aws.faults import error_code
from cutover.aws.paced_calls import PacedCalls
from cutover.tables.items import key_id
from cutover.users.attributes import Admit
from cutover.users.import_rows import ImportPool
from cutover.users.ledger_rows import UserRow, new_sub_key, read_user_row, user_key
from cutover.users.ports import PoolRules, Profile
from cutover.users.write_rights import admissible

PAGE = 60
"""The most that ListUsers gives at once."""
_DIGITS = "0123456789abcdef"
MANY = 100_000


def parts_of(users: int) -> tuple[str, ...]:
    """Beginnings of a sub, each a part of a pool's listing; a part is what an interrupted export repeats."""
    if users < MANY:
        return tuple(_DIGITS)
    return tuple(first + second for first in _DIGITS for second in _DIGITS)


def pages(calls: PacedCalls, pool_id: str, part: str) -> Iterator[list[Profile]]:
    """The users whose sub begins with `part`, by pages, in no order.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
    """
    listing = calls.pages(
        "list_users",
        "Users",
        "PaginationToken",
        UserPoolId=pool_id,
        Limit=PAGE,
        Filter=f'sub ^= "{part}"',
    )
    users = (profile_of({**row, "UserAttributes": row.get("Attributes", ())}) for row in listing)
    while page := list(islice(users, PAGE)):
        yield page


def with_second_factors(calls: PacedCalls, pool_id: str, profile: Profile) -> Profile | None:
    """The profile as AdminGetUser shows it, the only call that tells of second factors; None where gone.

    Each call counts a monthly active user of that pool:
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUser.html
    """
    try:
        shown = profile_of(calls.read("admin_get_user", UserPoolId=pool_id, Username=profile.username))
    except ClientError as error:
        if error_code(error) == "UserNotFoundException":
            return None
        raise
    return replace(shown, created_at=profile.created_at)


def import_pool(calls: PacedCalls, pool_id: str) -> tuple[ImportPool, Mapping[str, Any]]:
    """What the new pool asks of a file, and its description."""
    found = calls.read("describe_user_pool", UserPoolId=pool_id)["UserPool"]
    header = calls.read("get_csv_header", UserPoolId=pool_id)["CSVHeader"]
    pool = ImportPool(
        header=tuple(header),
        rules=rules_of(found),
        mfa=found.get("MfaConfiguration") or "OFF",
        auto_verified=frozenset(found.get("AutoVerifiedAttributes") or ()),
    )
    return pool, found


def old_rules(calls: PacedCalls, pool_id: str) -> tuple[PoolRules, Mapping[str, Any]]:
    found = calls.read("describe_user_pool", UserPoolId=pool_id)["UserPool"]
    return rules_of(found), found


def admission(new_client: Any, new_pool: str, old_client: Any, old_pool: str) -> Admit:
    """The trigger's default rule: nothing that an old client may write and no new one may."""
    new = ClientRights(new_client, new_pool, clock=time.monotonic)
    old = ClientRights(old_client, old_pool, clock=time.monotonic)
    return lambda names: admissible(names, new.read, old.read)


class LedgerWord:
    """What the ledger says of many users at once. Raises TableFault."""

    def __init__(self, client: Any, table: str) -> None:
        self._table = DynamoTable(client, table, ("pk", "sk"))

    def rows(self, old_subs: Sequence[str]) -> dict[str, UserRow]:
        found = self._read(user_key(sub) for sub in old_subs)
        rows = (read_user_row(item) for item in found)
        return {row.old_sub: row for row in rows}

    def old_subs(self, new_subs: Iterable[str]) -> dict[str, str]:
        """New sub -> old sub, of those who came over by this migration."""
        found = self._read(new_sub_key(sub) for sub in new_subs)
        return {item["pk"]["S"].removeprefix("newsub#"): item["old_sub"]["S"] for item in found}

    def _read(self, keys: Iterable[dict[str, dict[str, str]]]) -> list[Mapping[str, Any]]:
        wanted = {key_id(key): key for key in keys}
        return list(self._table.get(list(wanted.values())).values()) if wanted else []
