"""Values against a pool's schema."""

from __future__ import annotations

import pytest

from cutover.users.ports import SchemaAttribute
from cutover.users.schema import misfit

CODE = SchemaAttribute("custom:code", min_length=2, max_length=4)
AGE = SchemaAttribute("custom:age", "Number", min_value=0, max_value=150)
FLAG = SchemaAttribute("custom:flag", "Boolean")
SEEN = SchemaAttribute("custom:seen", "DateTime")


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        (CODE, "ab"),
        (CODE, "abcd"),
        (CODE, "äöü"),
        (AGE, "0"),
        (AGE, "150"),
        (AGE, "1.5"),
        (FLAG, "true"),
        (FLAG, "false"),
        (SEEN, "2024-02-29"),
        (SEEN, "2024-02-29T12:00:00Z"),
        (SEEN, "1700000000"),
        (SchemaAttribute("birthdate"), "1990-01-31"),
        (SchemaAttribute("phone_number"), "+15550100"),
        (SchemaAttribute("email"), "ann@example.com"),
        (SchemaAttribute("custom:free"), "x" * 2048),
    ],
)
def test_a_value_that_fits(attribute: SchemaAttribute, value: str) -> None:
    assert misfit(value, attribute) == ""


@pytest.mark.parametrize(
    ("attribute", "value", "why"),
    [
        (CODE, "a", "length"),
        (CODE, "abcde", "length"),
        (AGE, "-1", "range"),
        (AGE, "151", "range"),
        (AGE, "old", "type"),
        (AGE, "", "type"),
        (AGE, "١٢", "type"),
        (AGE, "NaN", "type"),
        (AGE, "1e3", "type"),
        (FLAG, "True", "type"),
        (FLAG, "", "type"),
        (SEEN, "yesterday", "type"),
        (SchemaAttribute("custom:new", "Blob"), "x", "type"),
        (SchemaAttribute("birthdate"), "31.01.1990", "format"),
        (SchemaAttribute("birthdate"), "1990-01-31\n", "format"),
        (SchemaAttribute("phone_number"), "0155 501", "format"),
        (SchemaAttribute("phone_number"), "+1555010012345678", "format"),
        (SchemaAttribute("email"), "ann", "format"),
        (SchemaAttribute("email"), "ann@example.com x@y", "format"),
        (SchemaAttribute("custom:free"), "x" * 2049, "length"),
    ],
)
def test_a_value_that_does_not_fit_says_why(attribute: SchemaAttribute, value: str, why: str) -> None:
    assert misfit(value, attribute) == why
