"""Two descriptions compared leaf by leaf."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.control.pool_diff import differences


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"A": {}}, {}),
        ({"A": []}, {}),
        ({"A": None}, {}),
        ({"A": ""}, {}),
        ({"A": {"B": {}}}, {"A": {}}),
        ({"A": ["x", "y"]}, {"A": ["y", "x"]}),
        ({"LastModifiedDate": 1, "EstimatedNumberOfUsers": 1}, {"LastModifiedDate": 2}),
        (
            {"SchemaAttributes": [{"Name": "a"}, {"Name": "b"}]},
            {"SchemaAttributes": [{"Name": "b"}, {"Name": "a"}]},
        ),
    ],
)
def test_these_are_equal(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert differences(before, after) == ()


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({"A": False}, {}, ["A"]),
        ({"A": 0}, {"A": 1}, ["A"]),
        ({"A": {"B": {"C": 1}}}, {"A": {"B": {"C": 2}}}, ["A.B.C"]),
        ({"A": ["x"]}, {"A": ["x", "x"]}, ["A"]),
        (
            {"SchemaAttributes": [{"Name": "a", "Mutable": True}]},
            {"SchemaAttributes": [{"Name": "a", "Mutable": False}]},
            ["SchemaAttributes.a.Mutable"],
        ),
    ],
)
def test_these_differ_at(before: dict[str, Any], after: dict[str, Any], paths: list[str]) -> None:
    assert [change.path for change in differences(before, after)] == paths


def test_what_is_ignored_is_ignored_with_all_below_it() -> None:
    assert differences({"A": {"B": 1}}, {"A": {"B": 2}}, ignore=frozenset({"A"})) == ()


def test_a_name_that_only_begins_like_an_ignored_one_is_not_ignored() -> None:
    assert differences({"AB": 1}, {"AB": 2}, ignore=frozenset({"A"})) != ()
