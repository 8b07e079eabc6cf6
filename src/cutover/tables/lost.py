"""Batches of stream records that Lambda gave up: which keys they tell of.

Lambda writes one JSON object for each batch, with the event as a string in `payload`, at least once:
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html. Of the records only the keys
count: what they tell may be days old, and `converge` reads the source.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cutover.tables.items import MalformedItem, key_id
from cutover.tables.pairs import TablePair
from cutover.tables.ports import Key, KeyId
from cutover.tables.stream import pair_of, read_change


@dataclass(frozen=True)
class LostBatch:
    """`keys` by pair. `suspects` are the pairs that lost what nobody can read, so that only a verify can tell
    what they miss. `strangers` counts records of tables that no pair has. `since` is when the first of the
    records was written, in epoch seconds, where the batch says so."""

    keys: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    suspects: frozenset[str] = frozenset()
    strangers: int = 0
    since: float | None = None

    @property
    def total(self) -> int:
        return sum(map(len, self.keys.values()))


def read_lost(content: bytes, pairs: Sequence[TablePair]) -> LostBatch:
    """Never raises: what cannot be read makes suspects of the pairs that it may be about."""
    batch = _json(content)
    records = _records(batch.get("payload"))
    about = _about(batch, pairs)
    if records is None:
        return LostBatch(suspects=about, since=_since(batch))
    found: dict[str, dict[KeyId, Key]] = {}
    suspects: set[str] = set()
    strangers = 0
    for position, record in enumerate(records):
        try:
            change = read_change(position, record)
        except MalformedItem:
            suspects |= about
            continue
        pair = pair_of(pairs, change.table_arn)
        if pair is None:
            strangers += 1
        else:
            found.setdefault(pair.id, {})[key_id(change.key)] = change.key
    keys = {pair_id: tuple(by_id.values()) for pair_id, by_id in found.items()}
    return LostBatch(keys, frozenset(suspects), strangers, _since(batch))


def _json(content: bytes | str) -> Mapping[str, Any]:
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _records(payload: Any) -> list[Any] | None:
    event = _json(payload) if isinstance(payload, str) else payload
    records = event.get("Records") if isinstance(event, dict) else None
    return records if isinstance(records, list) else None


def _about(batch: Mapping[str, Any], pairs: Sequence[TablePair]) -> frozenset[str]:
    """The pair of the stream that the batch names; every pair where it names none of ours."""
    information = batch.get("DDBStreamBatchInfo")
    arn = information.get("streamArn") if isinstance(information, dict) else None
    pair = pair_of(pairs, arn.split("/stream/")[0]) if isinstance(arn, str) else None
    return frozenset([pair.id] if pair else [one.id for one in pairs])


def _since(batch: Mapping[str, Any]) -> float | None:
    for name in ("DDBStreamBatchInfo", "KinesisBatchInfo"):
        information = batch.get(name)
        if isinstance(information, dict):
            try:
                return datetime.fromisoformat(information["approximateArrivalOfFirstRecord"]).timestamp()
            except (KeyError, TypeError, ValueError):
                continue
    return None
