"""UpdateTerminationProtection, which moto does not have, on moto's own stacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import Mock
from urllib.parse import parse_qs

from botocore.handlers import BUILTIN_HANDLERS
from moto.cloudformation.models import cloudformation_backends


def _switch(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]] | None:
    """None (the call goes on) for another AWS than moto's."""
    if "amazonaws.com" not in params["url"]:
        return None
    body = params["body"]
    asked = body if isinstance(body, dict) else {key: value[0] for key, value in parse_qs(body).items()}
    wanted = str(asked["EnableTerminationProtection"]).lower() == "true"
    for account in cloudformation_backends.values():
        for region in account.values():
            for stack in region.stacks.values():
                if asked["StackName"] in (stack.name, stack.stack_id):
                    stack.enable_termination_protection = wanted
    return Mock(status_code=200), {}


@contextmanager
def termination_protection() -> Iterator[None]:
    """For the sessions that are made while it lasts."""
    handler = ("before-call.cloudformation.UpdateTerminationProtection", _switch)
    BUILTIN_HANDLERS.append(handler)
    try:
        yield
    finally:
        BUILTIN_HANDLERS.remove(handler)
