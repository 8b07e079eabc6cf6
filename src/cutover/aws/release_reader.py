"""What is known of one user in the old pool, the ledger and the new pool, before they are released."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.cognito_replies import profile_of
from cutover.aws.faults import error_code
from cutover.aws.user_ledger import UserLedger
from cutover.control.release_plan import NewUser, ReleaseFacts
from cutover.errors import CutoverError
from cutover.users.ports import Profile
from cutover.users.schema import CONTACTS


class NoSuchUser(CutoverError):
    """The old pool has no user of that name."""


def read_release(
    pool_id: str, new: Any, ledger: UserLedger, *, old_sub: str, profile: Profile | None
) -> ReleaseFacts:
    """`new` is a client of the new pool's Region; `profile` the old user, where the old pool was asked."""
    row = ledger.row(old_sub)
    named = list(_names(row.target_name if row else "", profile))
    found = list(_by_sub(new, pool_id, row.new_sub)) if row and row.new_sub else []
    found += [user for by, name in named for user in _by_name(new, pool_id, by, name)]
    verified = None if profile is None else any(profile.verified(contact) for contact in CONTACTS)
    return ReleaseFacts(pool_id, old_sub, row, tuple(dict.fromkeys(found)), verified)


def old_profile(old: Any, pool_id: str, name: str) -> Profile:
    """Raises NoSuchUser. AdminGetUser finds a user by name, by alias and by sub."""
    found = _get_user(old, pool_id, name)
    if found is None or not found.sub:
        raise NoSuchUser(
            "the old pool has no such user",
            cause=f"{pool_id} knows nobody by that name, alias or sub",
            fix="write the name as the old pool has it, or give the old sub with --old-sub",
        )
    return found


def _names(target: str, profile: Profile | None) -> Iterator[tuple[str, str]]:
    if target:
        yield "name", target
    if profile is not None:
        yield "name", profile.username
        yield from ((kind, profile.attributes[kind]) for kind in CONTACTS if profile.attributes.get(kind))


def _by_name(client: Any, pool_id: str, by: str, name: str) -> Iterator[NewUser]:
    found = _get_user(client, pool_id, name)
    if found is not None:
        yield NewUser(found.sub, found.status, by)


def _by_sub(client: Any, pool_id: str, sub: str) -> Iterator[NewUser]:
    """The name may have changed since; the sub never does.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html
    """
    listed = client.list_users(UserPoolId=pool_id, Filter=f'sub = "{sub}"', Limit=1)
    for user in listed["Users"]:
        yield NewUser(sub, user.get("UserStatus", ""), "sub")


def _get_user(client: Any, pool_id: str, name: str) -> Profile | None:
    try:
        return profile_of(client.admin_get_user(UserPoolId=pool_id, Username=name))
    except ClientError as error:
        if error_code(error) != "UserNotFoundException":
            raise
    return None
