"""The one logger of the functions, and the one way to count.

Nothing here may carry a password, a token, a client secret, a name, an e-mail or a phone number. The event
of a trigger holds the clear password, so `log_event` stays off whatever the environment says, and the
libraries that log requests at DEBUG are held at WARNING.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

NAMESPACE = "cutover"
_REQUEST_LOGGERS = ("boto3", "botocore", "urllib3", "s3transfer")


def quiet() -> None:
    """Hold every logger that writes whole requests at WARNING, whatever anybody set since the import.

    At DEBUG botocore logs the body of each request: a sign-in's holds the password.
    """
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in _REQUEST_LOGGERS:
            found = logging.getLogger(name)
            if found.getEffectiveLevel() < logging.WARNING:
                found.setLevel(logging.WARNING)
    for name in _REQUEST_LOGGERS:
        found = logging.getLogger(name)
        if found.level != logging.WARNING:  # to set it anew makes every logger forget what it has looked up
            found.setLevel(logging.WARNING)


def count(name: str, value: float = 1, **dimensions: str) -> None:
    """One count, at once, with dimensions of its own beside the service."""
    with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace=NAMESPACE) as metric:
        for dimension, text in dimensions.items():
            metric.add_dimension(name=dimension, value=text)


def seconds(name: str, value: float, **dimensions: str) -> None:
    """One duration, as `count` counts."""
    with single_metric(name=name, unit=MetricUnit.Seconds, value=value, namespace=NAMESPACE) as metric:
        for dimension, text in dimensions.items():
            metric.add_dimension(name=dimension, value=text)


def kind_and_place(error: BaseException) -> str:
    """What may be told of an exception that nothing foresaw: its text could hold a value of the event."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


quiet()

logger = Logger(use_rfc3339=True)
"""JSON lines; the service is the stack's name (`POWERTOOLS_SERVICE_NAME`)."""
