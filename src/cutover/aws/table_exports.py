"""Starts a point-in-time export of a table to S3.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportTableToPointInTime.html
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.faults import error_code
from cutover.errors import UsageError
from cutover.tables.export_manifest import FORMAT, FULL


def bucket_of(uri: str) -> tuple[str, str]:
    """Bucket and prefix (perhaps none) of `s3://bucket/prefix`. Raises UsageError."""
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket:
        raise UsageError(f"{uri} is no place in S3", fix="write s3://bucket or s3://bucket/prefix")
    return bucket, prefix.strip("/")


def start_export(client: Any, table_arn: str, bucket: str, prefix: str) -> str:
    """Gives the folder in which it will be. The SDK makes one token for all attempts of the call, so that a
    lost reply starts no second one. Raises UsageError without point-in-time recovery, else botocore's errors.
    """
    place = {"S3Prefix": prefix} if prefix else {}
    try:
        reply = client.export_table_to_point_in_time(
            TableArn=table_arn, S3Bucket=bucket, ExportFormat=FORMAT, ExportType=FULL, **place
        )
    except ClientError as error:
        if error_code(error) != "PointInTimeRecoveryUnavailableException":
            raise
        raise UsageError(
            f"{table_arn} has no point-in-time recovery",
            cause="an export needs it",
            fix="switch it on (aws dynamodb update-continuous-backups), or let the backfill scan the table",
        ) from error
    export_id = str(reply["ExportDescription"]["ExportArn"]).rsplit("/", 1)[-1]
    return f"s3://{bucket}/{prefix + '/' if prefix else ''}AWSDynamoDB/{export_id}"
