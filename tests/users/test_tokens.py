"""Whose tokens: one clear sub, or nobody's."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.users.tokens import groups, subject


def jwt(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"h.{payload}.s"


def test_two_tokens_of_one_person() -> None:
    assert subject(jwt({"sub": "a"}), jwt({"sub": "a", "username": "ann"})) == "a"


def test_one_token_is_enough() -> None:
    assert subject(None, jwt({"sub": "a"})) == "a"


def test_a_sub_in_another_alphabet_survives_the_encoding() -> None:
    assert subject(jwt({"sub": "zoë-ÿÿ>>??"})) == "zoë-ÿÿ>>??"


def test_two_tokens_of_two_people_are_nobodys() -> None:
    assert subject(jwt({"sub": "a"}), jwt({"sub": "b"})) is None


def test_one_token_that_says_nothing_spoils_the_other() -> None:
    assert subject(jwt({"sub": "a"}), jwt({})) is None


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "x",
        "a.b",
        "a.b.c",
        "a.!!.c",
        "a.bnVsbA.c",
        7,
        b"a.b.c",
        jwt([]),
        jwt({"sub": 1}),
        jwt({"sub": ""}),
    ],
)
def test_what_is_no_token_is_nobodys(token: object) -> None:
    assert subject(token) is None


def test_the_groups_of_an_id_token() -> None:
    assert groups(jwt({"sub": "a", "cognito:groups": ["editors", "admins"]})) == {"admins", "editors"}


@pytest.mark.parametrize(
    "token",
    [
        None,
        "x",
        jwt([]),
        jwt({"sub": "a"}),
        jwt({"cognito:groups": None}),
        jwt({"cognito:groups": "admins"}),
        jwt({"cognito:groups": {"admins": 1}}),
        jwt({"cognito:groups": ["admins", 7]}),
        jwt({"cognito:groups": [""]}),
    ],
)
def test_what_is_no_list_of_groups_names_none(token: object) -> None:
    assert groups(token) == frozenset()


@given(st.text())
def test_no_text_breaks_it(token: str) -> None:
    subject(token, f"a.{token}.b")
    groups(f"a.{token}.b")
