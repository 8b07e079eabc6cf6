"""Which export may stand in for a scan: a full one, of this very table, not older than the mirror."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cutover.errors import UsageError
from cutover.tables.export_manifest import KEPT, check_export, gap, parse_files, parse_summary
from cutover.tables.table_facts import TableFacts
from tests.fakes.exports import ID, Export
from tests.fakes.tables import item

ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
FACTS = TableFacts("orders", 1, 1, arn=ARN, table_id="id-1")
EXPORT = Export(ARN, [[item("a", "1"), item("b", "2")], []], table_id="id-1")
TAKEN = datetime(2026, 11, 4, 7, 28, 34, 28_000, UTC).timestamp()

DOCUMENTED = """{
   "version": "2020-06-30",
   "exportArn": "arn:aws:dynamodb:us-east-1:123456789012:table/ProductCatalog/export/01234567890123-a1b2c3d4",
   "startTime": "2020-11-04T07:28:34.028Z",
   "endTime": "2020-11-04T07:33:43.897Z",
   "tableArn": "arn:aws:dynamodb:us-east-1:123456789012:table/ProductCatalog",
   "tableId": "12345a12-abcd-123a-ab12-1234abc12345",
   "exportTime": "2020-11-04T07:28:34.028Z",
   "s3Bucket": "ddb-productcatalog-export",
   "s3Prefix": "2020-Nov",
   "s3SseAlgorithm": "AES256",
   "s3SseKmsKeyId": null,
   "manifestFilesS3Key": "AWSDynamoDB/01345678901234-abc12345/manifest-files.json",
   "billedSizeBytes": 0,
   "itemCount": 8,
   "outputFormat": "DYNAMODB_JSON"
}"""


def test_the_documentations_own_summary_is_understood() -> None:
    summary = parse_summary(DOCUMENTED)
    assert summary.id == "01234567890123-a1b2c3d4"
    assert (summary.items, summary.kind, summary.format) == (8, "FULL_EXPORT", "DYNAMODB_JSON")
    assert datetime.fromtimestamp(summary.taken_at, UTC).isoformat() == "2020-11-04T07:28:34.028000+00:00"


def test_the_documentations_own_file_row_is_understood() -> None:
    (file,) = parse_files(
        '{"itemCount": 8, "md5Checksum": "sQMSpEILNgoQmarvDFonGQ==", '
        '"etag": "af83d6f217c19b8b0fff8023d8ca4716-1", '
        '"dataFileS3Key": "AWSDynamoDB/11111111111111-22222222/data/33334444EXAMPLE.json.gz"}\n'
    )
    assert (file.items, file.md5) == (8, "sQMSpEILNgoQmarvDFonGQ==")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"exportArn": 5}', DOCUMENTED.replace("2020-11-04T", "x")])
def test_what_is_no_summary_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not the manifest"):
        parse_summary(text)


def test_an_export_of_the_table_is_taken() -> None:
    check_export(parse_summary(EXPORT.summary()), FACTS)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"outputFormat": "ION"}, "in the format ION"),
        ({"exportType": "INCREMENTAL_EXPORT"}, "of the type INCREMENTAL_EXPORT"),
        ({"tableArn": ARN.replace("eu-west-1", "us-east-1")}, "not of the source table orders"),
        ({"tableArn": ARN.replace("123456789012", "210987654321")}, "not of the source table orders"),
        ({"tableArn": f"{ARN}-2"}, "not of the source table orders"),
        ({"tableId": "id-of-a-table-that-was-deleted"}, "not of the source table orders"),
    ],
    ids=lambda value: str(value),
)
def test_an_export_of_something_else_is_refused(more: dict[str, str], said: str) -> None:
    export = Export(ARN, EXPORT.files, table_id="id-1", more=more)
    with pytest.raises(UsageError, match=said):
        check_export(parse_summary(export.summary()), FACTS)


STREAM = f"{ARN}/stream/2026-11-04T00:00:00.000"
LATER = f"{ARN}/stream/2026-11-05T00:00:00.000"


@pytest.mark.parametrize(
    ("stream", "mapped_at", "covered"),
    [
        (STREAM, TAKEN - 3600, True),
        (STREAM, TAKEN + KEPT, True),
        (STREAM, TAKEN + KEPT + 1, False),
        (LATER, TAKEN - 3600, False),
        (LATER, TAKEN + 3600, False),
        (STREAM, None, False),
        (None, TAKEN - 1, True),
        (None, TAKEN + 1, False),
    ],
    ids=[
        "mapped before the export",
        "mapped while the stream still had it all",
        "mapped when the stream may have forgotten",
        "no stream yet at the export",
        "no stream yet, and mapped after",
        "nobody knows since when",
        "by way of Kinesis, mapped before",
        "by way of Kinesis, mapped after",
    ],
)
def test_changes_behind_an_export_are_the_mirrors_or_it_is_refused(
    stream: str | None, mapped_at: float | None, covered: bool
) -> None:
    assert (gap(parse_summary(EXPORT.summary()), stream, mapped_at) == "") is covered


def test_the_exports_own_id_is_its_name() -> None:
    assert parse_summary(EXPORT.summary()).id == ID
