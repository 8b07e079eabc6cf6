"""A written import file, read again with nothing shared with what wrote it but the pool's rules.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool-csv-header.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

from cutover.users.import_rows import ImportPool
from cutover.users.ledger_rows import name_key
from cutover.users.schema import misfit

MOST_ROWS = 500_000
MOST_BYTES = 100_000_000
"""The page says 100 MB; the smaller reading of it."""
_BOM = b"\xef\xbb\xbf"
_BREAKS = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029"]|\\(?!,)')
_BETWEEN = re.compile(r"(?<!\\),")
_MFA = {"ON": ("true",), "OFF": ("false",)}


class FileUnfit(Exception):
    """The file is not what a job takes. `line` counts from 1, the header's being 1; no value is named."""

    def __init__(self, line: int, rule: str) -> None:
        super().__init__(f"line {line}: {rule}")
        self.line, self.rule = line, rule


def checked_rows(file: BinaryIO, pool: ImportPool) -> Iterator[dict[str, str]]:
    """Every row by column, empty values left out. Raises FileUnfit at the first that breaks a rule."""
    header = _header(file, pool)
    names: set[int] = set()
    size = file.tell()
    number = 1
    for number, raw in enumerate(file, start=2):
        size += len(raw)
        if size > MOST_BYTES or number - 1 > MOST_ROWS:
            raise FileUnfit(number, "the file is too large")
        row = _row(number, raw, header)
        rule = _broken_rule(row, pool)
        if rule:
            raise FileUnfit(number, rule)
        key = hash(name_key(row["cognito:username"], case_sensitive=pool.rules.case_sensitive))
        if key in names:
            raise FileUnfit(number, "cognito:username is there twice")
        names.add(key)
        yield row
    if number == 1:
        raise FileUnfit(1, "no row")


def _header(file: BinaryIO, pool: ImportPool) -> list[str]:
    first = file.readline()
    if first.startswith(_BOM):
        raise FileUnfit(1, "a byte order mark")
    header = first.decode("utf-8").removesuffix("\n").split(",")
    if sorted(header) != sorted(pool.header):
        raise FileUnfit(1, "the header is not the pool's")
    return header


def _row(number: int, raw: bytes, header: list[str]) -> dict[str, str]:
    if not raw.endswith(b"\n"):
        raise FileUnfit(number, "the line has no end")
    try:
        line = raw[:-1].decode("utf-8")
    except UnicodeDecodeError:
        raise FileUnfit(number, "not UTF-8") from None
    if len(line.encode("utf-16-le")) // 2 > 16_000:
        raise FileUnfit(number, "more than 16,000 characters")
    if _BREAKS.search(line):
        raise FileUnfit(number, "a character that could end a value or a line")
    values = [value.replace("\\,", ",") for value in _BETWEEN.split(line)]
    if len(values) != len(header):
        raise FileUnfit(number, "another number of columns than the header")
    if any(value != value.strip() for value in values):
        raise FileUnfit(number, "white space at the end of a value")
    return {name: value for name, value in zip(header, values, strict=True) if value}


def _broken_rule(row: dict[str, str], pool: ImportPool) -> str:
    """Of a row, the first rule that it breaks; empty where it breaks none."""
    name = row.get("cognito:username", "")
    if not name or re.search(r"\s", name):
        return "cognito:username is empty or has white space"
    if row.get("cognito:mfa_enabled") not in _MFA.get(pool.mfa, ("true", "false")):
        return "cognito:mfa_enabled is not what the pool asks for"
    for contact in ("email", "phone_number"):
        if row.get(f"{contact}_verified") not in (None, "true", "false"):
            return f"{contact}_verified is neither true nor false"
        if row.get(f"{contact}_verified") == "true" and contact not in row:
            return f"{contact} is empty and verified"
    if not any(row.get(f"{contact}_verified") == "true" for contact in pool.auto_verified):
        return "no auto-verified attribute is verified"
    return _misfit(row, pool)


def _misfit(row: dict[str, str], pool: ImportPool) -> str:
    for attribute in pool.rules.schema.values():
        value = row.get(attribute.name)
        if value is None:
            if attribute.required and attribute.name != "sub":
                return f"{attribute.name} is required"
        elif attribute.name == "birthdate":
            if not _is_day(value):
                return "birthdate is not mm/dd/yyyy"
        elif misfit(value, attribute):
            return f"{attribute.name} does not fit the pool's schema"
    return ""


def _is_day(value: str) -> bool:
    found = re.fullmatch(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", value)
    try:
        return found is not None and bool(date(int(found[3]), int(found[1]), int(found[2])))
    except ValueError:
        return False
