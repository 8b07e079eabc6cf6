"""The CSV that a user import job reads, played by the rules of AWS's page. It is not AWS.

Everything here is read off
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool-csv-header.html
and shares no line with the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MOST_ROWS, MOST_BYTES, LONGEST_ROW = 500_000, 100_000_000, 16_000


class Unparsable(Exception):
    """ "Amazon Cognito is unable to parse the .csv file": the job fails as a whole."""


class Unfit(Exception):
    """The row fails; the job goes on."""


@dataclass(frozen=True)
class Line:
    """A line of the file after the header: its number (the first one is 1) and its values by column."""

    number: int
    values: dict[str, str]


def parse(document: bytes, header: list[str]) -> list[Line]:
    """Raises Unparsable."""
    if document.startswith(b"\xef\xbb\xbf"):
        raise Unparsable("UTF-8 without byte order mark")
    if len(document) > MOST_BYTES:
        raise Unparsable("100 MB")
    try:
        text = document.decode("utf-8")
    except UnicodeDecodeError:
        raise Unparsable("UTF-8") from None
    first, *rows = _lines(text)
    columns = first.split(",")
    if sorted(columns) != sorted(header):
        raise Unparsable("all columns in the header must be present")
    if len(rows) > MOST_ROWS:
        raise Unparsable("500,000 rows")
    return [Line(number, _values(row, columns)) for number, row in enumerate(rows, start=1)]


def _lines(text: str) -> list[str]:
    """Cut wherever some reader of lines would."""
    lines = text.splitlines()
    if not lines:
        raise Unparsable("no header")
    return lines


def _values(row: str, columns: list[str]) -> dict[str, str]:
    if len(row) > LONGEST_ROW:
        raise Unparsable("16,000 characters")
    values, value, escaped = [], "", False
    for char in row:
        if escaped:
            value += char if char == "," else "\\" + char
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == ",":
            values.append(value)
            value = ""
        else:
            value += char
    values.append(value)
    if len(values) != len(columns):
        raise Unparsable(f"{len(values)} values in {len(columns)} columns")
    return {name: value.strip() for name, value in zip(columns, values, strict=True) if value.strip()}


def check(values: dict[str, str], pool: dict[str, Any]) -> None:
    """`pool` is a description. Raises Unfit with the text of the page where it gives one."""
    flags = {"email": "email_verified", "phone_number": "phone_number_verified"}
    name = values.get("cognito:username", "")
    if not name or " " in name or "\t" in name:
        raise Unfit("cognito:username")
    _check_flags(values, pool, flags)
    _check_moments(values)
    for attribute in pool["SchemaAttributes"]:
        if attribute["Name"] != "sub":
            _conform(values.get(attribute["Name"]), attribute)


def _check_flags(values: dict[str, str], pool: dict[str, Any], flags: dict[str, str]) -> None:
    mfa = values.get("cognito:mfa_enabled", "").lower()
    allowed = {"ON": {"true"}, "OFF": {"false"}}.get(pool.get("MfaConfiguration", "OFF"), {"true", "false"})
    if mfa not in allowed:
        raise Unfit("cognito:mfa_enabled")
    for contact, flag in flags.items():
        if values.get(flag, "").lower() == "true" and not values.get(contact):
            raise Unfit(f"{contact} is required")
    auto = pool.get("AutoVerifiedAttributes") or []
    if not any(values.get(flags[contact], "").lower() == "true" for contact in auto):
        raise Unfit("The User Record does not set any of the auto verified attributes to true.")


def _check_moments(values: dict[str, str]) -> None:
    if values.get("birthdate"):
        month, day, year = values["birthdate"].split("/")
        if (len(month), len(day), len(year)) != (2, 2, 4):
            raise Unfit("birthdate")
    if values.get("updated_at") and not (values["updated_at"].isdigit() and len(values["updated_at"]) <= 11):
        raise Unfit("updated_at")


def _conform(value: str | None, attribute: dict[str, Any]) -> None:
    """ "The user data doesn't match the schema": the user is not imported, and the job continues."""
    if value is None:
        if attribute.get("Required"):
            raise Unfit(f"{attribute['Name']} is required")
        return
    bounds = attribute.get("StringAttributeConstraints") or {}
    longest, shortest = bounds.get("MaxLength"), bounds.get("MinLength")
    if attribute["Name"] != "birthdate" and (longest or shortest):
        fits = int(shortest or 0) <= len(value) <= int(longest or 2048)
        if not fits:
            raise Unfit(f"{attribute['Name']}: length")
    if attribute["Name"] == "phone_number" and not (value[:1] == "+" and value[1:].isdigit()):
        raise Unfit("phone_number")
