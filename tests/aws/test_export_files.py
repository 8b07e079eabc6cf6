"""An export's folder in S3: what is verified of it, and how its files are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from cutover.aws.export_files import ExportFolder, place_of
from cutover.errors import UsageError
from cutover.tables.items import from_json
from cutover.tables.ports import Item, TableFault
from tests.fakes.exports import Export, md5
from tests.fakes.tables import item

ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
ITEMS: list[list[Item]] = [[item("a", "1"), {"k": {"B": b"\x00\xff"}}], [], [item("ü\u2028", "x" * 70_000)]]
EXPORT = Export(ARN, ITEMS)


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="exports")
        yield client


def folder(s3: Any, uri: str = "") -> ExportFolder:
    return ExportFolder(s3, *place_of(uri or f"s3://exports/{EXPORT.folder}"))


def items_of(export: ExportFolder) -> list[list[Item]]:
    return [[from_json(json.loads(line)["Item"]) for line in export.lines(file)] for file in export.files()]


@pytest.mark.parametrize("end", ["", "/", "/manifest-summary.json"])
def test_an_export_is_named_by_its_folder_or_its_summary(s3: Any, end: str) -> None:
    export = folder(s3, EXPORT.put(s3, "exports") + end)
    assert export.summary().table_arn == ARN
    assert items_of(export) == ITEMS


@pytest.mark.parametrize("uri", ["exports/folder", "s3://", "s3://exports", "s3://exports/", "https://x/y"])
def test_what_names_no_folder_is_refused(uri: str) -> None:
    with pytest.raises(UsageError, match="no place of an export"):
        place_of(uri)


@pytest.mark.parametrize("checksum", [".md5", ".checksum"])
def test_the_checksum_files_may_have_either_name(s3: Any, checksum: str) -> None:
    for key, content in EXPORT.objects(checksum).items():
        s3.put_object(Bucket="exports", Key=key, Body=content)
    assert folder(s3).summary().items == 3


def test_a_folder_that_was_copied_is_read_where_it_is(s3: Any) -> None:
    for key, content in EXPORT.objects().items():
        s3.put_object(Bucket="exports", Key=key.replace(EXPORT.folder, "copies/of/it"), Body=content)
    assert items_of(folder(s3, "s3://exports/copies/of/it")) == ITEMS


def test_keys_without_the_exports_prefix_as_in_the_documentation_are_found(s3: Any) -> None:
    objects = EXPORT.objects()
    name = f"{EXPORT.folder}/manifest-files.json"
    objects[name] = objects[name].replace(f'"{EXPORT.prefix}/'.encode(), b'"')
    objects[name.replace(".json", ".md5")] = md5(objects[name]).encode()
    for key, content in objects.items():
        s3.put_object(Bucket="exports", Key=key, Body=content)
    assert items_of(folder(s3)) == ITEMS


def test_an_export_that_has_not_ended_has_no_summary(s3: Any) -> None:
    s3.put_object(Bucket="exports", Key=f"{EXPORT.folder}/_started", Body=b"")
    with pytest.raises(UsageError, match=r"holds no manifest-summary\.json"):
        folder(s3).summary()


@pytest.mark.parametrize("name", ["summary", "files"])
@pytest.mark.parametrize("checksum", [b"AAAAAAAAAAAAAAAAAAAAAA==", None], ids=["differs", "missing"])
def test_a_manifest_that_its_checksum_does_not_vouch_for_is_refused(
    s3: Any, name: str, checksum: bytes | None
) -> None:
    EXPORT.put(s3, "exports", **{f"manifest_{name}.md5": checksum})
    with pytest.raises(UsageError, match="not what the export wrote"):
        getattr(folder(s3), name)()


class Unlisted:
    """S3 to somebody who may read objects and not list them: what is missing is refused."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3

    def get_object(self, **where: str) -> Any:
        try:
            return self._s3.get_object(**where)
        except ClientError:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject") from None


@pytest.mark.parametrize("checksum", [".md5", ".checksum"])
def test_it_is_read_by_somebody_who_may_not_list_the_bucket(s3: Any, checksum: str) -> None:
    for key, content in EXPORT.objects(checksum).items():
        s3.put_object(Bucket="exports", Key=key, Body=content)
    assert items_of(folder(Unlisted(s3))) == ITEMS


def test_a_data_file_that_was_changed_is_a_fault_at_its_end(s3: Any) -> None:
    other = next(
        body
        for key, body in Export(ARN, [[item("z", "1"), item("y", "1")]]).objects().items()
        if "data" in key
    )
    EXPORT.put(s3, "exports", file0000=other)
    export = folder(s3)
    with pytest.raises(TableFault, match="its checksum differs"):
        list(export.lines(export.files()[0]))


@pytest.mark.parametrize("content", [b"not gzip at all", b"", None], ids=["garbage", "empty", "missing"])
def test_a_data_file_that_cannot_be_read_is_a_fault(s3: Any, content: bytes | None) -> None:
    EXPORT.put(s3, "exports", file0000=content)
    export = folder(s3)
    with pytest.raises(TableFault):
        list(export.lines(export.files()[0]))


def test_a_data_file_that_is_cut_off_is_a_fault(s3: Any) -> None:
    whole = next(body for key, body in EXPORT.objects().items() if "file0002" in key)
    EXPORT.put(s3, "exports", file0002=whole[: len(whole) // 2])
    export = folder(s3)
    with pytest.raises(TableFault):
        list(export.lines(export.files()[2]))


def test_a_bucket_that_may_not_be_read_is_no_missing_export(s3: Any) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        folder(s3, "s3://another-bucket/folder").summary()
