"""The body of a reply as it came, and what of it the installed SDK does not know.

The SDK's parser drops what its model has no name for, without a word. A setting that was dropped from a
description would be missing from the update that is made of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_LAST = "before-parse.{service}.{operation}"


class RawReplies:
    """Keeps the newest body of one operation of one client; other clients are not touched."""

    def __init__(self, client: Any, operation: str) -> None:
        self._body: bytes = b""
        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register(_LAST.format(service=service, operation=operation), self._keep)

    def newest(self) -> Any:
        """The newest body, parsed as plain JSON."""
        return json.loads(self._body)

    def _keep(self, response_dict: Mapping[str, Any], **_: Any) -> None:
        self._body = response_dict["body"]


def unknown_keys(value: Any, shape: Any, path: str = "") -> Iterator[str]:
    """The dotted paths in `value` (plain JSON) that `shape` (a botocore shape) has no member for."""
    if shape.type_name == "structure" and isinstance(value, Mapping):
        for name, inner in value.items():
            below = f"{path}.{name}" if path else name
            if name in shape.members:
                yield from unknown_keys(inner, shape.members[name], below)
            else:
                yield below
    elif shape.type_name == "list" and isinstance(value, list):
        for inner in value:
            yield from unknown_keys(inner, shape.member, f"{path}[]")
    elif shape.type_name == "map" and isinstance(value, Mapping):
        for name, inner in value.items():
            yield from unknown_keys(inner, shape.value, f"{path}.{name}")
