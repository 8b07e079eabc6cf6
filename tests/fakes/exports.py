"""A point-in-time export as DynamoDB writes it, put into a bucket.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html. The documentation's
example shows what `md5Checksum` is of: the MD5 of its bytes is the object's `etag` (one part of an upload).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cutover.tables.items import to_json
from cutover.tables.ports import Item

ID = "01700000000000-a1b2c3d4"


def md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


@dataclass
class Export:
    """`files` holds the items of each data file; an empty partition's file has none."""

    table_arn: str
    files: Sequence[Sequence[Item]]
    table_id: str = ""
    time: str = "2026-11-04T07:28:34.028Z"
    prefix: str = "2026-Nov"
    more: dict[str, Any] = field(default_factory=dict)
    """What of the summary is to be different."""

    @property
    def arn(self) -> str:
        return f"{self.table_arn}/export/{ID}"

    @property
    def folder(self) -> str:
        return f"{self.prefix}/AWSDynamoDB/{ID}"

    def objects(self, checksum: str = ".md5") -> dict[str, bytes]:
        """Name -> content of all that is in the bucket."""
        rows, made = [], {f"{self.folder}/_started": b""}
        for number, items in enumerate(self.files):
            text = "".join(json.dumps({"Item": to_json(item)}) + "\n" for item in items)
            content = gzip.compress(text.encode(), mtime=0) if items else b""
            key = f"{self.folder}/data/file{number:04}.json.gz"
            made[key] = content
            etag = hashlib.md5(base64.b64decode(md5(content)), usedforsecurity=False).hexdigest()
            row = {
                "itemCount": len(items),
                "md5Checksum": md5(content),
                "etag": f"{etag}-1",
                "dataFileS3Key": key,
            }
            rows.append(json.dumps(row) + "\n")
        for name, text in {"manifest-files": "".join(rows), "manifest-summary": self.summary()}.items():
            made[f"{self.folder}/{name}.json"] = text.encode()
            made[f"{self.folder}/{name}{checksum}"] = md5(text.encode()).encode()
        return made

    def summary(self) -> str:
        row = {
            "version": "2020-06-30",
            "exportArn": self.arn,
            "startTime": self.time,
            "endTime": self.time,
            "tableArn": self.table_arn,
            "tableId": self.table_id,
            "exportTime": self.time,
            "s3Bucket": "exports",
            "s3Prefix": self.prefix,
            "s3SseAlgorithm": "AES256",
            "s3SseKmsKeyId": None,
            "manifestFilesS3Key": f"{self.folder}/manifest-files.json",
            "billedSizeBytes": 0,
            "itemCount": sum(map(len, self.files)),
            "outputFormat": "DYNAMODB_JSON",
            "exportType": "FULL_EXPORT",
        }
        return json.dumps(row | self.more)

    def put(self, s3: Any, bucket: str, **changed: bytes | None) -> str:
        """Into the bucket; `changed` (by a part of its name) is written otherwise, or not at all. Gives the
        folder's address."""
        for key, content in self.objects().items():
            other = next((body for part, body in changed.items() if part in key.replace("-", "_")), content)
            if other is not None:
                s3.put_object(Bucket=bucket, Key=key, Body=other)
        return f"s3://{bucket}/{self.folder}"
