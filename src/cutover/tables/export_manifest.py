"""What a point-in-time export of a table says about itself, and whether it may stand in for a scan.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html

Every key that the table held at the export's time is in it, with the item of then. An item serves as a guess,
as a stream record's image does: `converge` reads the source after the write, and so the newer item or the
deletion wins. What was written after the export's time is the mirror's, if the mirror has read the stream
from that time on; `gap` says whether it has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cutover.errors import UsageError
from cutover.tables.table_facts import TableFacts

FORMAT = "DYNAMODB_JSON"
FULL = "FULL_EXPORT"
KEPT = 22 * 3600
"""Seconds of the past that a mapping from TRIM_HORIZON surely reads: a stream keeps records for 24 hours and
may trim them at any moment after that, and polling begins minutes after the mapping."""


@dataclass(frozen=True)
class Summary:
    """`manifest-summary.json`. `taken_at` is the export's time in epoch seconds."""

    export_arn: str
    table_arn: str
    table_id: str
    taken_at: float
    items: int
    format: str
    kind: str

    @property
    def id(self) -> str:
        """The export's own id, `01234567890123-a1b2c3d4`."""
        return self.export_arn.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class DataFile:
    """A line of `manifest-files.json`: `md5` is that of the object as it is stored, in base64."""

    key: str
    items: int
    md5: str


def parse_summary(text: str) -> Summary:
    """Raises UsageError for what is no summary of an export."""
    row = _row(text, "manifest-summary.json")
    try:
        return Summary(
            export_arn=row["exportArn"],
            table_arn=row["tableArn"],
            table_id=row.get("tableId", ""),
            taken_at=_seconds(row["exportTime"]),
            items=int(row["itemCount"]),
            format=row.get("outputFormat", FORMAT),
            kind=row.get("exportType", FULL),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unreadable("manifest-summary.json", error) from error


def parse_files(text: str) -> tuple[DataFile, ...]:
    """Raises UsageError. The order is the manifest's, so a file keeps its number."""
    try:
        rows = [_row(line, "manifest-files.json") for line in text.splitlines() if line.strip()]
        return tuple(
            DataFile(row["dataFileS3Key"], int(row["itemCount"]), row.get("md5Checksum", "")) for row in rows
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable("manifest-files.json", error) from error


def check_export(summary: Summary, source: TableFacts) -> None:
    """Raises UsageError for an export that is not a full one of this very table, in DynamoDB's JSON."""
    if summary.format != FORMAT:
        raise UsageError(
            f"export {summary.id} is in the format {summary.format}",
            cause=f"cutover reads {FORMAT}",
            fix=f"export the table again with --export-format {FORMAT}",
        )
    if summary.kind != FULL:
        raise UsageError(
            f"export {summary.id} is of the type {summary.kind}",
            cause="it holds what changed in a while, and not every key",
            fix=f"export the table again with --export-type {FULL}",
        )
    if summary.table_arn != source.arn or (summary.table_id and summary.table_id != source.table_id):
        found = summary.table_arn if summary.table_arn != source.arn else f"table id {summary.table_id}"
        wanted = source.arn if summary.table_arn != source.arn else f"table id {source.table_id}"
        raise UsageError(
            f"export {summary.id} is not of the source table {source.name}",
            cause=f"it is of {found}, the source is {wanted}",
            fix="name the export of this table, and the pair by --table",
        )


def gap(summary: Summary, stream_arn: str | None, mapped_at: float | None) -> str:
    """Why the mirror may have missed changes that were made after the export; empty where it has not.

    `stream_arn` ends in the time at which the stream was switched on. `mapped_at` is when the mapping that
    follows it was made or last changed, for AWS tells no other time; None where that is unknown.
    """
    at = _text(summary.taken_at)
    if mapped_at is None:
        return "nobody can say since when the mirror follows the table"
    if stream_arn is None:
        began = mapped_at
    else:
        began = max(_seconds(stream_arn.rsplit("/", 1)[-1] + "Z"), mapped_at - KEPT)
    if summary.taken_at >= began:
        return ""
    return f"the export is of {at}, and the mirror surely has the changes since {_text(began)} only"


def _row(text: str, name: str) -> Mapping[str, Any]:
    try:
        row = json.loads(text)
    except ValueError as error:
        raise _unreadable(name, error) from error
    if not isinstance(row, dict):
        raise _unreadable(name, TypeError("not an object"))
    return row


def _unreadable(name: str, error: Exception) -> UsageError:
    return UsageError(
        f"{name} is not the manifest of a table's export",
        cause=f"{type(error).__name__}: {error}",
        fix="give the folder of one finished export, s3://bucket/prefix/AWSDynamoDB/<export id>",
    )


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


def _text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
