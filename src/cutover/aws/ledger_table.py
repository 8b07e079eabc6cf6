"""The ledger as plain rows: written whole, removed, queried; anything that fails is a TableFault.

Writing a row twice does no harm to those who use this, so a lost reply is a fault like any other: try again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cutover.aws.dynamo_table import DynamoTable
from cutover.aws.faults import error_code
from cutover.aws.table_faults import AWS_ERRORS
from cutover.tables.items import key_id
from cutover.tables.ports import Item, Key, TableFault


class LedgerTable:
    """`client` may make several attempts."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self.name = client, name
        self._table = DynamoTable(client, name, ("pk", "sk"))

    def row(self, key: Key) -> Item | None:
        """Read consistently."""
        return self._table.get([key]).get(key_id(key))

    def rows_of(self, keys: Sequence[Key]) -> list[Item]:
        """The rows there are of so many keys, in no order, read consistently."""
        return list(self._table.get(keys).values())

    def rows(self, pk: str, prefix: str) -> Iterator[Item]:
        """The rows of `pk` whose sk begins with `prefix`, in the order of their sk, read consistently."""
        start: dict[str, Any] = {}
        while True:
            reply = self._call(
                "query",
                KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
                ExpressionAttributeValues={":pk": {"S": pk}, ":prefix": {"S": prefix}},
                ConsistentRead=True,
                **start,
            )
            yield from reply["Items"]
            if not reply.get("LastEvaluatedKey"):
                return
            start = {"ExclusiveStartKey": reply["LastEvaluatedKey"]}

    def write(self, puts: Sequence[Item] = (), deletes: Sequence[Key] = ()) -> None:
        """Done when it returns."""
        outcome = self._table.write(puts, deletes)
        if outcome.rejected:
            raise TableFault(self.name, f"a row was refused: {outcome.rejected[0][2]}")
        if outcome.ambiguous or outcome.unprocessed:
            raise TableFault(self.name, "a write is not known to be done")

    def put_if(self, row: Item, condition: str, values: Mapping[str, Any]) -> bool:
        """Puts `row` where `condition` holds; False where it does not."""
        return self._conditional("put_item", condition, values, Item=row)

    def delete_if(self, key: Key, condition: str, values: Mapping[str, Any]) -> bool:
        return self._conditional("delete_item", condition, values, Key=key)

    def update_if(
        self, key: Key, update: str, condition: str, values: Mapping[str, Any], names: Mapping[str, str]
    ) -> Item | None:
        """Updates the row where `condition` holds: the row as it is then, None where it does not hold."""
        try:
            reply = self._call(
                "update_item",
                Key=key,
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=dict(values),
                ReturnValues="ALL_NEW",
                **({"ExpressionAttributeNames": dict(names)} if names else {}),
            )
        except TableFault as fault:
            if fault.reason == "ConditionalCheckFailedException":
                return None
            raise
        row: Item = reply["Attributes"]
        return row

    def _conditional(
        self, operation: str, condition: str, values: Mapping[str, Any], **parameters: Any
    ) -> bool:
        given = {"ExpressionAttributeValues": dict(values)} if values else {}
        try:
            self._call(operation, ConditionExpression=condition, **given, **parameters)
        except TableFault as fault:
            if fault.reason == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        try:
            reply: dict[str, Any] = getattr(self._client, operation)(TableName=self.name, **parameters)
        except AWS_ERRORS as error:
            raise TableFault(self.name, error_code(error)) from error
        return reply
