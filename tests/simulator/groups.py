"""Groups and who is in them: `pages.GROUPS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulator.faults import AwsError, nobody
from tests.simulator.pool import Pool, User

if TYPE_CHECKING:
    from tests.simulator.service import Simulator

PAGE = 60


def create_group(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool = sim.pool_of(asked)
    if asked["GroupName"] in pool.groups:
        raise AwsError("GroupExistsException", "A group with the name already exists.")
    pool.groups[asked["GroupName"]] = {**asked, "CreationDate": sim.clock(), "LastModifiedDate": sim.clock()}
    return {"Group": pool.groups[asked["GroupName"]]}


def get_group(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool = sim.pool_of(asked)
    _exists(pool, asked["GroupName"])
    return {"Group": pool.groups[asked["GroupName"]]}


def list_groups(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool = sim.pool_of(asked)
    return sim.page("Groups", list(pool.groups.values()), "NextToken", asked.get("Limit") or PAGE, asked)


def admin_add_user_to_group(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool, user = _both(sim, asked)
    _exists(pool, asked["GroupName"])
    user.groups.add(asked["GroupName"])
    return {}


def admin_remove_user_from_group(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    _, user = _both(sim, asked)
    user.groups.discard(asked["GroupName"])
    return {}


def admin_list_groups_for_user(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool, user = _both(sim, asked)
    held = [pool.groups[name] for name in sorted(user.groups) if name in pool.groups]
    return sim.page("Groups", held, "NextToken", asked.get("Limit") or PAGE, asked)


OPERATIONS = {
    "CreateGroup": create_group,
    "GetGroup": get_group,
    "ListGroups": list_groups,
    "AdminAddUserToGroup": admin_add_user_to_group,
    "AdminRemoveUserFromGroup": admin_remove_user_from_group,
    "AdminListGroupsForUser": admin_list_groups_for_user,
}


def _exists(pool: Pool, name: str) -> None:
    if name not in pool.groups:
        raise AwsError("ResourceNotFoundException", "Group not found.")


def _both(sim: Simulator, asked: dict[str, Any]) -> tuple[Pool, User]:
    pool = sim.pool_of(asked)
    user = pool.find(pool.fold(asked["Username"]))
    if user is None:
        raise nobody()
    return pool, user
