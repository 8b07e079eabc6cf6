"""Records of a table's changes as Lambda delivers them: which pair, which key, and perhaps a first guess at
its item. They come from the table's own stream, or from a Kinesis stream that carries its changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cutover.errors import UsageError
from cutover.tables import kinesis
from cutover.tables.items import MalformedItem, from_lambda, key_id
from cutover.tables.key_form import as_key
from cutover.tables.pairs import TablePair
from cutover.tables.ports import Item, Key, KeyId


@dataclass(frozen=True)
class Change:
    """One record. `image` is the item after the change where the record tells it; a deletion tells none."""

    position: int
    sequence: str
    table_arn: str
    key: Key
    identity: KeyId
    image: Item | None
    created_at: float | None
    """Epoch seconds; a table's own stream rounds them down to a second."""


def records_of(event: Any) -> list[Mapping[str, Any]]:
    """The records of a Lambda event. Raises UsageError for an event of something else."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list):
        raise UsageError(
            "this is no event of a DynamoDB stream or of a Kinesis stream",
            fix="let the stream's event source mapping invoke me",
        )
    return records


def read_change(position: int, record: Mapping[str, Any]) -> Change:
    """The record at `position` of a batch, of any stream view type. Raises MalformedItem."""
    try:
        if record.get("eventSource") == kinesis.SOURCE:
            record = kinesis.change_of(record)
        body = record["dynamodb"]
        created = body.get("ApproximateCreationDateTime")
        key = as_key(from_lambda(body["Keys"]))
        return Change(
            position=position,
            sequence=body["SequenceNumber"],
            table_arn=record["eventSourceARN"].split("/stream/")[0],
            key=key,
            identity=key_id(key),
            image=_image(record.get("eventName"), body.get("NewImage")),
            created_at=None if created is None else float(created),
        )
    except MalformedItem:
        raise
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as error:
        raise MalformedItem(f"not a record of a table's change ({type(error).__name__})") from error


def _image(event_name: Any, image: Any) -> Item | None:
    """A first guess, no more: one that cannot be read is none, and the source is read instead."""
    if event_name not in {"INSERT", "MODIFY"} or image is None:
        return None
    try:
        return from_lambda(image)
    except MalformedItem:
        return None


def pair_of(pairs: Iterable[TablePair], table_arn: str) -> TablePair | None:
    """The pair whose source is this table: the one named by this very ARN, else the one of its name."""
    name = table_arn.rsplit("/", 1)[-1]
    named = None
    for pair in pairs:
        if pair.source.spec == table_arn:
            return pair
        if not pair.source.is_arn and pair.source.spec == name:
            named = pair
    return named


def keys_of(changes: Sequence[Change]) -> dict[KeyId, Key]:
    """Each key once, in the order in which the batch first names it."""
    keys: dict[KeyId, Key] = {}
    for change in changes:
        keys.setdefault(change.identity, change.key)
    return keys


def hints_of(changes: Sequence[Change]) -> dict[KeyId, Item | None]:
    """First guesses: the image that the last record of a key brings. A deletion is read, not guessed.

    A guess may be old, for a record may come twice and late. `converge` reads the source again after every
    write that rests on a guess. Records of a Kinesis stream bring none (`kinesis` says why).
    """
    last = {change.identity: change.image for change in changes}
    return {identity: image for identity, image in last.items() if image is not None}


def failures(records: Sequence[Mapping[str, Any]], failed: Iterable[int]) -> list[dict[str, str]]:
    """`batchItemFailures` for the records at the positions `failed`.

    Lambda goes back to the lowest sequence number that is named and delivers all from there again, so one is
    enough. A batch out of order, which a stream never gives, is asked for again whole; so is one whose record
    has no number. Of a Kinesis stream its own numbers count.
    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
    """
    positions = sorted(failed)
    if not positions:
        return []
    numbers = [_number(record) for record in records]
    if not all(number.isdecimal() for number in numbers):
        return [{"itemIdentifier": ""}]
    order = [int(number) for number in numbers]
    if order != sorted(order):
        return [{"itemIdentifier": number} for number in numbers]
    return [{"itemIdentifier": numbers[positions[0]]}]


def _number(record: Mapping[str, Any]) -> str:
    place, name = ("kinesis", "sequenceNumber") if "kinesis" in record else ("dynamodb", "SequenceNumber")
    return str(record.get(place, {}).get(name, ""))
