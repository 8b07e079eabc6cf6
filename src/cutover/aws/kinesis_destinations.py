"""The Kinesis streams to which a source table sends its changes, where they are mirrored from there."""

from __future__ import annotations

from cutover.aws.session import Aws
from cutover.aws.table_pairs import Roles
from cutover.control.deployment import Deployment
from cutover.tables.pairs import TableRef

NO_STREAMS = {None, "none"}


def kinesis_streams(table: TableRef, deployment: Deployment, aws: Aws, roles: Roles) -> tuple[str, ...]:
    """The ARNs of the streams to which `table` sends now; none, without a call, where the stack reads none.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeKinesisStreamingDestination.html.
    Raises ClientError.
    """
    if deployment.parameter("SourceKinesisArns") in NO_STREAMS:
        return ()
    where = aws.elsewhere(region=table.region, role_arn=roles.source, external_id=roles.external_id)
    reply = where.client("dynamodb", attempts=3).describe_kinesis_streaming_destination(TableName=table.spec)
    return tuple(
        one["StreamArn"]
        for one in reply.get("KinesisDataStreamDestinations", ())
        if one.get("DestinationStatus") in {"ACTIVE", "UPDATING"}
    )
