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
from cutover.aws.lanes import Lanes
from cutover.aws.table_faults import AWS_ERRORS, Kind, classify, item_reason, timed_out
from cutover.aws.throttling import out_of_capacity
from cutover.tables.items import key_of
from cutover.tables.ports import FaultReason, Item, Key, TableFault, WriteOutcome

WRITE_BATCH = 25
Request = Mapping[str, Any]


class _Pace(Protocol):
    def take(self, units: float) -> object: ...

    def throttled(self) -> object: ...


@dataclass(frozen=True)
class BatchWriter:
    """Writes once, several batches at a time; what it must leave undone it says by target key.

    As many calls as are under way at once may be ahead of the pace.
    """

    client: Any
    address: str
    table: str
    key_names: Sequence[str]
    backoff: Callable[[], Backoff]
    pace: _Pace
    lanes: Lanes

    def write(self, puts: Sequence[Item], deletes: Sequence[Key]) -> WriteOutcome:
        """Raises TableFault, which names every key of this call whose write may still land."""
        requests: list[Request] = [{"PutRequest": {"Item": item}} for item in puts]
        requests += [{"DeleteRequest": {"Key": key}} for key in deletes]
        batches = [
            _Batch(self, requests[start : start + WRITE_BATCH])
            for start in range(0, len(requests), WRITE_BATCH)
        ]
        try:
            self.lanes.each(_Batch.run, batches)
        except TableFault as fault:
            fault.ambiguous = tuple(key for batch in batches for key in batch.ambiguous)
            raise
        return WriteOutcome(
            tuple(key for batch in batches for key in batch.ambiguous),
            tuple(key for batch in batches for key in batch.unprocessed),
            tuple(refused for batch in batches for refused in batch.rejected),
        )


@dataclass
class _Batch:
    """At most 25 requests, and what has become of them; one thread works on it."""

    writer: BatchWriter
    requests: Sequence[Request]
    ambiguous: list[Key] = field(default_factory=list)
    unprocessed: list[Key] = field(default_factory=list)
    rejected: list[tuple[Key, FaultReason, str]] = field(default_factory=list)

    def run(self) -> None:
        self._send(self.requests)

    def _send(self, requests: Sequence[Request]) -> None:
        backoff = self.writer.backoff()
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
                self.writer.pace.throttled()
            if left and not backoff.again():
                self.unprocessed.extend(map(self._key, left))
                return
            requests = left

    def _call(self, requests: Sequence[Request]) -> list[Request]:
        reply = self.writer.client.batch_write_item(
            RequestItems={self.writer.address: list(requests)}, ReturnConsumedCapacity="TOTAL"
        )
        for row in reply.get("ConsumedCapacity") or []:
            self.writer.pace.take(float(row.get("CapacityUnits", 0)))
        return [request for rest in reply.get("UnprocessedItems", {}).values() for request in rest]

    def _survives(self, error: BaseException, requests: Sequence[Request], backoff: Backoff) -> bool:
        """Whether to send the same requests again; False when they have been dealt with here."""
        kind = classify(error)
        if out_of_capacity(error):
            self.writer.pace.throttled()
        if kind in {Kind.THROTTLE, Kind.UNREACHABLE} and backoff.again(silent=timed_out(error)):
            return True
        if kind is Kind.THROTTLE:
            self.unprocessed.extend(map(self._key, requests))
        elif kind is Kind.AMBIGUOUS:
            self.ambiguous.extend(map(self._key, requests))
        elif kind is Kind.ITEM:
            self._split(error, requests)
        else:
            raise TableFault(self.writer.table, error_code(error)) from error
        return False

    def _split(self, error: BaseException, requests: Sequence[Request]) -> None:
        if len(requests) == 1:
            self.rejected.append((self._key(requests[0]), item_reason(error), error_code(error)))
            return
        half = len(requests) // 2
        self._send(requests[:half])
        self._send(requests[half:])

    def _key(self, request: Request) -> Key:
        if "PutRequest" in request:
            return key_of(request["PutRequest"]["Item"], self.writer.key_names)
        key: Key = request["DeleteRequest"]["Key"]
        return key
