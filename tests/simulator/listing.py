"""Lists and descriptions: `pages.LIST_USERS`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.simulator import schema
from tests.simulator.admin import shown
from tests.simulator.faults import parameter
from tests.simulator.pool import User

if TYPE_CHECKING:
    from tests.simulator.service import Simulator

PAGE = 60
_FILTER = re.compile(r'^"?([\w:]+)"?\s*(\^?=)\s*"(.*)"$')
_SEARCHABLE = {
    "username",
    "email",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "sub",
}


def list_users(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    """A filter names one attribute, no custom one, and is held against user names with their case. A page may
    be short, and a user who is younger than `Simulator.listing_lag` is not listed yet."""
    pool = sim.pool_of(asked)
    limit = asked.get("Limit", PAGE)
    young = sim.clock() - sim.listing_lag
    users = [user for user in pool.users if user.created <= young and _matches(user, asked.get("Filter"))]
    rows = [
        {**shown(user), "Attributes": schema.rows({"sub": user.sub, **user.attributes})} for user in users
    ]
    return sim.page("Users", rows, "PaginationToken", limit, asked)


def describe_user_pool(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    return {"UserPool": sim.pool_of(asked).description}


def describe_user_pool_client(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    _, client = sim.client_of(asked)
    return {"UserPoolClient": client}


def list_user_pool_clients(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool = sim.pool_of(asked)
    rows = [{"ClientId": name, "UserPoolId": pool.id, "ClientName": "c"} for name in pool.clients]
    return sim.page("UserPoolClients", rows, "NextToken", asked.get("MaxResults") or PAGE, asked)


def create_user_pool(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    return {"UserPool": sim.add_pool(**asked).description}


def create_user_pool_client(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    settings = {name: value for name, value in asked.items() if name != "UserPoolId"}
    return {"UserPoolClient": sim.add_client(sim.pool_of(asked), **settings)}


OPERATIONS = {
    "ListUsers": list_users,
    "DescribeUserPool": describe_user_pool,
    "DescribeUserPoolClient": describe_user_pool_client,
    "ListUserPoolClients": list_user_pool_clients,
    "CreateUserPool": create_user_pool,
    "CreateUserPoolClient": create_user_pool_client,
}


def _matches(user: User, text: str | None) -> bool:
    if not text:
        return True
    found = _FILTER.match(text.strip())
    if not found:
        raise parameter("Error while parsing filter.")
    name, operator, value = found.groups()
    value = re.sub(r"\\(.)", r"\1", value)
    if name == "cognito:user_status":
        held = user.status
    elif name == "status":
        held = "Enabled" if user.enabled else "Disabled"
    elif name in _SEARCHABLE:
        held = {"username": user.username, "sub": user.sub}.get(name, user.attributes.get(name, ""))
    else:
        raise parameter(f"Cannot list users by {name}.")
    return bool(held) and (held == value or (operator == "^=" and held.startswith(value)))
