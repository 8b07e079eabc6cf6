"""Reading Cognito's event: nulls, absences and strange types, and what is not read at all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.users import events
from cutover.users.events import MigrationFault, Source, proven, read_attempt, reset
from tests.canary import PASSWORD
from tests.fakes.migration import FORGOT, event

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def test_a_sign_in() -> None:
    attempt = read_attempt(event("ann"))
    assert (attempt.source, attempt.name, attempt.password) == (Source.SIGN_IN, "ann", PASSWORD)


def test_a_forgotten_password() -> None:
    attempt = read_attempt(event("ann", FORGOT))
    assert (attempt.source, attempt.password) == (Source.FORGOT_PASSWORD, "")


@pytest.mark.parametrize("source", [None, "", "PreSignUp_SignUp", "usermigration_authentication", 7])
def test_any_other_source_is_none(source: object) -> None:
    assert read_attempt(event(triggerSource=source)).source is None


@pytest.mark.parametrize("key", ["triggerSource", "userPoolId", "userName", "callerContext", "request"])
@pytest.mark.parametrize("value", ["absent", None, 7, [], "x"])
def test_any_key_may_be_absent_null_or_strange(key: str, value: object) -> None:
    sent = event()
    if value == "absent":
        del sent[key]
    else:
        sent[key] = value
    read_attempt(sent)


@given(JSON)
def test_no_event_breaks_the_reading(sent: Any) -> None:
    read_attempt(sent)
    read_attempt({"request": sent, "callerContext": sent, "userName": sent, "triggerSource": sent})


@given(JSON, JSON, JSON)
def test_what_the_client_chose_to_send_changes_nothing(
    validation: Any, metadata: Any, attributes: Any
) -> None:
    sent = event()
    plain = read_attempt(sent)
    request = {
        **sent["request"],
        "validationData": validation,
        "clientMetadata": metadata,
        "userAttributes": attributes,
    }
    assert read_attempt({**sent, "request": request, "response": attributes}) == plain


def test_an_attempt_does_not_show_who_or_with_what() -> None:
    assert PASSWORD not in repr(read_attempt(event("ann@example.com")))
    assert "ann@example.com" not in repr(read_attempt(event("ann@example.com")))


@pytest.mark.parametrize("answer", [proven, reset])
def test_no_answer_takes_an_alias_from_somebody(answer: Any) -> None:
    assert answer({"email": "a@b.c"})["forceAliasCreation"] is False


def test_a_reset_names_no_status() -> None:
    assert "finalUserStatus" not in reset({"email": "a@b.c"})


def test_a_fault_has_one_text() -> None:
    assert str(MigrationFault()) == events.FAULT_TEXT
