"""The PreSignUp function that the pool had before runs after the guard, and has its say within limits."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from cutover.users.chained import UNAVAILABLE_TEXT, ChainedFailure
from cutover.users.sign_ups import GUARD_TEXT, SignUpRefused
from tests.fakes.migration import Context
from tests.fakes.scripted_lambda import ScriptedLambda, scripted_lambda
from tests.fakes.signing_up import SigningUp, sent, signing_up

THEIRS = "arn:aws:lambda:eu-west-1:123456789012:function:checks:live"
VERIFIED = {"autoConfirmUser": True, "autoVerifyEmail": True, "autoVerifyPhone": True}
NOTHING = dict.fromkeys(VERIFIED, False)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[SigningUp]:
    with signing_up(monkeypatch) as made:
        yield made


@pytest.fixture
def theirs(world: SigningUp) -> Iterator[ScriptedLambda]:
    """It confirms and verifies everybody."""
    with scripted_lambda() as script:
        world.setting(CHAINED_PRE_SIGN_UP_ARN=THEIRS, AWS_ENDPOINT_URL_LAMBDA=script.url)
        script.answers[THEIRS] = lambda event: {**event, "response": {**event["response"], **VERIFIED}}
        yield script


@pytest.mark.parametrize(
    "case", ["new_person", "administrator", "migration_in_flight", "federated_returning"]
)
def test_it_gets_the_event_as_it_came(world: SigningUp, theirs: ScriptedLambda, case: str) -> None:
    event = sent(case)
    world.sign_up(copy.deepcopy(event))
    assert theirs.calls == [(THEIRS, event)]


@pytest.mark.parametrize("case", ["old_name", "old_email", "old_sub_by_a_stranger", "another_pool"])
def test_it_is_not_asked_where_the_guard_refuses(world: SigningUp, theirs: ScriptedLambda, case: str) -> None:
    with pytest.raises(SignUpRefused):
        world.sign_up(sent(case))
    assert theirs.calls == []


def test_it_is_not_asked_while_the_old_pool_does_not_answer(world: SigningUp, theirs: ScriptedLambda) -> None:
    world.out((503, {}))
    with pytest.raises(SignUpRefused):
        world.sign_up(sent("new_person"))
    assert theirs.calls == []


@pytest.mark.parametrize("case", ["new_person", "federated_new", "federated_returning"])
def test_whom_it_verifies_at_a_sign_up_is_verified(
    world: SigningUp, theirs: ScriptedLambda, case: str
) -> None:
    assert world.sign_up(sent(case))["response"] == VERIFIED


@pytest.mark.parametrize("case", ["administrator", "migration_in_flight"])
def test_nobody_is_verified_whom_the_old_pool_did_not_verify(
    world: SigningUp, theirs: ScriptedLambda, case: str
) -> None:
    assert world.sign_up(sent(case))["response"] == NOTHING


def test_of_its_answer_the_response_alone_is_taken(world: SigningUp, theirs: ScriptedLambda) -> None:
    event = sent("new_person")
    theirs.answers[THEIRS] = {**event, "userName": "ann", "response": VERIFIED}
    assert world.sign_up(copy.deepcopy(event)) == {**event, "response": VERIFIED}


@pytest.mark.parametrize("case", ["new_person", "administrator", "migration_in_flight"])
def test_what_it_raises_goes_through(
    world: SigningUp, theirs: ScriptedLambda, capfd: pytest.CaptureFixture[str], case: str
) -> None:
    theirs.errors[THEIRS] = "Not from this network."
    with pytest.raises(ChainedFailure, match=r"^Not from this network\.$"):
        world.sign_up(sent(case))
    assert '"GuardChainedFailed"' in capfd.readouterr().out


def test_what_it_says_of_a_person_is_left_out(
    world: SigningUp, theirs: ScriptedLambda, capfd: pytest.CaptureFixture[str]
) -> None:
    theirs.errors[THEIRS] = "PreSignUp: zoe@example.com is not invited, zoe."
    with pytest.raises(ChainedFailure, match=r"^PreSignUp: … is not invited, …\.$") as raised:
        world.sign_up(sent("new_person"))
    assert raised.value.__suppress_context__
    assert "zoe" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("answer", [None, [], "yes"], ids=str)
def test_an_answer_that_is_no_event_is_a_failure(
    world: SigningUp, theirs: ScriptedLambda, answer: Any
) -> None:
    theirs.answers[THEIRS] = answer
    with pytest.raises(ChainedFailure):
        world.sign_up(sent("new_person"))


def test_it_is_not_begun_without_time_for_it(world: SigningUp, theirs: ScriptedLambda) -> None:
    with pytest.raises(ChainedFailure) as failure:
        world.sign_up(sent("administrator"), Context(0.4))
    assert (str(failure.value), theirs.calls) == (UNAVAILABLE_TEXT, [])


def test_a_migration_that_it_refused_is_used_up(world: SigningUp, theirs: ScriptedLambda) -> None:
    theirs.errors[THEIRS] = "Not from this network."
    with pytest.raises(ChainedFailure):
        world.sign_up(sent("migration_in_flight"))
    with pytest.raises(SignUpRefused) as refused:
        world.sign_up(sent("migration_in_flight"))
    assert str(refused.value) == GUARD_TEXT
