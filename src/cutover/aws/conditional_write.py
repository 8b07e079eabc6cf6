"""Puts and deletes that are done only while a place holds what was seen there, one call each.

BatchWriteItem knows no condition:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html

A condition has no room for a large item, and knows no attribute that was added meanwhile. So each change asks
for what it has replaced, which costs no capacity
(https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html); what had not been seen is
put back while the place holds this very change, and the change counts as not done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from cutover.aws.backoff import Backoff
from cutover.aws.faults import error_code
from cutover.aws.table_faults import AWS_ERRORS, Kind, classify, item_reason, timed_out
from cutover.tables.items import same, strip_replication
from cutover.tables.ports import Change, FaultReason, Item, Key, TableFault, WriteOutcome
from cutover.tables.sizes import size

MOST_SILENT = 4
"""Calls of one round that may wait their whole time-out for nothing; the deadline's margin (`tuning`) has
room for no more. What is left then is known not to have been written."""

MOST_COMPARED = 100
"""Attributes in one condition, and below the bytes of their values; the smallest come first. An expression
has 4 KB at the most: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""
MOST_COMPARED_BYTES = 16_384


class _Pace(Protocol):
    def take(self, units: float) -> object: ...


@dataclass
class ConditionalWriter:
    """Writes once; what it must leave undone it says by target key."""

    client: Any
    address: str
    table: str
    key_names: Sequence[str]
    backoff: Callable[[], Backoff]
    pace: _Pace
    _ambiguous: list[Key] = field(default_factory=list)
    _unprocessed: list[Key] = field(default_factory=list)
    _rejected: list[tuple[Key, FaultReason, str]] = field(default_factory=list)
    _overtaken: list[Key] = field(default_factory=list)
    _silent: int = 0

    def write(self, changes: Sequence[Change]) -> WriteOutcome:
        """All changes share one budget of tries: each success starts it anew."""
        backoff = self.backoff()
        try:
            for change in changes:
                if self._silent < MOST_SILENT:
                    self._one(change, backoff)
                else:
                    self._unprocessed.append(change.place)
        except TableFault as fault:
            fault.ambiguous = tuple(self._ambiguous)
            raise
        return WriteOutcome(
            tuple(self._ambiguous), tuple(self._unprocessed), tuple(self._rejected), tuple(self._overtaken)
        )

    def _one(self, change: Change, backoff: Backoff) -> None:
        while True:
            try:
                reply = self._call(change)
            except AWS_ERRORS as error:
                if not self._survives(error, change.place, backoff):
                    return
            else:
                backoff.progress()
                self._paid(reply)
                self._settle(change, reply.get("Attributes"))
                return

    def _call(self, change: Change) -> dict[str, Any]:
        request = {
            "TableName": self.address,
            "ReturnConsumedCapacity": "TOTAL",
            **condition(change.seen, self.key_names),
            **({} if change.seen is None else {"ReturnValues": "ALL_OLD"}),
        }
        if change.wanted is None:
            deleted: dict[str, Any] = self.client.delete_item(Key=change.place, **request)
            return deleted
        put: dict[str, Any] = self.client.put_item(Item=change.wanted, **request)
        return put

    def _settle(self, change: Change, replaced: Item | None) -> None:
        if change.seen is None or replaced is None:
            return
        old = strip_replication(replaced)
        if not same(old, change.seen):
            self._put_back(change, old)
            self._overtaken.append(change.place)

    def _put_back(self, change: Change, old: Item) -> None:
        """A lost reply is asked for again: the condition keeps it from being done twice. Where the place has
        changed hands once more, what stands there is the newer."""
        backoff = self.backoff()
        while True:
            try:
                reply = self.client.put_item(
                    TableName=self.address,
                    Item=old,
                    ReturnConsumedCapacity="TOTAL",
                    **condition(change.wanted, self.key_names),
                )
            except AWS_ERRORS as error:
                code, kind = error_code(error), classify(error)
                if code == "ConditionalCheckFailedException":
                    return
                again = kind in {Kind.THROTTLE, Kind.UNREACHABLE, Kind.AMBIGUOUS}
                if not again or not backoff.again(silent=timed_out(error)):
                    self._ambiguous.append(change.place)
                    raise TableFault(self.table, f"{code}, and an item was replaced unseen") from error
            else:
                self._paid(reply)
                return

    def _paid(self, reply: dict[str, Any]) -> None:
        self.pace.take(float(reply.get("ConsumedCapacity", {}).get("CapacityUnits", 0)))

    def _survives(self, error: BaseException, place: Key, backoff: Backoff) -> bool:
        """Whether to send the same change again; False when it has been dealt with here."""
        if error_code(error) == "ConditionalCheckFailedException":
            self._overtaken.append(place)
            return False
        kind = classify(error)
        self._silent += kind is Kind.AMBIGUOUS and timed_out(error)
        if kind in {Kind.THROTTLE, Kind.UNREACHABLE} and backoff.again(silent=timed_out(error)):
            return True
        if kind is Kind.THROTTLE:
            self._unprocessed.append(place)
        elif kind is Kind.AMBIGUOUS:
            self._ambiguous.append(place)
        elif kind is Kind.ITEM:
            self._rejected.append((place, item_reason(error), error_code(error)))
        else:
            raise TableFault(self.table, error_code(error)) from error
        return False


def condition(seen: Item | None, key_names: Sequence[str]) -> dict[str, Any]:
    """A call's condition that the place holds `seen` still; None: that it is empty.

    Of `seen` as much is compared as there is room for; what was added to it since is not. Whoever needs to
    be sure looks at what was replaced.
    """
    names = {"#k": key_names[0]}
    if seen is None:
        return {"ConditionExpression": "attribute_not_exists(#k)", "ExpressionAttributeNames": names}
    values: dict[str, Any] = {}
    terms, left = ["attribute_exists(#k)"], MOST_COMPARED_BYTES
    lengths = {name: size({name: value}) for name, value in seen.items() if name not in key_names}
    for name in sorted(lengths, key=lambda one: (lengths[one], one))[:MOST_COMPARED]:
        left -= lengths[name]
        if left < 0:
            break
        number = len(values)
        names[f"#{number}"], values[f":{number}"] = name, seen[name]
        terms.append(f"#{number} = :{number}")
    compared = {"ExpressionAttributeValues": values} if values else {}
    return {
        "ConditionExpression": " AND ".join(terms),
        "ExpressionAttributeNames": names,
        **compared,
    }
