"""How many sign-ins a pool has at its busiest, as CloudWatch counts them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

DAYS = 4
PERIOD = 300
"""Seconds. Cognito's metrics come every five minutes, and a reply holds 1,440 datapoints:
https://docs.aws.amazon.com/cognito/latest/developerguide/metrics-for-cognito-user-pools.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html"""
BY_ADMINS = "Admin"
"""The name under which an administrator's sign-ins are counted."""


def peak_rate(client: Any, pool_id: str, client_ids: Iterable[str], at: int) -> float | None:
    """Sign-ins a second, right or wrong, over all app clients in the busiest five minutes of the last days;
    None where there is no datapoint. `client` is a CloudWatch client of the pool's Region."""
    end = datetime.fromtimestamp(at, UTC)
    asked: dict[datetime, float] = {}
    for client_id in (*client_ids, BY_ADMINS):
        reply = client.get_metric_statistics(
            Namespace="AWS/Cognito",
            MetricName="SignInSuccesses",
            Dimensions=[
                {"Name": "UserPool", "Value": pool_id},
                {"Name": "UserPoolClient", "Value": client_id},
            ],
            StartTime=end - timedelta(days=DAYS),
            EndTime=end,
            Period=PERIOD,
            Statistics=["SampleCount"],
        )
        for point in reply["Datapoints"]:
            asked[point["Timestamp"]] = asked.get(point["Timestamp"], 0.0) + float(point["SampleCount"])
    return max(asked.values()) / PERIOD if asked else None
