"""What attach looks at beside the pool itself: its app clients, identity providers and users."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.faults import error_code
from cutover.aws.paced_calls import PacedCalls
from cutover.control.pool_ports import AppClient
from cutover.control.taken_names import PoolUser
from cutover.errors import AwsUnavailable

_DESCRIBE = "describe_user_pool_client"
PAGE = 60
"""The most that these listings give at once."""


def app_clients(calls: PacedCalls, pool_id: str) -> tuple[AppClient, ...]:
    """Every app client but for its secret, described one by one: the listing holds names only."""
    listing = calls.pages(
        "list_user_pool_clients", "UserPoolClients", "NextToken", UserPoolId=pool_id, MaxResults=PAGE
    )
    return tuple(
        AppClient(_without_secret(calls.read(_DESCRIBE, UserPoolId=pool_id, ClientId=row["ClientId"])))
        for row in listing
    )


def _without_secret(reply: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reply["UserPoolClient"].items() if name != "ClientSecret"}


def attribute_mappings(calls: PacedCalls, pool_id: str) -> dict[str, Mapping[str, str]]:
    """By identity provider: which attribute of the pool takes which of the provider's."""
    listing = calls.pages(
        "list_identity_providers", "Providers", "NextToken", UserPoolId=pool_id, MaxResults=PAGE
    )
    return {
        row["ProviderName"]: calls.read(
            "describe_identity_provider", UserPoolId=pool_id, ProviderName=row["ProviderName"]
        )["IdentityProvider"].get("AttributeMapping", {})
        for row in listing
    }


def users(calls: PacedCalls, pool_id: str) -> Iterator[PoolUser]:
    """Every user, in no order, as the listing (eventually consistent) shows them."""
    for row in calls.pages("list_users", "Users", "PaginationToken", UserPoolId=pool_id, Limit=PAGE):
        yield user_of(row)


def user_of(row: Mapping[str, Any]) -> PoolUser:
    """The user of a row of ListUsers."""
    attributes = {entry["Name"]: entry.get("Value", "") for entry in row.get("Attributes", ())}
    created = row["UserCreateDate"].timestamp() if "UserCreateDate" in row else 0.0
    return PoolUser(
        row["Username"], attributes.get("sub", ""), row.get("UserStatus", ""), attributes, created
    )


def old_users(calls: PacedCalls, pool_id: str) -> Iterator[PoolUser]:
    """As `users`. Raises AwsUnavailable, with the way out, where the caller may not list the old pool."""
    try:
        yield from users(calls, pool_id)
    except ClientError as error:
        if not error_code(error).startswith("AccessDenied"):
            raise
        raise AwsUnavailable(
            f"the users of the old pool {pool_id} cannot be listed",
            cause=f"{error.operation_name}: {error_code(error)}",
            fix="name a profile that may call cognito-idp:ListUsers there with --old-profile; where only the "
            "comparison needs them, --skip-name-check does without",
        ) from error
