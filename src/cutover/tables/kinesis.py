"""Changes of a table as Kinesis Data Streams for DynamoDB brings them, where the stream's readers are taken.

A record of the Kinesis stream is JSON text of one change: the name of the table, its Region, and the part
`dynamodb` as a stream's record has it, but without a sequence number, with both images always, and with its
time in milliseconds or microseconds. A change may come twice and out of order
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html). Neither matters here: a record
names a key, and `converge` makes the target right for it.

The images are not used, not even as first guesses. The proof of `converge` would allow it, for it reads the
source again after each write. But an image that comes late would show the old item in the target for a
moment, and so would what anybody made up who may put records into the Kinesis stream; nobody can put any
into a table's own.

The table's account is in no field. The Kinesis stream is in the same account and Region as the table
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_gettingstarted.html), so its ARN tells.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from typing import Any

from cutover.tables.items import MalformedItem

SOURCE = "aws:kinesis"
"""`eventSource` of what Lambda delivers: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html"""

_PER_SECOND = {"MILLISECOND": 1e3, "MICROSECOND": 1e6}


def change_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """The change inside `record`, an event's record of a Kinesis stream, in the shape of a stream's record
    that brings keys alone.

    Raises MalformedItem for what no table wrote.
    """
    try:
        change = json.loads(base64.b64decode(record["kinesis"]["data"], validate=True))
        body = change["dynamodb"]
        table = _table_arn(record["eventSourceARN"], change["tableName"])
        return {
            "eventSourceARN": table,
            "dynamodb": {
                "Keys": body["Keys"],
                "SequenceNumber": record["kinesis"]["sequenceNumber"],
                "ApproximateCreationDateTime": _seconds(body),
            },
        }
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise MalformedItem(f"not a table's record of a Kinesis stream ({type(error).__name__})") from None


def _table_arn(stream_arn: str, table: str) -> str:
    _, partition, _, region, account, *_ = stream_arn.split(":")
    return f"arn:{partition}:dynamodb:{region}:{account}:table/{table}"


def _seconds(body: Mapping[str, Any]) -> float | None:
    created = body.get("ApproximateCreationDateTime")
    if created is None:
        return None
    seconds = float(created) / _PER_SECOND[body.get("ApproximateCreationDateTimePrecision") or "MILLISECOND"]
    return seconds if math.isfinite(seconds) else None
