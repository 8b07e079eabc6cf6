"""Switching a table's stream on, once.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_StreamSpecification.html
"""

from __future__ import annotations

import time
from collections.abc import Callable

from botocore.exceptions import ClientError

from cutover.aws.faults import error_code
from cutover.aws.init_reader import read_table
from cutover.aws.session import Aws
from cutover.control.init_plan import EnableStream
from cutover.errors import PartlyDone

POLL_SECONDS = 2.0
PATIENCE_SECONDS = 300.0


def enable_stream(aws: Aws, step: EnableStream, *, sleep: Callable[[float], None] = time.sleep) -> str:
    """The new stream's ARN. A stream that somebody switched on meanwhile is taken as it is.

    Raises PartlyDone where the stream has no ARN after five minutes; init may be run again then.
    """
    client = aws.elsewhere(region=step.table.region).client("dynamodb")
    try:
        client.update_table(
            TableName=step.table.spec,
            StreamSpecification={"StreamEnabled": True, "StreamViewType": step.view},
        )
    except ClientError as error:
        if error_code(error) not in {"ValidationException", "ResourceInUseException"}:
            raise
        if (arn := read_table(aws, step.table.spec).stream_arn) is None:
            raise
        return arn
    waited = 0.0
    while waited < PATIENCE_SECONDS:
        if (arn := read_table(aws, step.table.spec).stream_arn) is not None:
            return arn
        sleep(POLL_SECONDS)
        waited += POLL_SECONDS
    raise PartlyDone(
        f"the stream of {step.table.spec} was switched on, but has no ARN yet",
        fix="run init again in a minute",
        next_command="cutover init",
    )
