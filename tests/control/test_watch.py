"""What the watch calls a change, and how it counts squatters a slice at a time."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.control.ledger_rows import AttachState
from cutover.control.pool_ports import AppClient
from cutover.control.squatted import SHARDS, SquattedCount
from cutover.control.watch import (
    AliasSeen,
    PoolSeen,
    drift_of_aliases,
    drift_of_mappings,
    drift_of_pool,
    watch_pk,
)
from tests.control.attaching import attached
from tests.control.pools import OTHER, SET_BY_US

ROW = attached(triggers=SET_BY_US)
OLD_SUB = {"Name": "custom:old_sub", "AttributeDataType": "String", "Mutable": False}


def seen(client: dict[str, Any] | None = None, providers: Any = None, **config: Any) -> PoolSeen:
    triggers = {name: value for name, value in {**SET_BY_US, **config}.items() if value}
    settings = {"LambdaConfig": triggers, "SchemaAttributes": [OLD_SUB]}
    clients = () if client is None else (AppClient({"ClientId": "app", **client}),)
    return PoolSeen(settings, clients, providers or {})


def drift(pool: PoolSeen, row: Any = ROW, clients: Any = None) -> list[str]:
    return [one.what for one in drift_of_pool(row, clients or {}, "custom:old_sub", pool)]


def test_a_pool_as_attach_left_it_has_not_drifted() -> None:
    assert drift(seen()) == []


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("UserMigration", "UserMigration"),
        ("PreSignUp", "PreSignUp"),
        ("PreTokenGenerationConfig", "PreTokenGeneration"),
    ],
)
@pytest.mark.parametrize("now", [None, OTHER], ids=["taken off", "another"])
def test_each_trigger_of_ours_is_missed(entry: str, what: str, now: str | None) -> None:
    versioned = {"LambdaVersion": "V2_0", "LambdaArn": now} if now and "Config" in entry else now
    assert drift(seen(**{entry: versioned})) == [what]


def test_a_trigger_that_attach_did_not_set_is_none_of_its_business() -> None:
    assert drift(seen(PostConfirmation=OTHER)) == []


def test_an_older_row_has_the_migration_trigger_alone() -> None:
    assert drift(seen(PreSignUp=None), row=attached(triggers={})) == []


@pytest.mark.parametrize("state", [AttachState.ATTACHING, AttachState.DETACHING, AttachState.DETACHED])
def test_where_nothing_was_promised_nothing_is_missed(state: AttachState) -> None:
    assert drift(seen(UserMigration=None), row=attached(state=state)) == []
    assert drift(seen(UserMigration=None), row=None) == []


def test_an_old_sub_that_a_client_or_a_provider_may_write_is_a_change() -> None:
    assert drift(seen({"WriteAttributes": ["custom:old_sub"]})) == ["old_sub"]
    assert drift(seen(providers={"Okta": {"custom:old_sub": "sub"}})) == ["old_sub"]


def test_a_client_that_lost_the_flow_which_attach_gave_it_is_a_change() -> None:
    noted = {"app": {"flows": ["ALLOW_USER_PASSWORD_AUTH"]}}
    assert drift(seen({"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]}), clients=noted) == ["client_flow"]
    assert drift(seen({"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}), clients=noted) == []


def test_a_client_that_attach_changed_and_somebody_deleted_is_a_change() -> None:
    assert drift(seen(), clients={"app": {"flows": ["ALLOW_USER_PASSWORD_AUTH"]}}) == ["client_flow"]


@pytest.mark.parametrize(
    ("alias", "number"),
    [
        (AliasSeen("f", {"Timeout": 5}, {"Timeout": 5}), 0),
        (AliasSeen("f", {"Timeout": 5}, {"Timeout": 6}), 1),
        (AliasSeen("f", None, {}), 1),
        (AliasSeen("f", {}, {}, {"7": 0.5}), 1),
    ],
)
def test_an_alias_that_was_moved_is_a_change(alias: AliasSeen, number: int) -> None:
    assert len(drift_of_aliases([alias])) == number


@pytest.mark.parametrize(
    ("states", "on", "number"),
    [
        ({"s": "Enabled"}, True, 0),
        ({"s": "Disabled"}, True, 1),
        ({}, True, 1),
        ({"s": "Disabled"}, False, 0),
    ],
)
def test_a_mirror_that_was_deployed_on_and_does_not_run_is_a_change(
    states: dict[str, str], on: bool, number: int
) -> None:
    assert len(drift_of_mappings(["s"], states, on=on)) == number


def test_a_stack_of_tables_alone_has_a_row_of_its_own() -> None:
    assert (watch_pk(None), watch_pk("p")) == ("watch#tables", "watch#p")


def counted(*found: int) -> SquattedCount:
    count = SquattedCount("p")
    for number in found:
        count = count.after(number, None, 1)
    return count


def test_the_count_is_complete_once_every_shard_was_listed() -> None:
    assert not counted(*[1] * 15).complete
    assert (counted(*[1] * 16).complete, counted(*[1] * 16).count) == (True, 16)


def test_after_the_last_shard_it_begins_again_and_a_new_number_takes_the_old_ones_place() -> None:
    again = counted(*[1] * 16, 0)
    assert (again.shard, again.count, again.complete) == (SHARDS[1], 15, True)


def test_within_a_shard_it_goes_on_where_it_was() -> None:
    halfway = SquattedCount("p").after(2, "token", 1)
    assert (halfway.shard, halfway.token, halfway.count) == ("0", "token", 2)
    assert halfway.after(1, None, 2).counts == {"0": 3}


def test_a_shard_half_listed_never_shows_fewer_than_its_last_whole_count() -> None:
    whole = counted(*[5] * 16)
    assert whole.after(1, "token", 2).count == 80


def test_a_listing_that_cannot_be_gone_on_with_begins_its_shard_again() -> None:
    assert SquattedCount("p").after(2, "token", 1).again().after(1, None, 2).counts == {"0": 1}


@pytest.mark.parametrize("count", [SquattedCount("p").after(2, "token", 1), counted(*[1] * 16)])
def test_the_row_is_read_as_it_was_written(count: SquattedCount) -> None:
    assert SquattedCount.of_row(count.row()) == count
