"""The bucket of stream batches that Lambda gave up, and the ledger's count of them.

Lambda names its objects `aws/lambda/<mapping>/<shard>/<date>/…`; what was taken in goes under `taken-in/`,
what is of no pair under `of-no-pair/`, and the bucket's lifecycle forgets all of them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.faults import error_code
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.table_faults import AWS_ERRORS
from cutover.tables.lost import LostBatch
from cutover.tables.ports import TableFault

TAKEN_IN = "taken-in/"
OF_NO_PAIR = "of-no-pair/"
LARGEST = 64 * 1024 * 1024
"""Bytes that are read of an object; an event is 6 MB at most:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
COUNTED = "lost"
_GONE = {"NoSuchKey", "404"}


@dataclass
class FailureObjects:
    """The objects alone. `s3` may make several attempts."""

    s3: Any
    bucket: str
    page: int = field(default=1000, kw_only=True)
    """Names of one listing."""
    largest: int = field(default=LARGEST, kw_only=True)

    def waiting(self, *, strangers: bool) -> Iterator[str]:
        between = [("", OF_NO_PAIR), (_behind(OF_NO_PAIR), TAKEN_IN), (_behind(TAKEN_IN), None)]
        if strangers:
            between = [("", TAKEN_IN), (_behind(TAKEN_IN), None)]
        for after, before in between:
            yield from self._names(after, before)

    def holds_any(self) -> bool:
        """Whether anything waits, of no pair or of one."""
        return next(self.waiting(strangers=True), None) is not None

    def read(self, name: str) -> bytes | None:
        try:
            body = self.s3.get_object(Bucket=self.bucket, Key=name)["Body"]
            content: bytes = body.read(self.largest + 1)
        except AWS_ERRORS as error:
            if error_code(error) in _GONE:
                return None
            raise self._fault(error) from error
        return content if len(content) <= self.largest else b""

    def put_aside(self, name: str, *, strange: bool) -> None:
        shelf = (OF_NO_PAIR if strange else TAKEN_IN) + _first_name(name)
        if shelf == name:
            return
        try:
            self.s3.copy_object(
                Bucket=self.bucket, Key=shelf, CopySource={"Bucket": self.bucket, "Key": name}
            )
            self.s3.delete_object(Bucket=self.bucket, Key=name)
        except ClientError as error:
            if error_code(error) not in _GONE:
                raise self._fault(error) from error
        except AWS_ERRORS as error:
            raise self._fault(error) from error

    def _names(self, after: str, before: str | None) -> Iterator[str]:
        request: dict[str, Any] = {"Bucket": self.bucket, "MaxKeys": self.page}
        if after:
            request["StartAfter"] = after
        while True:
            try:
                page = self.s3.list_objects_v2(**request)
            except AWS_ERRORS as error:
                raise self._fault(error) from error
            for row in page.get("Contents", ()):
                if before is not None and row["Key"] >= before:
                    return
                yield row["Key"]
            if not page.get("IsTruncated"):
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    def _fault(self, error: BaseException) -> TableFault:
        return TableFault("the failure bucket", error_code(error))


@dataclass
class FailureBucket(FailureObjects):
    """A `FailureStore`. `clock` gives epoch seconds."""

    ledger: LedgerTable
    clock: Callable[[], float]

    def count(self, name: str, batch: LostBatch) -> bool:
        row: dict[str, Any] = {
            "pk": {"S": COUNTED},
            "sk": {"S": _first_name(name)},
            "at": {"N": str(int(self.clock()))},
            "keys": {"N": str(batch.total)},
            "strangers": {"N": str(batch.strangers)},
            "unreadable": {"BOOL": bool(batch.suspects)},
            "pairs": {"L": [{"S": pair} for pair in sorted({*batch.keys, *batch.suspects})]},
        }
        return self.ledger.put_if(row, "attribute_not_exists(pk)", {})


def _behind(prefix: str) -> str:
    """The greatest text that every name with this prefix comes before: names sort by their bytes."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def _first_name(name: str) -> str:
    """As Lambda called the object."""
    return name.removeprefix(OF_NO_PAIR)
