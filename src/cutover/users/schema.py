"""Whether a value fits an attribute of a pool's schema.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from cutover.users.ports import SchemaAttribute

LONGEST_VALUE = 2048
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_PHONE = re.compile(r"\+[0-9]{1,15}\Z")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
_FORMATS: Mapping[str, re.Pattern[str]] = {"birthdate": _DATE, "phone_number": _PHONE, "email": _EMAIL}

CONTACTS = ("email", "phone_number")


def misfit(value: str, attribute: SchemaAttribute) -> str:
    """Why `value` cannot be held by `attribute`, in one word; empty where it can."""
    pattern = _FORMATS.get(attribute.name)
    if pattern is not None and not pattern.match(value):
        return "format"
    if len(value) > LONGEST_VALUE:
        return "length"
    return _CHECKS.get(attribute.type, _any)(value, attribute)


def _string(value: str, attribute: SchemaAttribute) -> str:
    too_short = attribute.min_length is not None and len(value) < attribute.min_length
    too_long = attribute.max_length is not None and len(value) > attribute.max_length
    return "length" if too_short or too_long else ""


def _number(value: str, attribute: SchemaAttribute) -> str:
    if not _NUMBER.match(value):
        return "type"
    too_small = attribute.min_value is not None and float(value) < attribute.min_value
    too_large = attribute.max_value is not None and float(value) > attribute.max_value
    return "range" if too_small or too_large else ""


def _boolean(value: str, _attribute: SchemaAttribute) -> str:
    return "" if value in {"true", "false"} else "type"


def _datetime(value: str, _attribute: SchemaAttribute) -> str:
    if _NUMBER.match(value):
        return ""
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return "type"
    return ""


def _any(_value: str, _attribute: SchemaAttribute) -> str:
    return "type"


_CHECKS: Mapping[str, Callable[[str, SchemaAttribute], str]] = {
    "String": _string,
    "Number": _number,
    "Boolean": _boolean,
    "DateTime": _datetime,
}
