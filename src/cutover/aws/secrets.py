"""Texts kept in Secrets Manager: the old client's secret, and the key of the log's user labels."""

from __future__ import annotations

import json
from typing import Any

from cutover.aws.cognito_replies import AWS_ERRORS, our_fault
from cutover.users.decision_table import Decision, Stop

MAX_AGE = 300.0
"""Seconds a secret is kept: a rotated one is picked up within five minutes."""


def read_secret(client: Any, arn: str, field: str) -> str:
    """The secret's text, or the value of `field` where the text is a JSON object. Raises Stop.

    Space around it is none of the secret's: a text that was kept from a file often ends in a new line.
    """
    try:
        text = client.get_secret_value(SecretId=arn).get("SecretString")
    except AWS_ERRORS as error:
        raise our_fault("secret", error) from None
    value = _field(text, field) if isinstance(text, str) else None
    if not value or not value.strip():
        raise Stop(Decision.MISCONFIGURED, "secret is empty")
    return value.strip()


def _field(text: str, field: str) -> str | None:
    try:
        fields = json.loads(text)
    except ValueError:
        return text
    if not isinstance(fields, dict):
        return text
    value = fields.get(field)
    return value if isinstance(value, str) else None
