"""What an import job makes of a file, without a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cutover.rehearsal.front.import_file import Row, UnreadableFile, header_of, read_file

POOL: dict[str, Any] = {
    "MfaConfiguration": "OFF",
    "AutoVerifiedAttributes": ["email"],
    "SchemaAttributes": [
        {"Name": "sub", "Required": True},
        {"Name": "email"},
        {"Name": "custom:plan", "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "4"}},
    ],
}
ANN = {
    "cognito:username": "ann",
    "cognito:mfa_enabled": "false",
    "email": "ann@example.com",
    "email_verified": "true",
}


def file_of(*rows: Mapping[str, str], pool: Mapping[str, Any] = POOL) -> bytes:
    header = header_of(pool)
    lines = [",".join(row.get(name, "") for name in header) for row in rows]
    return "\n".join([",".join(header), *lines, ""]).encode()


def rows_of(*rows: Mapping[str, str], **changes: Any) -> list[Row]:
    pool = POOL | changes
    return list(read_file(file_of(*rows, pool=pool), pool))


def test_the_header_has_every_attribute_but_the_sub() -> None:
    header = header_of(POOL)
    assert {"email", "email_verified", "custom:plan", "cognito:username", "cognito:mfa_enabled"} <= set(
        header
    )
    assert "sub" not in header


def test_a_row_is_a_user_with_the_number_of_its_line() -> None:
    [row] = rows_of(ANN)
    assert (row.number, row.name, row.problem) == (2, "ann", "")
    assert row.attributes == {"email": "ann@example.com", "email_verified": "true"}


def test_an_escaped_comma_belongs_to_the_value_and_quotes_are_letters() -> None:
    [row] = rows_of({**ANN, "name": 'Ann "A"\\, Miss'})
    assert row.attributes["name"] == 'Ann "A", Miss'


def test_a_comma_that_is_not_escaped_shifts_the_columns() -> None:
    [row] = rows_of({**ANN, "name": "Ann, Miss"})
    assert "columns" in row.problem


@pytest.mark.parametrize("end", ["\r", "\n", "\x85", "\u2028"])
def test_an_end_of_line_in_a_value_makes_two_rows_of_one(end: str) -> None:
    assert len(rows_of({**ANN, "name": f"Ann{end}Miss"})) == 2


def test_a_date_of_birth_is_turned_round() -> None:
    [row] = rows_of({**ANN, "birthdate": "12/31/1999"})
    assert row.attributes["birthdate"] == "1999-12-31"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email_verified": "false"}, "auto verified"),
        ({"email": ""}, "empty"),
        ({"cognito:username": "ann a"}, "space"),
        ({"cognito:mfa_enabled": "true"}, "mfa"),
        ({"cognito:mfa_enabled": ""}, "mfa"),
        ({"custom:plan": "large"}, "custom:plan"),
        ({"birthdate": "1999-12-31"}, "mm/dd/yyyy"),
        ({"updated_at": "yesterday"}, "seconds"),
    ],
)
def test_a_row_that_breaks_a_rule_says_which(change: dict[str, str], words: str) -> None:
    [row] = rows_of({**ANN, **change})
    assert words in row.problem


def test_a_name_that_stands_there_twice_is_refused_the_second_time() -> None:
    assert [bool(row.problem) for row in rows_of(ANN, ANN)] == [False, True]


def test_what_the_pool_requires_has_to_be_there() -> None:
    schema = [*POOL["SchemaAttributes"], {"Name": "name", "Required": True}]
    [row] = rows_of(ANN, SchemaAttributes=schema)
    assert row.problem == "name is required."


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf" + file_of(ANN), b"\xff", b"name,email\n", b""])
def test_a_file_that_cannot_be_read_fails_as_a_whole(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        list(read_file(content, POOL))
