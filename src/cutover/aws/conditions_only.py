"""A DynamoDB client for looking only: of a write it checks the condition, and nothing is written.

The very conditions of the real writes decide, so that what is foretold is what would happen. Every call but
those below is missing on purpose.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConditionCheck.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

_ANYTHING = "attribute_exists(pk) OR attribute_not_exists(pk)"
_PLACEHOLDER = re.compile(r"[#:]\w+")


class ConditionsOnly:
    def __init__(self, client: Any) -> None:
        self._client = client

    def get_item(self, **parameters: Any) -> Any:
        return self._client.get_item(**parameters)

    def update_item(self, **write: Any) -> Any:
        """Fails as the update would, and writes nothing."""
        try:
            return self._client.transact_write_items(TransactItems=[{"ConditionCheck": _check(write)}])
        except ClientError as error:
            codes = [reason.get("Code") for reason in error.response.get("CancellationReasons") or ()]
            if "ConditionalCheckFailed" not in codes:
                raise
            told: Any = {"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}
            raise ClientError(told, "UpdateItem") from None

    def transact_write_items(self, *, TransactItems: Sequence[Mapping[str, Any]]) -> Any:  # noqa: N803
        """Fails as the transaction would, item by item, and writes nothing."""
        checks = [_check(write) for item in TransactItems for write in item.values()]
        return self._client.transact_write_items(TransactItems=[{"ConditionCheck": one} for one in checks])


def _check(write: Mapping[str, Any]) -> dict[str, Any]:
    condition = write.get("ConditionExpression", _ANYTHING)
    named = set(_PLACEHOLDER.findall(condition))
    found = {
        "TableName": write["TableName"],
        "Key": write.get("Key") or {name: write["Item"][name] for name in ("pk", "sk")},
        "ConditionExpression": condition,
        "ReturnValuesOnConditionCheckFailure": write.get("ReturnValuesOnConditionCheckFailure"),
        "ExpressionAttributeNames": _only(write.get("ExpressionAttributeNames"), named),
        "ExpressionAttributeValues": _only(write.get("ExpressionAttributeValues"), named),
    }
    return {name: value for name, value in found.items() if value}


def _only(placeholders: Mapping[str, Any] | None, named: set[str]) -> dict[str, Any]:
    """DynamoDB refuses a placeholder that no expression uses."""
    return {name: value for name, value in (placeholders or {}).items() if name in named}
