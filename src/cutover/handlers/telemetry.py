"""The one logger and the one metrics provider of the functions.

Nothing here may carry a password, a token, a client secret, a name, an e-mail or a phone number. The event
of a trigger holds the clear password, so `log_event` stays off whatever the environment says, and the
libraries that log requests at DEBUG are held at WARNING.
"""

from __future__ import annotations

import logging

from aws_lambda_powertools import Logger, Metrics

for _name in ("boto3", "botocore", "urllib3"):
    logging.getLogger(_name).setLevel(logging.WARNING)

logger = Logger(use_rfc3339=True)
"""JSON lines; the service is the stack's name (`POWERTOOLS_SERVICE_NAME`)."""

metrics = Metrics(namespace="cutover")
"""Embedded metric format; dimensions are the service and, where it says so, the decision or the pair."""
