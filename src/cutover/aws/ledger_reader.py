"""Reading the ledger for people: single rows, all rows of a partition, and counts by its sparse index."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from cutover.control.status_facts import Counted

LISTING = "listing"
UNITS_PER_SECOND = 500.0
"""How fast a count reads. A new on-demand table takes 12,000 a second, and the functions come first:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"""

_PLAIN = TypeDeserializer()


class LedgerReader:
    """`client` is a DynamoDB client, `table` the ledger's name or ARN."""

    def __init__(self, client: Any, table: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client, self._table, self._sleep = client, table, sleep

    @property
    def table(self) -> str:
        """The ledger's name or ARN."""
        return self._table

    def row(self, pk: str, sk: str) -> dict[str, Any] | None:
        """The row as plain values, read consistently; None where there is none."""
        reply = self._client.get_item(
            TableName=self._table, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
        )
        return _plain(reply["Item"]) if "Item" in reply else None

    def rows(self, pk: str, prefix: str) -> Iterator[dict[str, Any]]:
        """The rows of `pk` whose sk begins with `prefix`, in the order of their sk."""
        query = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": {":pk": {"S": pk}, ":prefix": {"S": prefix}},
            "ConsistentRead": True,
        }
        for page in self._pages(query):
            yield from (_plain(item) for item in page["Items"])

    def listed(self, name: str) -> Iterator[dict[str, Any]]:
        """The rows that the index lists under `name`, the oldest first; a second or so behind."""
        for page in self._pages(self._listing(name)):
            yield from (_plain(item) for item in page["Items"])

    def oldest(self, name: str) -> int | None:
        """The smallest `listed_at` under `name`; None where nothing is listed."""
        page = self._client.query(**self._listing(name), Limit=1)
        return int(page["Items"][0]["listed_at"]["N"]) if page["Items"] else None

    def count(self, name: str, pages: int | None) -> Counted:
        """How many rows the index lists under `name`, in at most `pages` pages (None: all of them)."""
        number = 0
        for read, page in enumerate(self._pages({**self._listing(name), "Select": "COUNT"}), start=1):
            number += int(page["Count"])
            if read == pages and "LastEvaluatedKey" in page:
                return Counted(number, exact=False)
        return Counted(number)

    def _listing(self, name: str) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "IndexName": LISTING,
            "KeyConditionExpression": "listed = :listed",
            "ExpressionAttributeValues": {":listed": {"S": name}},
        }

    def _pages(self, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        start: dict[str, Any] = {}
        while True:
            page = self._client.query(**query, **start, ReturnConsumedCapacity="TOTAL")
            yield page
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
            self._sleep(page.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0) / UNITS_PER_SECOND)


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    return {name: _natural(_PLAIN.deserialize(value)) for name, value in item.items()}


def _natural(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
