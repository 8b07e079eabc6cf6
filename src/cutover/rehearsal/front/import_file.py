"""A file of users as an import job reads it: `pages.IMPORT`. Pure: bytes and a pool in, rows out.

A line is a user, whatever stands in it; a comma in a value is written `\\,`; nothing is quoted. That is all
that the page says of the form, so any other backslash stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

NAME, MFA = "cognito:username", "cognito:mfa_enabled"
STANDARD = (
    *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile"),
    *("picture", "website", "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale"),
    *("phone_number", "phone_number_verified", "address", "updated_at"),
)
MOST_BYTES, MOST_ROWS, LONGEST_ROW = 100_000_000, 500_000, 16_000
_COMMA = re.compile(r"(?<!\\),")
_BIRTHDATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})\Z")
_CONTACTS = ("email", "phone_number")
NOTHING_VERIFIED = (
    "The User Record does not set any of the auto verified attributes to true. "
    "(Example: email_verified to true)."
)


class UnreadableFile(Exception):
    """The whole job fails; the text is its `CompletionMessage`, in words of our own."""


@dataclass(frozen=True)
class Row:
    """`number` is that of the line in the file; no page says whether the header counts, here it does."""

    number: int
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    problem: str = ""

    @property
    def name(self) -> str:
        return self.values.get(NAME, "")

    @property
    def attributes(self) -> dict[str, str]:
        """The profile; a date of birth is written otherwise in a file than in a pool."""
        kept = {name: value for name, value in self.values.items() if value and name not in (NAME, MFA)}
        if found := _BIRTHDATE.match(kept.get("birthdate", "")):
            kept["birthdate"] = f"{found[3]}-{found[1]}-{found[2]}"
        return kept


def header_of(pool: Mapping[str, Any]) -> list[str]:
    """Every attribute that a pool has, the standard ones first: `pages.CSV_HEADER`."""
    own = [row["Name"] for row in pool.get("SchemaAttributes", ()) if ":" in row["Name"]]
    return [*STANDARD, *own, MFA, NAME]


def read_file(content: bytes, pool: Mapping[str, Any]) -> Iterator[Row]:
    """Raises UnreadableFile for what fails a job as a whole."""
    header, lines = _lines(content)
    if sorted(header) != sorted(header_of(pool)):
        raise UnreadableFile("The header does not match the user pool's attributes.")
    if len(lines) > MOST_ROWS:
        raise UnreadableFile("The file has too many users.")
    seen: set[str] = set()
    for number, line in lines:
        row = _row(number, line, header)
        problem = row.problem or _problem(row, pool, seen)
        seen.add(row.name)
        yield Row(number, row.values, problem)


def _lines(content: bytes) -> tuple[list[str], list[tuple[int, str]]]:
    """The header's cells, and the other lines that hold anything with their numbers."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile("The file is too large.")
    if content.startswith(b"\xef\xbb\xbf"):
        raise UnreadableFile("The file begins with a byte order mark.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableFile("The file is not UTF-8.") from None
    first, *lines = text.splitlines() or [""]
    return _cells(first), [(at, line) for at, line in enumerate(lines, start=2) if line.strip()]


def _cells(line: str) -> list[str]:
    return [cell.replace("\\,", ",").strip() for cell in _COMMA.split(line)]


def _row(number: int, line: str, header: Sequence[str]) -> Row:
    cells = _cells(line)
    if len(line) > LONGEST_ROW:
        return Row(number, problem="The User Record is too long.")
    if len(cells) != len(header):
        return Row(number, problem="The User Record does not have the columns of the header.")
    return Row(number, dict(zip(header, cells, strict=True)))


def _problem(row: Row, pool: Mapping[str, Any], seen: set[str]) -> str:
    """Why the row is refused. All but `NOTHING_VERIFIED` are words of our own."""
    if not row.name or re.search(r"\s", row.name):
        return "The username is empty or holds a space."
    if row.name in seen:
        return "The username stands in the file twice."
    required_mfa = {"ON": "true", "OFF": "false"}.get(pool.get("MfaConfiguration", "OFF"))
    if row.values[MFA] not in ("true", "false") or required_mfa not in (None, row.values[MFA]):
        return "cognito:mfa_enabled does not fit the user pool."
    verified = pool.get("AutoVerifiedAttributes") or ()
    if not any(row.values.get(f"{contact}_verified") == "true" for contact in verified):
        return NOTHING_VERIFIED
    if any(row.values[f"{one}_verified"] == "true" and not row.values[one] for one in _CONTACTS):
        return "What is verified is empty."
    if row.values["birthdate"] and not _BIRTHDATE.match(row.values["birthdate"]):
        return "The birthdate is not mm/dd/yyyy."
    if row.values["updated_at"] and not row.values["updated_at"].isdigit():
        return "updated_at is no number of seconds."
    return next(_schema_problems(row, pool), "")


def _schema_problems(row: Row, pool: Mapping[str, Any]) -> Iterator[str]:
    for one in pool.get("SchemaAttributes", ()):
        value, limits = row.values.get(one["Name"], ""), one.get("StringAttributeConstraints") or {}
        if one.get("Required") and one["Name"] != "sub" and not value:
            yield f"{one['Name']} is required."
        elif value and not int(limits.get("MinLength") or 0) <= len(value) <= int(
            limits.get("MaxLength") or 2048
        ):
            yield f"{one['Name']} does not fit the schema."
