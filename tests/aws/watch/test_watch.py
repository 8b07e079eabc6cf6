"""The watch on a deployment: what it finds, and what it leaves in the ledger."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cutover.aws.ledger_reader import LedgerReader
from cutover.aws.status_reader import read_status
from cutover.control.status import blockers
from cutover.control.taken_names import PoolUser
from tests.aws.cloud import AWS
from tests.aws.watch.conftest import TRIGGER, Watched

OWNER = PoolUser("owner", "old-sub", "CONFIRMED", {"email": "owner@x.org"}, 1.0)


def row(watched: Watched, sk: str) -> dict[str, Any] | None:
    return LedgerReader(watched.cloud.dynamodb, "ledger").row(f"watch#{watched.pool}", sk)


def test_a_trigger_that_somebody_took_off_is_found_and_written_down(watched: Watched) -> None:
    watched.attach()
    assert watched.watch.drift() == ()
    watched.set_trigger("")
    assert [one.what for one in watched.watch.drift()] == ["UserMigration"]
    found = row(watched, "drift")
    assert found is not None
    assert [one["what"] for one in found["found"]] == ["UserMigration"]


def test_what_was_put_right_is_no_longer_written_down(watched: Watched) -> None:
    watched.attach()
    watched.set_trigger("")
    watched.watch.drift()
    watched.set_trigger(TRIGGER)
    watched.watch.drift()
    found = row(watched, "drift")
    assert found is not None
    assert found["found"] == []


def test_a_mirror_that_somebody_switched_off_is_found(watched: Watched) -> None:
    mapping = watched.cloud.mirror()
    stream = watched.cloud.dynamodb.describe_table(TableName="orders")["Table"]["LatestStreamArn"]
    watch = watched.with_settings(new_pool_id=None, mirror="mirror", streams=(stream,), functions=("mirror",))
    assert watch.drift() == ()
    AWS.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
    assert [one.what for one in watch.drift()] == ["mapping"]


def test_an_alias_behind_latest_is_found(watched: Watched) -> None:
    watched.cloud.mirror()
    AWS.client("lambda").update_function_configuration(FunctionName="mirror", Timeout=77)
    assert [one.what for one in watched.with_settings(functions=("mirror",)).drift()] == ["alias"]


def test_status_is_blocked_by_what_the_watch_found(watched: Watched) -> None:
    watched.attach()
    watched.set_trigger("")
    watched.watch.drift()
    status = read_status(AWS, 8, ledger="ledger", new_pool=watched.pool)
    assert blockers(status)[0].code == "drift"


def test_before_the_index_is_built_nobody_is_counted(watched: Watched) -> None:
    assert watched.watch.squatted(lambda: False) is None


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("OWNER", {}),
        ("x", {"email": "Owner@x.org"}),
        ("owner@x.org", {}),
        ("y", {"preferred_username": "owner"}),
    ],
)
def test_whoever_holds_what_an_old_user_goes_by_is_counted(
    watched: Watched, name: str, attributes: dict[str, str]
) -> None:
    watched.built_index()
    watched.reserve(OWNER)
    watched.sign_up("harmless")
    watched.sign_up(name, **attributes)
    count = watched.whole_round()
    assert (count.count, count.complete) == (1, True)


def test_whoever_came_over_is_no_squatter(watched: Watched) -> None:
    watched.built_index()
    watched.reserve(OWNER)
    sub = watched.sign_up("owner")
    watched.cloud.row(pk=f"newsub#{sub}", sk="map", old_sub="old-sub")
    assert watched.whole_round().count == 0


def test_an_address_is_free_once_its_owner_came_over_but_the_name_is_not(watched: Watched) -> None:
    watched.built_index()
    watched.reserve(OWNER)
    watched.cloud.row(
        pk="user#old-sub", sk="state", old_sub="old-sub", state="confirmed", new_pool=watched.pool
    )
    watched.sign_up("heir", email="owner@x.org")
    assert watched.whole_round().count == 0
    watched.sign_up("owner")
    assert watched.whole_round().count == 1


def test_a_federated_person_who_came_back_is_the_same_person(watched: Watched) -> None:
    watched.built_index()
    watched.reserve(PoolUser("google_1", "old-g", "EXTERNAL_PROVIDER", {}, 1.0))
    watched.sign_up("google_1")
    assert watched.whole_round().count == 1  # by a password, it would be somebody else


def test_a_run_lists_one_shard(watched: Watched) -> None:
    watched.built_index()
    count = watched.watch.squatted(lambda: False)
    assert count is not None
    assert (dict(count.counts), count.shard) == ({"0": 0}, "1")


def test_status_says_at_least_until_the_round_is_whole(watched: Watched) -> None:
    watched.built_index()
    watched.reserve(OWNER)
    watched.sign_up("owner")
    watched.whole_round()
    status = read_status(AWS, 8, ledger="ledger", new_pool=watched.pool)
    (found,) = [one for one in blockers(status) if one.code == "squatted"]
    assert found.what.startswith("1 users")


def test_a_read_that_is_refused_is_raised_for_the_heartbeat_to_stop(watched: Watched) -> None:
    with pytest.raises(ClientError):
        watched.with_settings(functions=("nobody",)).drift()
