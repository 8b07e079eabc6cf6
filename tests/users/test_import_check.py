"""A file that breaks one rule of AWS's page does not pass, whoever wrote it."""

from __future__ import annotations

import io

import pytest

from cutover.users.import_check import FileUnfit, checked_rows
from cutover.users.import_rows import ImportPool
from cutover.users.ports import SchemaAttribute
from tests.users.importing import pool

SMALL = ("cognito:username", "email", "email_verified", "birthdate", "cognito:mfa_enabled")
HEAD = ",".join(SMALL)
GOOD = "ann,ann@example.com,true,02/01/1985,false"


def small(*attributes: SchemaAttribute, **changes: str) -> ImportPool:
    return pool(*attributes, header=SMALL, **changes)


def rule(*lines: str, of: ImportPool | None = None, end: str = "\n") -> str:
    document = "\n".join((HEAD, *lines)) + end
    with pytest.raises(FileUnfit) as unfit:
        list(checked_rows(io.BytesIO(document.encode("utf-8", "surrogatepass")), of or small()))
    return unfit.value.rule


def test_a_good_file_passes() -> None:
    rows = list(checked_rows(io.BytesIO(f"{HEAD}\n{GOOD}\n".encode()), small()))
    assert rows[0]["birthdate"] == "02/01/1985"


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("an n,ann@example.com,true,,false", "white space"),
        (",ann@example.com,true,,false", "cognito:username is empty"),
        ("ann,ann@example.com,true,,true", "mfa_enabled"),
        ("ann,ann@example.com,true,,", "mfa_enabled"),
        ("ann,ann@example.com,false,,false", "auto-verified"),
        ("ann,,true,,false", "email is empty"),
        ("ann,ann@example.com,yes,,false", "neither true nor false"),
        ("ann,ann@example.com,true,1985-02-01,false", "birthdate"),
        ("ann,ann@example.com,true,2/1/1985,false", "birthdate"),
        ("ann,ann,true,,false", "email does not fit"),
        ("ann,ann@example.com,true,,false,more", "number of columns"),
        ("ann,ann@example.com,true,,false ", "white space"),
        ("ann,ann@exa\\mple.com,true,,false", "could end"),
        ('ann,"ann@example.com",true,,false', "could end"),
        ("ann,ann\x85@example.com,true,,false", "could end"),
        ("ann,\ud800@example.com,true,,false", "not UTF-8"),
        ("a" * 16_001 + ",ann@example.com,true,,false", "16,000"),
    ],
)
def test_a_line_that_breaks_a_rule_does_not_pass(line: str, word: str) -> None:
    assert word in rule(line)


def test_a_name_is_there_once_as_the_pool_folds_it() -> None:
    twice = GOOD.replace("ann,", "ANN,", 1)
    assert "twice" in rule(GOOD, twice, of=small(case_sensitive=False))
    assert len(list(checked_rows(io.BytesIO(f"{HEAD}\n{GOOD}\n{twice}\n".encode()), small()))) == 2


def test_a_required_attribute_is_there() -> None:
    assert "birthdate is required" in rule(
        "ann,ann@example.com,true,,false", of=small(SchemaAttribute("birthdate", required=True))
    )


def test_the_last_line_has_an_end() -> None:
    assert "no end" in rule(GOOD, end="")


def test_an_empty_file_is_none() -> None:
    assert rule() == "no row"


def test_a_byte_order_mark_does_not_pass() -> None:
    with pytest.raises(FileUnfit, match="byte order mark"):
        list(checked_rows(io.BytesIO(f"\ufeff{HEAD}\n{GOOD}\n".encode()), small()))


def test_another_header_does_not_pass() -> None:
    with pytest.raises(FileUnfit, match="header"):
        list(checked_rows(io.BytesIO(b"cognito:username,email\nann,a@b\n"), small()))
