"""UpdateUserPool and DescribeUserPool as the installed SDK's own model has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cutover.aws.raw_reply import unknown_keys
from cutover.control.pool_ports import SettingsModel
from cutover.control.pool_settings import NOT_CARRIED


def settings_model(client: Any) -> SettingsModel:
    """What is carried over: every input of the update that a description has too."""
    shape = _update(client)
    inputs = frozenset(shape.members) & frozenset(_pool(client).members)
    never_empty = frozenset(
        path for name in inputs for path in _never_empty(name, shape.members[name]) if path != "LambdaConfig"
    )
    return SettingsModel(inputs, never_empty)


def not_carriable(client: Any, raw_pool: Any) -> list[str]:
    """The paths of a raw description that an update of ours would lose: keys that the SDK does not know,
    at any depth, and settings that are neither an input of the update nor known not to be one.

    What GetUserPoolMfaConfig owns is left aside: SetUserPoolMfaConfig alone sets it, and it is compared by
    its own reply. Some emulators show it in the description too.
    """
    raw_pool = {name: value for name, value in raw_pool.items() if name not in _second_factors(client)}
    pool, update = _pool(client), _update(client)
    strangers = set(unknown_keys(raw_pool, pool))
    known = update.members.keys() | NOT_CARRIED
    unplaced = {name for name in raw_pool if name not in known}
    lost_on_the_way = {
        path
        for name in raw_pool.keys() & update.members.keys()
        for path in unknown_keys(raw_pool[name], update.members[name], name)
    }
    return sorted(strangers | unplaced | lost_on_the_way)


def _pool(client: Any) -> Any:
    return client.meta.service_model.operation_model("DescribeUserPool").output_shape.members["UserPool"]


def _update(client: Any) -> Any:
    return client.meta.service_model.operation_model("UpdateUserPool").input_shape


def _second_factors(client: Any) -> set[str]:
    owned = client.meta.service_model.operation_model("GetUserPoolMfaConfig").output_shape.members
    return set(owned) - set(_pool(client).members)


def _never_empty(path: str, shape: Any) -> Iterator[str]:
    """An empty structure either lacks what it requires or switches its feature on."""
    if shape.type_name == "structure":
        yield path
        for name, member in shape.members.items():
            yield from _never_empty(f"{path}.{name}", member)
    elif shape.metadata.get("min", 0) > 0 and shape.type_name in ("list", "string"):
        yield path
