"""Groups through the settling handler: after the confirmation, once, and never in its way."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from cutover.handlers import settle_user
from tests.fakes.migration import LEGACY, NEW, NEW_SUB, OLD, SUB, Context, Migration, migration
from tests.fakes.scripted_cognito import Reply, ScriptedCognito, error, user

HINT = {"v": 1, "old_sub": SUB, "attempt": 0}
DONE = {"batchItemFailures": []}
COMES_BACK = {"batchItemFailures": [{"itemIdentifier": "m0"}]}
ROLE = "arn:aws:iam::123456789012:role/editors"


@dataclass
class Pools:
    """The groups of both pools behind the scripted Cognito."""

    cognito: ScriptedCognito
    new: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cognito.on("AdminListGroupsForUser", self.list, OLD)
        self.cognito.on("GetGroup", self.get, NEW)
        self.cognito.on("CreateGroup", self.create, NEW)
        self.cognito.on("AdminAddUserToGroup", self.add, NEW)

    def list(self, asked: dict[str, Any]) -> Reply:
        """Ann's two groups, on two pages."""
        assert asked["Username"] == SUB
        if "NextToken" in asked:
            return 200, {"Groups": [{"GroupName": "readers"}]}
        editors = {"GroupName": "editors", "Description": "may edit", "Precedence": 0, "RoleArn": ROLE}
        return 200, {"Groups": [editors], "NextToken": "more"}

    def get(self, asked: dict[str, Any]) -> Reply:
        found = self.new.get(asked["GroupName"])
        return (200, {"Group": found}) if found else error("ResourceNotFoundException")

    def create(self, asked: dict[str, Any]) -> Reply:
        if asked["GroupName"] in self.new:
            return error("GroupExistsException")
        self.new[asked["GroupName"]] = {**asked, "CreationDate": time.time()}
        return 200, {"Group": self.new[asked["GroupName"]]}

    def add(self, asked: dict[str, Any]) -> Reply:
        self.members.append((asked["Username"], asked["GroupName"]))
        return 200, {}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Migration]:
    """Ann was offered and has been created in the new pool."""
    with migration(monkeypatch) as made:
        made.trigger()
        made.messages()
        profile = {"created": time.time(), LEGACY.replace(":", "__"): SUB}
        made.cognito.on("AdminGetUser", user("ann", NEW_SUB, **profile), NEW)
        yield made


@pytest.fixture
def pools(world: Migration) -> Pools:
    return Pools(world.cognito)


def test_a_confirmed_user_gets_the_groups(world: Migration, pools: Pools) -> None:
    assert world.settle(HINT) == DONE
    assert pools.members == [(NEW_SUB, "editors"), (NEW_SUB, "readers")]
    row = world.user_row()
    assert row["state"] == "confirmed"
    assert "groups_done" in row
    assert "groups_todo" not in row


def test_a_group_comes_with_all_that_it_says(world: Migration, pools: Pools) -> None:
    world.settle(HINT)
    made = {name: pools.new["editors"].get(name) for name in ("Description", "Precedence", "RoleArn")}
    assert made == {"Description": "may edit", "Precedence": 0, "RoleArn": ROLE}


def test_the_ledger_says_which_groups_are_ours(world: Migration, pools: Pools) -> None:
    world.settle(HINT)
    row = world.rows()[f"group#{NEW}#editors"]
    assert (row["sk"], row["new_name"], row["by"]) == ("definition", "editors", "created")
    assert pools.new


def test_a_second_message_adds_nothing(world: Migration, pools: Pools) -> None:
    world.settle(HINT)
    pools.members.clear()
    assert world.settle(HINT) == DONE
    assert pools.members == []


def test_a_user_who_is_not_confirmed_gets_none(world: Migration, pools: Pools) -> None:
    world.cognito.on("AdminGetUser", error("UserNotFoundException"), NEW)
    assert world.settle(HINT) == DONE
    assert (pools.members, world.cognito.made("AdminListGroupsForUser")) == ([], [])


def test_switched_off_the_old_pool_is_not_asked(world: Migration, pools: Pools) -> None:
    world.setting(GROUPS="off")
    assert world.settle(HINT) == DONE
    assert (pools.members, world.cognito.made("AdminListGroupsForUser")) == ([], [])


@pytest.mark.parametrize(
    ("operation", "pool"),
    [("AdminListGroupsForUser", OLD), ("CreateGroup", NEW), ("AdminAddUserToGroup", NEW)],
)
def test_throttled_the_message_comes_back_and_the_user_stays_confirmed(
    world: Migration,
    pools: Pools,
    operation: str,
    pool: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world.cognito.on(operation, error("TooManyRequestsException"), pool)
    assert world.settle(HINT) == COMES_BACK
    assert world.user_row()["state"] == "confirmed"
    assert '"UserConfirmed":[1.0]' in capsys.readouterr().out
    pools.__post_init__()
    assert world.settle(HINT) == DONE
    assert pools.members == [(NEW_SUB, "editors"), (NEW_SUB, "readers")]


def test_what_stays_behind_is_counted(
    world: Migration, pools: Pools, capsys: pytest.CaptureFixture[str]
) -> None:
    pools.new["editors"] = {"GroupName": "editors", "CreationDate": 1.0}
    assert world.settle(HINT) == DONE
    assert pools.members == [(NEW_SUB, "readers")]
    assert (
        '"reason":"exists_already","service":"test-stack","GroupsLeftBehind":[1.0]' in capsys.readouterr().out
    )


def test_a_mapping_lets_them_join(world: Migration, pools: Pools) -> None:
    pools.new["staff"] = {"GroupName": "staff", "CreationDate": 1.0}
    world.setting(GROUP_MAP="editors=staff")
    world.settle(HINT)
    assert pools.members == [(NEW_SUB, "readers"), (NEW_SUB, "staff")]


def test_a_role_of_another_account_stays(world: Migration, pools: Pools) -> None:
    class Elsewhere(Context):
        invoked_function_arn = "arn:aws:lambda:eu-west-1:210987654321:function:the-function:live"

    record = {"messageId": "m0", "body": json.dumps(HINT), "eventSource": "aws:sqs"}
    assert settle_user.handler({"Records": [record]}, Elsewhere()) == DONE
    assert "RoleArn" not in pools.new["editors"]


def test_a_role_that_may_not_be_passed_on_stays(world: Migration, pools: Pools) -> None:
    create = pools.create
    world.cognito.on(
        "CreateGroup",
        lambda asked: error("AccessDeniedException") if "RoleArn" in asked else create(asked),
        NEW,
    )
    assert world.settle(HINT) == DONE
    assert pools.members == [(NEW_SUB, "editors"), (NEW_SUB, "readers")]
    assert "RoleArn" not in pools.new["editors"]


def test_no_group_and_no_name_stands_in_a_log(
    world: Migration, pools: Pools, caplog: pytest.LogCaptureFixture
) -> None:
    pools.new["editors"] = {"GroupName": "editors", "CreationDate": 1.0}
    world.settle(HINT)
    told = " ".join(str(vars(record)) for record in caplog.records)
    assert "editors" not in told
    assert "ann" not in told
