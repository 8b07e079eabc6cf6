"""A DynamoDB table behind the ports: consistent reads by key, batches of writes, parallel scans.

The client makes one attempt (`session.Aws.client`): a retry inside the SDK would hide that a write's outcome
is unknown. What is tried again is tried here, where that is known.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from cutover.aws.backoff import Backoff
from cutover.aws.batch_write import BatchWriter
from cutover.aws.conditional_write import ConditionalWriter
from cutover.aws.faults import error_code
from cutover.aws.lanes import Lanes
from cutover.aws.table_faults import AWS_ERRORS, Kind, classify, timed_out
from cutover.aws.throttling import cut_short, out_of_capacity
from cutover.tables.items import key_id, key_of
from cutover.tables.pairs import TableRef
from cutover.tables.ports import Change, Item, Key, KeyId, ScanPage, TableFault, WriteOutcome
from cutover.tables.tuning import TUNING, Tuning

READ_BATCH = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""

_EMULATED_REGION = "ddblocal"
"""The Region in the ARNs of Amazon's DynamoDB Local, which takes no ARN for a table name."""


class UnitPace(Protocol):
    def take(self, units: float) -> object:
        """Wait until so many capacity units may be used."""

    def throttled(self) -> object:
        """The table refused a call, or a part of it, for want of capacity."""


class NoPace:
    def take(self, units: float) -> None:
        """Unlimited."""

    def throttled(self) -> None:
        """The back-off has to do."""


class DynamoTable:
    """One table. `address` is its name or, where the setting gave one, its ARN (both work as TableName).

    Units are taken from the pace after each call, as the reply counts them, so the next call waits for them.
    """

    def __init__(
        self,
        client: Any,
        name: str,
        key_names: Sequence[str],
        *,
        address: str | None = None,
        key_types: Sequence[tuple[str, str]] = (),
        pace_read: UnitPace | None = None,
        pace_write: UnitPace | None = None,
        sleep: Callable[[float], None] = time.sleep,
        rng: Callable[[], float] = random.random,
        tuning: Tuning = TUNING,
    ) -> None:
        self._client = client
        self._name = name
        self._key_names = tuple(key_names)
        self._address = address or name
        self.key_types = tuple(key_types)
        """Name and type (S, N or B) of each key attribute, where the table was described."""
        self._pace_read = pace_read or NoPace()
        self._pace_write = pace_write or NoPace()
        self._sleep = sleep
        self._rng = rng
        self._tuning = tuning
        self._lanes = Lanes()

    @property
    def name(self) -> str:
        return self._name

    @property
    def address(self) -> str:
        """What calls name the table by."""
        return self._address

    @property
    def key_names(self) -> tuple[str, ...]:
        return self._key_names

    def get(self, keys: Sequence[Key]) -> dict[KeyId, Item]:
        """As the port says; 100 keys a call, what a call left over (16 MB, throttled) is asked for again."""
        distinct = list({key_id(key): dict(key) for key in keys}.values())
        found: dict[KeyId, Item] = {}
        for start in range(0, len(distinct), READ_BATCH):
            for item in self._get_batch(distinct[start : start + READ_BATCH]):
                found[key_id(key_of(item, self._key_names))] = item
        return found

    def _get_batch(self, keys: Sequence[Key]) -> Iterator[Item]:
        backoff = self._backoff()
        while keys:
            reply = self._read(
                self._client.batch_get_item,
                backoff,
                RequestItems={self._address: {"Keys": keys, "ConsistentRead": True}},
            )
            for items in reply.get("Responses", {}).values():
                yield from items
            left = [key for rest in reply.get("UnprocessedKeys", {}).values() for key in rest["Keys"]]
            if len(left) < len(keys):
                backoff.progress()
            if left and cut_short(consumed_units(reply)):
                self._pace_read.throttled()
            if left and not backoff.again():
                raise TableFault(self._name, "throttled past the budget")
            keys = left

    def write(self, puts: Sequence[Item], deletes: Sequence[Key]) -> WriteOutcome:
        """As the port says. A batch that is refused for one of its items is split until that one is alone."""
        writer = BatchWriter(
            self._client,
            self._address,
            self._name,
            self._key_names,
            self._backoff,
            self._pace_write,
            self._lanes,
        )
        return writer.write(puts, deletes)

    def write_seen(self, changes: Sequence[Change]) -> WriteOutcome:
        """As the port says, one call a change."""
        writer = ConditionalWriter(
            self._client, self._address, self._name, self._key_names, self._backoff, self._pace_write
        )
        return writer.write(changes)

    def scan(
        self, segment: int, segments: int, *, start: Key | None = None, consistent: bool = False
    ) -> Iterator[ScanPage]:
        """As the port says; a page is at most 1 MB. `consumed_units` are the page's read units."""
        while True:
            place = {"ExclusiveStartKey": start} if start else {}
            reply = self._read(
                self._client.scan,
                self._backoff(),
                TableName=self._address,
                Segment=segment,
                TotalSegments=segments,
                ConsistentRead=consistent,
                **place,
            )
            start = reply.get("LastEvaluatedKey")
            yield ScanPage(tuple(reply.get("Items", ())), start or None, consumed_units(reply))
            if not start:
                return

    def _read(self, call: Callable[..., dict[str, Any]], backoff: Backoff, **request: Any) -> dict[str, Any]:
        """The reply of a read; anything that may pass is tried again, for a read does no harm twice."""
        while True:
            try:
                reply = call(ReturnConsumedCapacity="TOTAL", **request)
            except AWS_ERRORS as error:
                if out_of_capacity(error):
                    self._pace_read.throttled()
                if classify(error) in {Kind.ITEM, Kind.TABLE} or not backoff.again(silent=timed_out(error)):
                    raise TableFault(self._name, error_code(error)) from error
            else:
                self._pace_read.take(consumed_units(reply))
                return reply

    def _backoff(self) -> Backoff:
        return Backoff(self._sleep, self._rng, self._tuning)


def consumed_units(reply: Mapping[str, Any]) -> float:
    """The capacity units of a reply (one table's, or the list that batch calls give)."""
    consumed = reply.get("ConsumedCapacity") or []
    rows = [consumed] if isinstance(consumed, Mapping) else consumed
    return sum(float(row.get("CapacityUnits", 0)) for row in rows)


def describe(client: Any, spec: TableRef | str, **options: Any) -> DynamoTable:
    """The table behind a name or an ARN, its key schema read from the table. Raises TableFault.

    An ARN goes over the wire as it is, so that no table of the same name in another account is met:
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html.
    """
    ref = spec if isinstance(spec, TableRef) else TableRef(spec)
    address, table = _described(client, ref)
    types = {row["AttributeName"]: row["AttributeType"] for row in table["AttributeDefinitions"]}
    names = [row["AttributeName"] for row in sorted(table["KeySchema"], key=lambda row: row["KeyType"])]
    key_types = tuple((name, types[name]) for name in names)
    return DynamoTable(client, table["TableName"], names, address=address, key_types=key_types, **options)


def _described(client: Any, ref: TableRef) -> tuple[str, Mapping[str, Any]]:
    try:
        return ref.spec, client.describe_table(TableName=ref.spec)["Table"]
    except AWS_ERRORS as error:
        if not (ref.is_arn and error_code(error) == "ValidationException"):
            raise TableFault(ref.spec, error_code(error)) from error
    try:
        table = client.describe_table(TableName=ref.name)["Table"]
    except AWS_ERRORS as error:
        raise TableFault(ref.spec, error_code(error)) from error
    if TableRef(table["TableArn"]).region != _EMULATED_REGION:
        raise TableFault(ref.spec, "this endpoint takes no ARN as a table name")
    return ref.name, table
