"""The sign-up guard through its handler: every `events/guard_*.json`, outages, settings, and what is told."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest

from cutover.handlers.guard_signup import handler
from cutover.users.sign_ups import GUARD_TEXT, SignUpRefused
from tests.fakes.migration import NEW, SUB, Context
from tests.fakes.scripted_cognito import Reply, error
from tests.fakes.signing_up import EVENTS, MIA_SUB, SigningUp, sent, signing_up

CASES = sorted(path.stem.removeprefix("guard_") for path in EVENTS.glob("guard_*.json"))
PASSES = {
    "new_person": "free",
    "federated_new": "free",
    "federated_returning": "free",
    "administrator": "administrator",
    "migration_in_flight": "migration",
}
REFUSED = {
    "old_name": "name",
    "old_name_in_another_case": "name",
    "newer_than_the_index": "name",
    "look_alike": "name",
    "with_metadata": "name",
    "another_source": "name",
    "old_email": "contact",
    "old_email_as_name": "contact",
    "old_phone": "contact",
    "federated_with_anothers_email": "contact",
    "old_sub_by_a_stranger": "old_sub",
    "another_pool": "wrong_pool",
    "malformed": "wrong_pool",
}
OUTAGES: dict[str, Reply] = {
    "throttled": error("TooManyRequestsException", "Rate exceeded"),
    "internal": error("InternalErrorException", "", 500),
    "unavailable": error("ServiceUnavailable", "", 503),
}
MISTAKES: dict[str, Reply] = {
    "denied": error("AccessDeniedException", "is not authorized to perform: cognito-idp:AdminGetUser"),
    "no pool": error("ResourceNotFoundException", "User pool does not exist."),
}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[SigningUp]:
    with signing_up(monkeypatch) as made:
        yield made


def refusal(world: SigningUp, event: Any, context: Any = None) -> str:
    with pytest.raises(SignUpRefused) as refused:
        world.sign_up(event, context)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    return str(refused.value)


@pytest.mark.parametrize("case", sorted(PASSES))
def test_who_takes_nothing_of_an_old_user_gets_the_very_event_back(
    world: SigningUp, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    event = sent(case)
    assert world.sign_up(copy.deepcopy(event)) == event
    assert caplog.records[-1].reason == PASSES[case]  # type: ignore[attr-defined]


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_a_refusal_is_one_text_whatever_the_cause(
    world: SigningUp, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    assert refusal(world, sent(case)) == GUARD_TEXT
    assert caplog.records[-1].reason == REFUSED[case]  # type: ignore[attr-defined]


def test_every_case_has_its_event() -> None:
    assert set(CASES) == PASSES.keys() | REFUSED.keys()


@pytest.mark.parametrize("case", CASES)
def test_an_event_is_for_the_pool_of_the_tests(case: str) -> None:
    assert sent(case)["userPoolId"] == NEW or case in {"another_pool", "malformed"}


@pytest.mark.parametrize(
    "event",
    [None, [], "x", 7, {}, {"userPoolId": NEW}, {**sent("new_person"), "userName": None}],
    ids=["null", "list", "text", "number", "empty", "pool alone", "nobody"],
)
def test_what_is_no_event_is_refused(world: SigningUp, event: Any) -> None:
    assert refusal(world, event) == GUARD_TEXT


def test_the_operators_text_is_the_one_text(world: SigningUp) -> None:
    world.setting(GUARD_TEXT="Not here, please.")
    assert {refusal(world, sent(case)) for case in REFUSED} == {"Not here, please."}


@pytest.mark.parametrize(
    "said", [{}, {"isAdministrator": "true", "triggerSource": "PreSignUp_AdminCreateUser"}]
)
@pytest.mark.parametrize("key", ["validationData", "clientMetadata"])
@pytest.mark.parametrize("case", ["new_person", "old_name", "old_sub_by_a_stranger"])
def test_what_a_client_sends_along_changes_no_ruling(
    world: SigningUp, case: str, key: str, said: dict[str, str]
) -> None:
    event = sent(case)
    event["request"][key] = said
    if case in PASSES:
        assert world.sign_up(event) == event
    else:
        assert refusal(world, event) == GUARD_TEXT


def test_a_migration_in_flight_lets_one_creation_through(world: SigningUp) -> None:
    event = sent("migration_in_flight")
    assert world.sign_up(copy.deepcopy(event)) == event
    assert refusal(world, event) == GUARD_TEXT


def test_a_migration_that_was_offered_long_ago_lets_nobody_through(world: SigningUp) -> None:
    world.migration.set_row(MIA_SUB, last_offered_at={"N": str(int(time.time()) - 60)})
    assert refusal(world, sent("migration_in_flight")) == GUARD_TEXT


class TestOutage:
    @pytest.mark.parametrize("outage", sorted(OUTAGES))
    def test_it_refuses_with_the_one_text_and_is_counted(
        self, world: SigningUp, capfd: pytest.CaptureFixture[str], outage: str
    ) -> None:
        world.out(OUTAGES[outage])
        assert refusal(world, sent("new_person")) == GUARD_TEXT
        assert '"GuardUnavailable"' in capfd.readouterr().out

    @pytest.mark.parametrize("outage", sorted(OUTAGES))
    def test_it_passes_where_the_operator_said_so_and_is_counted(
        self, world: SigningUp, capfd: pytest.CaptureFixture[str], outage: str
    ) -> None:
        world.setting(GUARD_ON_OUTAGE="allow")
        world.out(OUTAGES[outage])
        event = sent("new_person")
        assert world.sign_up(copy.deepcopy(event)) == event
        assert '"GuardUnavailable"' in capfd.readouterr().out

    def test_a_plain_refusal_is_no_outage(self, world: SigningUp, capfd: pytest.CaptureFixture[str]) -> None:
        refusal(world, sent("old_name"))
        out = capfd.readouterr().out
        assert '"GuardRefused"' in out
        assert '"GuardUnavailable"' not in out

    def test_what_the_index_knows_is_refused_in_it_too(self, world: SigningUp) -> None:
        world.setting(GUARD_ON_OUTAGE="allow")
        world.out(OUTAGES["internal"])
        assert refusal(world, sent("old_name")) == GUARD_TEXT

    @pytest.mark.parametrize("mistake", sorted(MISTAKES))
    def test_our_own_mistake_is_none_and_refuses(self, world: SigningUp, mistake: str) -> None:
        world.setting(GUARD_ON_OUTAGE="allow")
        world.out(MISTAKES[mistake])
        assert refusal(world, sent("new_person")) == GUARD_TEXT

    def test_a_ledger_that_is_not_there_is_none_and_refuses(self, world: SigningUp) -> None:
        world.setting(GUARD_ON_OUTAGE="allow", LEDGER_TABLE="gone")
        assert refusal(world, sent("new_person")) == GUARD_TEXT


class TestTime:
    def test_a_hanging_old_pool_is_given_up_within_cognitos_five_seconds(self, world: SigningUp) -> None:
        world.cognito.delays["AdminGetUser"] = 8
        began = time.monotonic()
        assert refusal(world, sent("new_person")) == GUARD_TEXT
        assert time.monotonic() - began < 2.5
        assert len(world.cognito.made("AdminGetUser")) == 1

    def test_a_slow_old_pool_is_asked_no_longer_than_the_function_may_run(self, world: SigningUp) -> None:
        world.cognito.delays.update(AdminGetUser=0.6, ListUsers=0.6)
        began = time.monotonic()
        assert refusal(world, sent("new_person"), Context(2.0)) == GUARD_TEXT
        assert time.monotonic() - began < 2.0

    def test_where_the_operator_said_so_a_hanging_old_pool_keeps_nobody_out(self, world: SigningUp) -> None:
        world.setting(GUARD_ON_OUTAGE="allow")
        world.cognito.delays["AdminGetUser"] = 8
        event = sent("new_person")
        assert world.sign_up(copy.deepcopy(event)) == event


class TestSettings:
    @pytest.mark.parametrize("setting", ["NEW_USER_POOL_ID", "OLD_USER_POOL_ID", "LEDGER_TABLE"])
    @pytest.mark.parametrize("case", ["new_person", "administrator", "migration_in_flight"])
    def test_a_missing_one_refuses_with_the_one_text(
        self, world: SigningUp, monkeypatch: pytest.MonkeyPatch, setting: str, case: str
    ) -> None:
        monkeypatch.delenv(setting)
        assert refusal(world, sent(case)) == GUARD_TEXT

    def test_one_that_cannot_be_understood_is_named_in_the_log_alone(
        self, world: SigningUp, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.setting(GUARD_ON_OUTAGE="perhaps", GUARD_TEXT="Not here, please.")
        assert refusal(world, sent("new_person")) == "Not here, please."
        assert "GUARD_ON_OUTAGE" in caplog.records[-1].cause  # type: ignore[attr-defined]

    def test_an_unforeseen_error_refuses_and_tells_its_kind_and_place_alone(
        self, world: SigningUp, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken() -> Any:
            raise KeyError("zoe@example.com")

        with pytest.raises(SignUpRefused, match=r"^This sign-up is not possible\."):
            handler(sent("new_person"), Context(), broken)
        assert caplog.records[-1].cause.startswith("KeyError test_guard_signup.py:")  # type: ignore[attr-defined]


PERSONAL = ("ann-canary", "canary@example.com", "+15550199", "canary nick", SUB)


def personal(source: str = "PreSignUp_SignUp") -> dict[str, Any]:
    name, email, phone, nick, sub = PERSONAL
    event = sent("new_person")
    event.update(triggerSource=source, userName=name)
    event["request"] = {
        "userAttributes": {
            "email": email,
            "phone_number": phone,
            "preferred_username": nick,
            **({"custom:old_sub": sub} if source == "brings" else {}),
        },
        "validationData": {"note": nick},
        "clientMetadata": {"note": email},
    }
    return event


@pytest.mark.parametrize("source", ["PreSignUp_SignUp", "PreSignUp_AdminCreateUser", "brings"])
@pytest.mark.parametrize("reply", [None, *OUTAGES, *MISTAKES, "echo"])
def test_nothing_of_a_person_is_told(
    world: SigningUp,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    source: str,
    reply: str | None,
) -> None:
    world.setting(POWERTOOLS_LOGGER_LOG_EVENT="true", POWERTOOLS_LOG_LEVEL="DEBUG")
    caplog.set_level(logging.NOTSET)
    if reply == "echo":
        world.out(error("InvalidParameterException", f"cannot take {' '.join(PERSONAL)}"))
    elif reply is not None:
        world.out({**OUTAGES, **MISTAKES}[reply])
    try:
        world.sign_up(personal(source))
    except SignUpRefused as refused:
        logging.getLogger("lambda").exception("unhandled", exc_info=refused)
    out, err = capfd.readouterr()
    written = caplog.text + out + err + "".join(str(record.__dict__) for record in caplog.records)
    assert "sign-up" in written
    for value in PERSONAL:
        assert value not in written


def test_the_line_of_a_ruling_says_what_is_needed_and_no_more(
    world: SigningUp, caplog: pytest.LogCaptureFixture
) -> None:
    refusal(world, sent("old_name"))
    line = caplog.records[-1].__dict__
    assert (line["reason"], line["passes"], line["source"]) == ("name", False, "sign_up")
    assert line["request_id"] == "request-1"
    assert len(line["user"]) == 16
