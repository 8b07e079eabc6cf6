"""Puts that take a place only while it is empty, one PutItem each: BatchWriteItem knows no condition.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from cutover.aws.backoff import Backoff
from cutover.aws.faults import error_code
from cutover.aws.table_faults import AWS_ERRORS, Kind, classify, item_reason, timed_out
from cutover.tables.items import key_of
from cutover.tables.ports import FaultReason, Item, Key, TableFault, WriteOutcome


class _Pace(Protocol):
    def take(self, units: float) -> object: ...


@dataclass
class ConditionalInserter:
    """Inserts once; what it must leave undone it says by target key."""

    client: Any
    address: str
    table: str
    key_names: Sequence[str]
    backoff: Callable[[], Backoff]
    pace: _Pace
    _ambiguous: list[Key] = field(default_factory=list)
    _unprocessed: list[Key] = field(default_factory=list)
    _rejected: list[tuple[Key, FaultReason, str]] = field(default_factory=list)
    _occupied: list[Key] = field(default_factory=list)

    def insert(self, puts: Sequence[Item]) -> WriteOutcome:
        try:
            for item in puts:
                self._one(item)
        except TableFault as fault:
            fault.ambiguous = tuple(self._ambiguous)
            raise
        return WriteOutcome(
            tuple(self._ambiguous), tuple(self._unprocessed), tuple(self._rejected), tuple(self._occupied)
        )

    def _one(self, item: Item) -> None:
        backoff = self.backoff()
        while True:
            try:
                reply = self.client.put_item(
                    TableName=self.address,
                    Item=item,
                    ConditionExpression="attribute_not_exists(#key)",
                    ExpressionAttributeNames={"#key": self.key_names[0]},
                    ReturnConsumedCapacity="TOTAL",
                )
            except AWS_ERRORS as error:
                if not self._survives(error, item, backoff):
                    return
            else:
                self.pace.take(float(reply.get("ConsumedCapacity", {}).get("CapacityUnits", 0)))
                return

    def _survives(self, error: BaseException, item: Item, backoff: Backoff) -> bool:
        """Whether to send the same item again; False when it has been dealt with here."""
        where = key_of(item, self.key_names)
        if error_code(error) == "ConditionalCheckFailedException":
            self._occupied.append(where)
            return False
        kind = classify(error)
        if kind in {Kind.THROTTLE, Kind.UNREACHABLE} and backoff.again(silent=timed_out(error)):
            return True
        if kind is Kind.THROTTLE:
            self._unprocessed.append(where)
        elif kind is Kind.AMBIGUOUS:
            self._ambiguous.append(where)
        elif kind is Kind.ITEM:
            self._rejected.append((where, item_reason(error), error_code(error)))
        else:
            raise TableFault(self.table, error_code(error)) from error
        return False
