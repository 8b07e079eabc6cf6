"""No password, token, secret or name gets out, whatever the operator turned on."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from cutover.handlers import telemetry
from cutover.users.events import MigrationFault
from tests.canary import PASSWORD
from tests.fakes.migration import NEW, OLD, SUB, Migration, client, event, migration
from tests.fakes.scripted_cognito import error, tokens, user

NAME, EMAIL, PHONE = "ann-canary-name", "canary@example.com", "+15550199"
CLIENT_SECRET, LOG_KEY = "client-secret-canary", "log-key-canary"
REPLIES = {
    "proven": tokens(SUB),
    "wrong": error("NotAuthorizedException", f"Incorrect password {PASSWORD} of {NAME}"),
    "fault": error("InvalidParameterException", f"cannot take {PASSWORD} of {NAME}"),
    "down": error("InternalErrorException", f"{PASSWORD} {NAME}", 500),
    "broken": (200, {"AuthenticationResult": {"IdToken": PASSWORD, "AccessToken": PASSWORD}}),
}


class Heard:
    """Everything that any logger of the process writes at any level."""

    def __init__(self) -> None:
        self.text = io.StringIO()
        self.handler = logging.StreamHandler(self.text)
        self.handler.setLevel(logging.NOTSET)


@pytest.fixture
def heard() -> Iterator[Heard]:
    root, ear = logging.getLogger(), Heard()
    before, handlers = root.level, list(root.handlers)
    levels = {name: logging.getLogger(name).level for name in list(logging.root.manager.loggerDict)}
    root.addHandler(ear.handler)
    root.setLevel(logging.NOTSET)
    yield ear
    root.handlers[:] = handlers
    root.setLevel(before)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Migration]:
    with migration(monkeypatch) as made:
        secrets = client("secretsmanager")
        made.setting(
            OLD_CLIENT_SECRET_ARN=secrets.create_secret(Name="old", SecretString=CLIENT_SECRET)["ARN"],
            LOG_KEY_ARN=secrets.create_secret(Name="log", SecretString=LOG_KEY)["ARN"],
            POWERTOOLS_LOGGER_LOG_EVENT="true",
            POWERTOOLS_LOG_LEVEL="DEBUG",
        )
        profile = user(
            NAME, SUB, email=EMAIL, email_verified="true", phone_number=PHONE, phone_number_verified="true"
        )
        made.cognito.on("AdminGetUser", profile, OLD)
        yield made


def told(world: Migration, sent: dict[str, Any]) -> None:
    try:
        world.trigger(sent)
    except MigrationFault as fault:
        logging.getLogger("lambda").exception("unhandled", exc_info=fault)


@pytest.mark.parametrize("case", sorted(REPLIES))
@pytest.mark.parametrize("loud", ["quiet", "sdk at debug", "every logger at debug"])
def test_nothing_is_told(
    world: Migration, heard: Heard, capfd: pytest.CaptureFixture[str], case: str, loud: str
) -> None:
    world.cognito.on("AdminInitiateAuth", REPLIES[case])
    if loud == "sdk at debug":
        boto3.set_stream_logger("", logging.DEBUG)
    if loud == "every logger at debug":
        for name in list(logging.root.manager.loggerDict):
            logging.getLogger(name).setLevel(logging.DEBUG)
    told(world, event(NAME))
    out, err = capfd.readouterr()
    written = heard.text.getvalue() + out + err
    assert "user decision" in written
    for secret in (PASSWORD, CLIENT_SECRET, LOG_KEY, NAME, EMAIL, PHONE, SUB):
        assert secret not in written, secret


def test_the_search_would_find_a_logged_event(heard: Heard) -> None:
    sent = event(NAME, request={"password": "planted"})
    logging.getLogger("somebody").debug("event %s", sent)
    assert "planted" in heard.text.getvalue()


def test_at_debug_the_sdk_would_tell_without_the_hush(world: Migration, heard: Heard) -> None:
    logging.getLogger("botocore.endpoint").setLevel(logging.DEBUG)
    boto3.client("cognito-idp", region_name="eu-west-1").admin_initiate_auth(
        UserPoolId="p_1",
        ClientId="c",
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"PASSWORD": "seen-at-debug"},
    )
    assert "seen-at-debug" in heard.text.getvalue()


def test_quiet_reaches_loggers_that_were_set_one_by_one() -> None:
    logging.getLogger("botocore.endpoint").setLevel(logging.DEBUG)
    telemetry.quiet()
    assert not logging.getLogger("botocore.endpoint").isEnabledFor(logging.DEBUG)


def test_the_ledger_and_the_queue_hold_no_password(world: Migration) -> None:
    world.trigger(event(NAME))
    kept = json.dumps([world.rows(), world.messages()], default=str)
    for secret in (PASSWORD, CLIENT_SECRET, LOG_KEY, EMAIL, PHONE):
        assert secret not in kept


def test_an_unforeseen_error_tells_its_kind_and_place_alone(
    world: Migration, caplog: pytest.LogCaptureFixture
) -> None:
    world.cognito.on("DescribeUserPool", (200, {"UserPool": {"SchemaAttributes": [{"Nmae": PASSWORD}]}}), NEW)
    with pytest.raises(MigrationFault) as raised:
        world.trigger(event(NAME))
    assert raised.value.__context__ is None
    assert caplog.records[-1].cause.startswith("KeyError cognito_replies.py:")  # type: ignore[attr-defined]


def test_the_line_of_a_decision_says_what_is_needed_and_no_more(
    world: Migration, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    world.trigger(event(NAME))
    line = caplog.records[-1].__dict__
    assert line["decision"] == "migrated"
    assert line["source"] == "sign_in"
    assert line["request_id"] == "request-1"
    assert len(line["user"]) == 16
    assert '"decision":"migrated"' in capsys.readouterr().out


def test_one_user_has_one_label_in_all_lines(world: Migration, caplog: pytest.LogCaptureFixture) -> None:
    world.trigger(event(NAME))
    world.trigger(event(NAME.upper()))
    labels = {record.user for record in caplog.records}  # type: ignore[attr-defined]
    assert len(labels) == 1


def test_a_log_key_that_cannot_be_read_stops_no_sign_in(world: Migration) -> None:
    world.setting(LOG_KEY_ARN="arn:aws:secretsmanager:eu-west-1:123456789012:secret:gone-AbCdEf")
    assert world.trigger(event(NAME))["response"]["finalUserStatus"] == "CONFIRMED"
