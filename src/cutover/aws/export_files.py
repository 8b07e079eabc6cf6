"""A finished export's folder in S3: its manifests, verified, and its data files as streams of lines."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError, ResponseStreamingError

from cutover.aws.faults import error_code
from cutover.aws.table_faults import AWS_ERRORS
from cutover.errors import UsageError
from cutover.tables.export_manifest import DataFile, Summary, parse_files, parse_summary
from cutover.tables.patience import DAMAGED
from cutover.tables.ports import TableFault

SUMMARY, FILES = "manifest-summary", "manifest-files"
CHECKSUMS = (".md5", ".checksum")
"""The name under which AWS writes a manifest's checksum file, and the documentation's name for it."""
_GONE = frozenset({"NoSuchKey", "404"})
_UNTOLD = frozenset({"AccessDenied", "403"})
"""Who may not list the bucket is not told that a key is missing:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"""
_CUT_OFF = (HTTPClientError, ResponseStreamingError, EOFError, OSError, zlib.error)


def place_of(uri: str) -> tuple[str, str]:
    """Bucket and folder of `s3://bucket/prefix/AWSDynamoDB/<export id>`, or of the summary in it.

    Raises UsageError.
    """
    bucket, _, folder = uri.removeprefix("s3://").partition("/")
    folder = folder.removesuffix(f"{SUMMARY}.json").strip("/")
    if not uri.startswith("s3://") or not bucket or not folder:
        raise UsageError(
            f"{uri} is no place of an export", fix="write s3://bucket/prefix/AWSDynamoDB/<export id>"
        )
    return bucket, folder


@dataclass(frozen=True)
class ExportFolder:
    """`s3` is a low-level client; its own attempts do no harm. Raises botocore's errors unless said."""

    s3: Any
    bucket: str
    folder: str

    def summary(self) -> Summary:
        """Raises UsageError where there is none, or where it is not what its checksum says."""
        return parse_summary(self._manifest(SUMMARY))

    def files(self) -> tuple[DataFile, ...]:
        """As `summary`."""
        return parse_files(self._manifest(FILES))

    def lines(self, file: DataFile) -> Iterator[bytes]:
        """The lines of a file, read as they are asked for. Raises TableFault: when S3 fails, and at the end
        when the object is not the one of the manifest."""
        try:
            body = self.s3.get_object(Bucket=self.bucket, Key=self._key(file))["Body"]
            hashed = _Hashed(body)
            count = 0
            for line in gzip.GzipFile(fileobj=io.BufferedReader(hashed)):
                if line.strip():
                    count += 1
                    yield line
        except AWS_ERRORS as error:
            raise TableFault(file.key, error_code(error)) from error
        except _CUT_OFF as error:
            raise TableFault(file.key, f"cannot be read to its end: {type(error).__name__}") from error
        if (file.md5 and hashed.md5() != file.md5) or count != file.items:
            raise TableFault(file.key, DAMAGED)

    def _key(self, file: DataFile) -> str:
        """By its name in this folder: a folder that was copied elsewhere is read where it is."""
        inside = file.key.startswith(f"{self.folder}/")
        return file.key if inside else f"{self.folder}/data/{file.key.rsplit('/', 1)[-1]}"

    def _manifest(self, name: str) -> str:
        content = self._read(f"{name}.json")
        if content is None:
            raise UsageError(
                f"s3://{self.bucket}/{self.folder} holds no {name}.json",
                cause="it is not the folder of an export, or the export has not ended",
                fix="give s3://bucket/prefix/AWSDynamoDB/<export id> of one that has",
            )
        named = (self._read(f"{name}{end}", _GONE | _UNTOLD) for end in CHECKSUMS)
        said = next((text for text in named if text is not None), None)
        if said is None or said.decode().strip() not in _digests(content):
            raise UsageError(
                f"{name}.json is not what the export wrote",
                cause="its checksum differs" if said is not None else "its checksum file cannot be read",
                fix="copy the export's folder again, whole, or export the table again",
            )
        return content.decode()

    def _read(self, name: str, missing: frozenset[str] = _GONE) -> bytes | None:
        try:
            body = self.s3.get_object(Bucket=self.bucket, Key=f"{self.folder}/{name}")["Body"]
        except ClientError as error:
            if error_code(error) in missing:
                return None
            raise
        content: bytes = body.read()
        return content


def _digests(content: bytes) -> set[str]:
    digest = hashlib.md5(content, usedforsecurity=False)
    return {base64.b64encode(digest.digest()).decode(), digest.hexdigest()}


class _Hashed(io.RawIOBase):
    """A body, and the MD5 of what was read of it."""

    def __init__(self, body: Any) -> None:
        self._body = body
        self._digest = hashlib.md5(usedforsecurity=False)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._body.read(len(buffer))
        buffer[: len(content)] = content
        self._digest.update(content)
        return len(content)

    def md5(self) -> str:
        return base64.b64encode(self._digest.digest()).decode()
