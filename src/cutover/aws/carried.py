"""What an update of the installed SDK's own model can carry over of a description."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cutover.aws.raw_reply import unknown_keys
from cutover.control.pool_ports import SettingsModel


@dataclass(frozen=True)
class Carried:
    """The shapes of one update and of what is described. `not_carried` are members of the description that
    are known to be no input of the update."""

    update: Any
    described: Any
    not_carried: frozenset[str]

    @classmethod
    def of(cls, client: Any, update: str, describe: str, member: str, not_carried: frozenset[str]) -> Carried:
        model = client.meta.service_model
        described = model.operation_model(describe).output_shape.members[member]
        return cls(model.operation_model(update).input_shape, described, not_carried)

    def model(self) -> SettingsModel:
        """What is carried over: every input of the update that a description has too."""
        inputs = frozenset(self.update.members) & frozenset(self.described.members)
        never_empty = frozenset(
            path for name in inputs for path in _never_empty(name, self.update.members[name])
        )
        return SettingsModel(inputs, never_empty)

    def lost(self, raw: Any) -> list[str]:
        """The paths of a raw description that an update of ours would lose: keys that the SDK does not know,
        at any depth, and settings that are neither an input of the update nor known not to be one."""
        strangers = set(unknown_keys(raw, self.described))
        unplaced = {name for name in raw if name not in self.update.members.keys() | self.not_carried}
        lost_on_the_way = {
            path
            for name in raw.keys() & self.update.members.keys()
            for path in unknown_keys(raw[name], self.update.members[name], name)
        }
        return sorted(strangers | unplaced | lost_on_the_way)


def _never_empty(path: str, shape: Any) -> Iterator[str]:
    """An empty structure either lacks what it requires or switches its feature on."""
    if shape.type_name == "structure":
        yield path
        for name, member in shape.members.items():
            yield from _never_empty(f"{path}.{name}", member)
    elif shape.metadata.get("min", 0) > 0 and shape.type_name in ("list", "string"):
        yield path
