"""The metric by which a mirror's lag is known, as Lambda publishes it itself.

`AWS/Lambda IteratorAge`, milliseconds: how old the last record of a batch is when the batch is sent.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from cutover.rehearsal.pump.events import Record, created_at

EVERY_SECONDS = 2.0
"""The real service publishes for every batch; here one value in two seconds is enough."""


class IteratorAge:
    """Of one mapping. `function` is its ARN, with or without an alias."""

    def __init__(self, client: Callable[[str], Any], function: str) -> None:
        self._client = client
        self._name = function.split(":")[6]
        self._lock = threading.Lock()
        self._next = 0.0

    def note(self, records: list[Record]) -> None:
        with self._lock:
            if not records or time.monotonic() < self._next:
                return
            self._next = time.monotonic() + EVERY_SECONDS
        self._client("cloudwatch").put_metric_data(
            Namespace="AWS/Lambda",
            MetricData=[
                {
                    "MetricName": "IteratorAge",
                    "Dimensions": [{"Name": "FunctionName", "Value": self._name}],
                    "Unit": "Milliseconds",
                    "Value": max(0.0, (time.time() - created_at(records[-1])) * 1000),
                }
            ],
        )
