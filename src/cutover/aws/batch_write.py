"""BatchWriteItem, drained, split around bad items, and honest about what is not known.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html: at most 25 requests;
one invalid item makes DynamoDB reject the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from cutover.aws.backoff import Backoff
from cutover.aws.faults import error_code
from cutover.aws.table_faults import AWS_ERRORS, Kind, classify, item_reason, timed_out
from cutover.aws.throttling import out_of_capacity
from cutover.tables.items import key_of
from cutover.tables.ports import FaultReason, Item, Key, TableFault, WriteOutcome

WRITE_BATCH = 25
Request = Mapping[str, Any]


class _Pace(Protocol):
    def take(self, units: float) -> object: ...

    def throttled(self) -> object: ...


@dataclass
class BatchWriter:
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

    def write(self, puts: Sequence[Item], deletes: Sequence[Key]) -> WriteOutcome:
        requests: list[Request] = [{"PutRequest": {"Item": item}} for item in puts]
        requests += [{"DeleteRequest": {"Key": key}} for key in deletes]
        try:
            for start in range(0, len(requests), WRITE_BATCH):
                self._batch(requests[start : start + WRITE_BATCH])
        except TableFault as fault:
            fault.ambiguous = tuple(self._ambiguous)
            raise
        return WriteOutcome(tuple(self._ambiguous), tuple(self._unprocessed), tuple(self._rejected))

    def _batch(self, requests: Sequence[Request]) -> None:
        backoff = self.backoff()
        while requests:
            try:
                left = self._call(requests)
            except AWS_ERRORS as error:
                if not self._survives(error, requests, backoff):
                    return
                continue
            if len(left) < len(requests):
                backoff.progress()
            if left:
                self.pace.throttled()
            if left and not backoff.again():
                self._unprocessed.extend(map(self._key, left))
                return
            requests = left

    def _call(self, requests: Sequence[Request]) -> list[Request]:
        reply = self.client.batch_write_item(
            RequestItems={self.address: list(requests)}, ReturnConsumedCapacity="TOTAL"
        )
        for row in reply.get("ConsumedCapacity") or []:
            self.pace.take(float(row.get("CapacityUnits", 0)))
        return [request for rest in reply.get("UnprocessedItems", {}).values() for request in rest]

    def _survives(self, error: BaseException, requests: Sequence[Request], backoff: Backoff) -> bool:
        """Whether to send the same requests again; False when they have been dealt with here."""
        kind = classify(error)
        if out_of_capacity(error):
            self.pace.throttled()
        if kind in {Kind.THROTTLE, Kind.UNREACHABLE} and backoff.again(silent=timed_out(error)):
            return True
        if kind is Kind.THROTTLE:
            self._unprocessed.extend(map(self._key, requests))
        elif kind is Kind.AMBIGUOUS:
            self._ambiguous.extend(map(self._key, requests))
        elif kind is Kind.ITEM:
            self._split(error, requests)
        else:
            raise TableFault(self.table, error_code(error)) from error
        return False

    def _split(self, error: BaseException, requests: Sequence[Request]) -> None:
        if len(requests) == 1:
            self._rejected.append((self._key(requests[0]), item_reason(error), error_code(error)))
            return
        half = len(requests) // 2
        self._batch(requests[:half])
        self._batch(requests[half:])

    def _key(self, request: Request) -> Key:
        if "PutRequest" in request:
            return key_of(request["PutRequest"]["Item"], self.key_names)
        key: Key = request["DeleteRequest"]["Key"]
        return key
