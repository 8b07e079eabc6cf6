"""Items between Python and the wire, without the SDK's walk through every attribute value.

The SDK goes through a request and a reply shape by shape, value by value: more work than all else that is
done to an item together, and a small Lambda function has little processor to do it with. What travels is JSON
in which binary alone is not what Python holds (base64 text), so one pass of the JSON library is enough:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html

Only the events of a client are used (https://docs.aws.amazon.com/boto3/latest/guide/events.html): where an
SDK raised none of them, it would do its own, slower work, and what is sent and read would be the same.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.parsers import ResponseParserError

from cutover.tables.items import MalformedItem

_REQUESTS = {"BatchWriteItem": "RequestItems"}
_REPLIES = {
    "BatchGetItem": "Responses",
    "BatchWriteItem": "",
    "DeleteItem": "Attributes",
    "PutItem": "Attributes",
    "Scan": "Items",
}
"""The member that holds items; the few that a write left over are the SDK's to read."""
_HELD = "cutover_items"


def short_cut(client: Any) -> Any:
    """The client, whose writes, BatchGetItem and Scan carry items past the SDK's own walk.

    It must have been made without parameter validation, which would miss the items that are held back.
    """
    events = client.meta.events
    for operation, member in _REQUESTS.items():
        events.register(f"before-parameter-build.dynamodb.{operation}", _hold(member))
        events.register(f"before-call.dynamodb.{operation}", _send(member))
    for operation, member in _REPLIES.items():
        events.register(f"before-parse.dynamodb.{operation}", _receive(member))
    return client


def encode(value: Any) -> bytes:
    """JSON as DynamoDB takes it. Raises MalformedItem for what no attribute value holds."""
    return json.dumps(value, default=_plain, separators=(",", ":"), allow_nan=False).encode()


def decode(body: bytes) -> dict[str, Any]:
    """What the SDK would have made of DynamoDB's JSON. Raises ValueError for anything else."""
    reply = json.loads(body, object_hook=_typed)
    if not isinstance(reply, dict):
        raise ValueError("a reply is an object")  # noqa: TRY004 - as the JSON library's own errors
    return reply


def _hold(member: str) -> Callable[..., None]:
    """The tables' names stay: the SDK may derive the endpoint from them."""

    def before_build(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context[_HELD] = params[member]
        params[member] = {address: [] for address in params[member]}

    return before_build


def _send(member: str) -> Callable[..., None]:
    def before_call(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        params["body"] = encode({**json.loads(params["body"]), member: context[_HELD]})

    return before_call


def _receive(member: str) -> Callable[..., None]:
    """Takes the items out of the reply and leaves the SDK the rest; a refusal stays as it is.

    The SDK reads a reply that is no JSON as one that holds nothing: no items, nothing left unprocessed. Here
    it is a reply that was lost.
    """

    def before_parse(
        response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
    ) -> None:
        if response_dict["status_code"] != 200:
            return
        try:
            reply = decode(response_dict["body"])
        except ValueError as error:
            raise ResponseParserError("the reply of a table is no JSON of DynamoDB's") from error
        if member in reply:
            customized_response_dict[member] = reply.pop(member)
            response_dict["body"] = encode(reply)

    return before_parse


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return list(value)
    raise MalformedItem(f"an attribute value holds a {type(value).__name__}")


def _typed(node: dict[str, Any]) -> dict[str, Any]:
    """Binary back to bytes. An attribute or a table that is itself called B or BS holds no text."""
    if len(node) == 1:
        if isinstance(content := node.get("B"), str):
            return {"B": base64.b64decode(content)}
        if isinstance(content := node.get("BS"), list) and all(isinstance(member, str) for member in content):
            return {"BS": [base64.b64decode(member) for member in content]}
    return node
