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
        for page in self.pages(pk, prefix):
            yield from page

    def pages(
        self, pk: str, prefix: str = "", *, after: Key | None = None, limit: int | None = None
    ) -> Iterator[list[Item]]:
        """The same, a page of at most 1 MB and `limit` rows at a time, from behind the row `after`. The last
        page may be empty."""
        more = {"Limit": limit} if limit else {}
        for reply in self._query(pk, prefix, after, **more):
            yield reply["Items"]

    def count(self, pk: str, pages: int) -> tuple[int, bool]:
        """How many rows of `pk` stand in its first `pages` pages, and whether these are all."""
        number = 0
        for read, reply in enumerate(self._query(pk, "", None, Select="COUNT"), start=1):
            number += int(reply["Count"])
            if read == pages and reply.get("LastEvaluatedKey"):
                return number, False
        return number, True

    def _query(self, pk: str, prefix: str, after: Key | None, **more: Any) -> Iterator[dict[str, Any]]:
        condition, values = "pk = :pk", {":pk": {"S": pk}}
        if prefix:
            condition += " AND begins_with(sk, :prefix)"
            values[":prefix"] = {"S": prefix}
        start: dict[str, Any] = {"ExclusiveStartKey": after} if after else {}
        while True:
            reply = self._call(
                "query",
                KeyConditionExpression=condition,
                ExpressionAttributeValues=values,
                ConsistentRead=True,
                **more,
                **start,
            )
            yield reply
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

    def update(self, key: Key, expression: str, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
        """One row, by an expression that may be carried out twice."""
        self._call(
            "update_item",
            Key=key,
            UpdateExpression=expression,
            ExpressionAttributeNames=dict(names),
            ExpressionAttributeValues=dict(values),
        )

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
