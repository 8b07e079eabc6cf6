"""Groups of both pools: who is in them there, and what is made of them here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cutover.aws.cognito_replies import AWS_ERRORS, our_fault
from cutover.aws.faults import error_code
from cutover.users.group_ports import Creation, Group

PAGE = 60
"""The most that AdminListGroupsForUser gives at once."""


class OldPoolGroups:
    """`client` makes one attempt a call, through the role of the old pool's account where there is one."""

    def __init__(self, client: Any, pool_id: str) -> None:
        self._client = client
        self._pool_id = pool_id

    def of(self, old_sub: str) -> Sequence[Group]:
        """Asked for by the sub, which never belongs to another user. The listing holds whole definitions.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminListGroupsForUser.html
        """
        found: list[Group] = []
        more: dict[str, str] = {}
        while True:
            try:
                page = self._client.admin_list_groups_for_user(
                    UserPoolId=self._pool_id, Username=old_sub, Limit=PAGE, **more
                )
            except AWS_ERRORS as error:
                if error_code(error) == "UserNotFoundException":
                    return ()
                raise our_fault("old pool's groups", error) from None
            found += [_group(row) for row in page.get("Groups") or ()]
            if not page.get("NextToken"):
                return found
            more = {"NextToken": page["NextToken"]}


class NewPoolGroups:
    """`client` makes one attempt a call."""

    def __init__(self, client: Any, pool_id: str) -> None:
        self._client = client
        self._pool_id = pool_id

    def group(self, name: str) -> Group | None:
        try:
            return _group(self._client.get_group(UserPoolId=self._pool_id, GroupName=name)["Group"])
        except AWS_ERRORS as error:
            if error_code(error) != "ResourceNotFoundException":
                raise our_fault("new pool's groups", error) from None
        return None

    def create(self, group: Group) -> Creation:
        fields: dict[str, Any] = {
            "Description": group.description or None,
            "Precedence": group.precedence,
            "RoleArn": group.role_arn or None,
        }
        given = {name: value for name, value in fields.items() if value is not None}
        try:
            self._client.create_group(UserPoolId=self._pool_id, GroupName=group.name, **given)
        except AWS_ERRORS as error:
            code = error_code(error)
            if code == "GroupExistsException":
                return Creation.EXISTS
            if code == "AccessDeniedException" and group.role_arn:
                return Creation.ROLE_REFUSED
            raise our_fault("new pool's groups", error) from None
        return Creation.MADE

    def join(self, new_sub: str, name: str) -> bool:
        try:
            self._client.admin_add_user_to_group(UserPoolId=self._pool_id, Username=new_sub, GroupName=name)
        except AWS_ERRORS as error:
            if error_code(error) != "ResourceNotFoundException":
                raise our_fault("new pool's groups", error) from None
            return False
        return True


def _group(row: Mapping[str, Any]) -> Group:
    created = row.get("CreationDate")
    return Group(
        name=row["GroupName"],
        description=row.get("Description") or "",
        precedence=row.get("Precedence"),
        role_arn=row.get("RoleArn") or "",
        created_at=created.timestamp() if created else 0.0,
    )
