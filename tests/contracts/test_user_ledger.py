"""One contract for the users' ledger: the fake, moto, the local stack and DynamoDB Local keep it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.user_ledger import UserLedger
from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import FirstOwner, Offer, State, UserRow
from cutover.users.ports import Ledger
from tests.fakes.ledger import FakeLedger

OFFER = Offer(
    old_sub="old-1",
    target_name="Ann",
    target_by="username",
    case_sensitive=False,
    new_pool="eu-west-1_new",
    state=State.OFFERED,
    source="sign_in",
    offered_at=1000,
    carried_sub_in="custom:old_sub",
)
SERVERS = {"local stack": "local_stack", "DynamoDB Local": "dynamodb_local"}


def _ledger(**where: Any) -> UserLedger:
    """A ledger with nothing but its keys: no index, no TTL."""
    client = boto3.client("dynamodb", region_name="us-east-1", **where)
    table = f"ledger-{uuid.uuid4().hex[:8]}"
    client.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    return UserLedger(client, table, sleep=lambda _: None)


@pytest.fixture(
    params=[
        "fake",
        "moto",
        pytest.param("local stack", marks=pytest.mark.local_stack),
        pytest.param("DynamoDB Local", marks=pytest.mark.dynamodb_local),
    ]
)
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    if request.param == "fake":
        yield FakeLedger()
    elif request.param == "moto":
        with mock_aws():
            yield _ledger()
    else:
        yield _ledger(endpoint_url=request.getfixturevalue(SERVERS[request.param]))


def refused(ledger: Ledger, offer: Offer) -> Decision:
    with pytest.raises(Stop) as stopped:
        ledger.offer(offer)
    return stopped.value.decision


def row(ledger: Ledger, old_sub: str = "old-1") -> Any:
    found = ledger.row(old_sub)
    assert found is not None
    return found


def test_nobody_has_a_row(ledger: Ledger) -> None:
    assert ledger.row("old-1") is None


def test_an_offer_is_read_as_it_was_made(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    found = row(ledger)
    for name in ("old_sub", "target_name", "target_by", "case_sensitive", "new_pool", "carried_sub_in"):
        assert getattr(found, name) == getattr(OFFER, name)
    assert (found.state, found.offered_at, found.last_offered_at) == (State.OFFERED, 1000, 1000)
    assert found.open


def test_an_offer_keeps_the_groups_that_were_proven_last(ledger: Ledger) -> None:
    ledger.offer(replace(OFFER, old_groups=frozenset({"editors", "admins"})))
    assert row(ledger).old_groups == {"admins", "editors"}
    ledger.offer(replace(OFFER, old_groups=frozenset({"editors"})))
    assert row(ledger).old_groups == {"editors"}
    ledger.offer(OFFER)
    assert row(ledger).old_groups == frozenset()


def test_the_same_offer_again_keeps_the_first_time(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    ledger.offer(replace(OFFER, offered_at=2000))
    assert (row(ledger).offered_at, row(ledger).last_offered_at) == (1000, 2000)


def test_the_same_offer_in_another_case_is_the_same_where_case_does_not_count(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    ledger.offer(replace(OFFER, target_name="ANN"))
    assert row(ledger).target_name == "ANN"
    assert ledger.confirm(replace(row(ledger), target_name="ann"), "new-1", 3000)


def test_an_offer_in_another_case_is_another_where_case_counts(ledger: Ledger) -> None:
    ledger.offer(replace(OFFER, case_sensitive=True))
    assert refused(ledger, replace(OFFER, case_sensitive=True, target_name="ANN")) is Decision.NAME_COLLISION


def test_an_offer_may_go_from_nothing_proven_to_proven_and_back(ledger: Ledger) -> None:
    for state in (State.RESET_OFFERED, State.OFFERED, State.RESET_OFFERED):
        ledger.offer(replace(OFFER, state=state))
        assert row(ledger).state == state


@pytest.mark.parametrize("change", [{"target_name": "Bea"}, {"new_pool": "eu-west-1_other"}], ids=str)
def test_an_open_offer_is_not_moved(ledger: Ledger, change: dict[str, str]) -> None:
    ledger.offer(OFFER)
    assert refused(ledger, replace(OFFER, **change)) is Decision.NAME_COLLISION
    assert row(ledger).target_name == "Ann"


@pytest.mark.parametrize("name", ["Ann", "ANN", "ann"])
def test_a_name_belongs_to_one_old_user(ledger: Ledger, name: str) -> None:
    ledger.offer(OFFER)
    assert refused(ledger, replace(OFFER, old_sub="old-2", target_name=name)) is Decision.NAME_COLLISION
    assert ledger.row("old-2") is None


def test_another_case_is_another_name_where_case_counts(ledger: Ledger) -> None:
    ledger.offer(replace(OFFER, case_sensitive=True))
    ledger.offer(replace(OFFER, case_sensitive=True, old_sub="old-2", target_name="ann"))
    assert row(ledger, "old-2").target_name == "ann"


def test_a_refused_offer_binds_no_name(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    refused(ledger, replace(OFFER, target_name="Bea"))
    ledger.offer(replace(OFFER, old_sub="old-2", target_name="Bea"))
    assert row(ledger, "old-2").target_name == "Bea"


def test_a_confirmation_maps_the_subs(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    assert ledger.confirm(row(ledger), "new-1", 3000)
    assert (row(ledger).state, row(ledger).new_sub, row(ledger).open) == (State.CONFIRMED, "new-1", False)


def test_a_confirmed_user_is_never_offered_again(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    ledger.confirm(row(ledger), "new-1", 3000)
    for change in ({}, {"target_name": "Bea"}, {"state": State.RESET_OFFERED}, {"new_pool": "another"}):
        assert refused(ledger, replace(OFFER, **change)) is Decision.ALREADY_MIGRATED


def test_a_user_is_confirmed_once(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    offered = row(ledger)
    assert ledger.confirm(offered, "new-1", 3000)
    assert not ledger.confirm(offered, "new-2", 3001)
    assert row(ledger).new_sub == "new-1"


def test_a_new_sub_is_mapped_once(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    ledger.offer(replace(OFFER, old_sub="old-2", target_name="Bea"))
    assert ledger.confirm(row(ledger), "new-1", 3000)
    assert not ledger.confirm(row(ledger, "old-2"), "new-1", 3001)
    assert row(ledger, "old-2").state == State.OFFERED


def test_an_offer_that_changed_meanwhile_is_not_confirmed(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    assert not ledger.confirm(replace(row(ledger), target_name="Bea"), "new-1", 3000)


def test_a_reminder_is_remembered_until_the_next_offer(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    ledger.remember_reminder("old-1", 4)
    assert row(ledger).reminder == 4
    ledger.offer(OFFER)
    assert row(ledger).reminder == 0


def test_a_reminder_keeps_whom_settling_saw(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    ledger.remember_reminder("old-1", 1, "new-1")
    ledger.remember_reminder("old-1", 2)
    ledger.offer(OFFER)
    assert row(ledger).seen_sub == "new-1"


def test_a_reminder_of_a_settled_user_is_left_alone(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    ledger.confirm(row(ledger), "new-1", 3000)
    ledger.remember_reminder("old-1", 4)
    ledger.remember_reminder("nobody", 4)
    assert (row(ledger).reminder, ledger.row("nobody")) == (0, None)


def released(ledger: Ledger) -> None:
    """As the operator's verb leaves a row that came over."""
    ledger.offer(OFFER)
    assert ledger.confirm(row(ledger), "new-1", 3000)
    assert release(ledger, row(ledger))


def release(ledger: Ledger, seen: UserRow) -> bool:
    """The verb's step; the trigger's port does without it."""
    assert isinstance(ledger, UserLedger | FakeLedger)
    return ledger.release(seen, 4000)


def test_a_row_that_changed_meanwhile_is_not_released(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    seen = row(ledger)
    assert ledger.confirm(seen, "new-1", 3000)
    assert not release(ledger, seen)
    assert row(ledger).state == State.CONFIRMED


def test_a_released_user_is_no_longer_mapped_nor_bound(ledger: Ledger) -> None:
    released(ledger)
    found = row(ledger)
    assert (found.state, found.released_at, found.new_sub, found.open, found.done) == (
        State.RELEASED,
        4000,
        "",
        False,
        False,
    )
    ledger.offer(replace(OFFER, old_sub="old-2"))
    assert ledger.confirm(row(ledger, "old-2"), "new-1", 5000)


def test_a_released_user_is_offered_a_reset_under_any_name(ledger: Ledger) -> None:
    released(ledger)
    ledger.offer(replace(OFFER, state=State.RESET_OFFERED, target_name="Bea", offered_at=5000))
    found = row(ledger)
    assert (found.state, found.target_name, found.offered_at) == (State.RESET_OFFERED, "Bea", 5000)
    assert found.reset_only


def test_a_released_user_is_never_offered_the_old_password(ledger: Ledger) -> None:
    released(ledger)
    assert refused(ledger, OFFER) is Decision.ALREADY_MIGRATED
    ledger.offer(replace(OFFER, state=State.RESET_OFFERED))
    assert refused(ledger, OFFER) is Decision.ALREADY_MIGRATED


def test_a_released_user_who_came_over_again_never_comes_a_third_time(ledger: Ledger) -> None:
    released(ledger)
    again = replace(OFFER, state=State.RESET_OFFERED)
    ledger.offer(again)
    assert ledger.confirm(row(ledger), "new-2", 6000)
    assert refused(ledger, again) is Decision.ALREADY_MIGRATED


def test_an_open_offer_moves_to_another_name_of_the_same_person(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    ledger.offer(replace(OFFER, target_name="Bea", offered_at=2000, previous=row(ledger)))
    assert (row(ledger).target_name, row(ledger).offered_at, row(ledger).last_offered_at) == (
        "Bea",
        1000,
        2000,
    )
    assert refused(ledger, replace(OFFER, old_sub="old-2", target_name="Bea")) is Decision.NAME_COLLISION


def test_the_name_that_an_open_offer_moved_from_is_free_for_the_person_who_has_it_now(
    ledger: Ledger,
) -> None:
    other = replace(OFFER, old_sub="old-2", offered_at=3000)
    ledger.offer(OFFER)
    assert refused(ledger, other) is Decision.NAME_COLLISION
    ledger.offer(replace(OFFER, target_name="Bea", offered_at=2000, previous=row(ledger)))
    ledger.offer(other)
    back = replace(OFFER, offered_at=4000, previous=row(ledger))
    assert refused(ledger, back) is Decision.NAME_COLLISION


def test_an_open_offer_moves_back_to_the_name_that_it_gave_up(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    ledger.offer(replace(OFFER, target_name="Bea", offered_at=2000, previous=row(ledger)))
    ledger.offer(replace(OFFER, offered_at=3000, previous=row(ledger)))
    assert row(ledger).target_name == "Ann"


def test_an_open_offer_that_was_made_again_meanwhile_does_not_move(ledger: Ledger) -> None:
    ledger.offer(OFFER)
    seen = row(ledger)
    ledger.offer(replace(OFFER, offered_at=2000))
    moved = replace(OFFER, target_name="Bea", offered_at=2001, previous=seen)
    assert refused(ledger, moved) is Decision.NAME_COLLISION
    assert row(ledger).target_name == "Ann"


def test_offers_without_a_proof_are_counted_by_the_hour(ledger: Ledger) -> None:
    counted = [ledger.count_unproven("pool", now, 2) for now in (7200, 9000, 10799, 10800)]
    assert counted == [True, True, False, True]
    assert ledger.count_unproven("another pool", 7200, 2)


def test_a_cap_of_none_counts_nobody(ledger: Ledger) -> None:
    assert not ledger.count_unproven("pool", 7200, 0)
    assert ledger.count_unproven("pool", 7200, 1)


def reserve(ledger: Ledger, **row: Any) -> None:
    """A row of the index, as it stands in the table."""
    assert isinstance(ledger, UserLedger)
    ledger._client.put_item(  # noqa: SLF001 - the index has a writer of its own
        TableName=ledger._table,  # noqa: SLF001
        Item={"pk": {"S": "reserved#pool#name#ada"}, "sk": {"S": "reservation"}, **row},
    )


FIRST = {"first_sub": {"S": "old-1"}, "first_name": {"S": "Ada"}, "owners": {"SS": ["old-1", "old-2"]}}


@pytest.mark.parametrize(
    ("row", "owner"),
    [
        (FIRST, FirstOwner("old-1", "Ada")),
        (FIRST | {"federated": {"SS": ["old-2"]}}, FirstOwner("old-1", "Ada")),
        (FIRST | {"federated": {"SS": ["old-1"]}}, None),
        ({"owners": {"SS": ["old-1"]}}, None),
    ],
    ids=["first", "another is federated", "the first is federated", "says nothing"],
)
def test_a_reserved_name_leads_to_its_first_owner(row: dict[str, Any], owner: FirstOwner | None) -> None:
    with mock_aws():
        ledger = _ledger()
        reserve(ledger, **row)
        assert ledger.first_owner("pool", "name", "ada") == owner


def test_a_name_that_nobody_reserved_has_no_owner(ledger: Ledger) -> None:
    assert ledger.first_owner("pool", "name", "ann") is None


@pytest.mark.parametrize(
    "server",
    [
        pytest.param("local_stack", marks=pytest.mark.local_stack),
        pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local),
    ],
)
def test_of_four_old_users_at_once_one_gets_the_name(request: pytest.FixtureRequest, server: str) -> None:
    ledger = _ledger(endpoint_url=request.getfixturevalue(server))

    def offer(number: int) -> Decision | None:
        try:
            ledger.offer(replace(OFFER, old_sub=f"old-{number}"))
        except Stop as stop:
            return stop.decision
        return None

    with ThreadPoolExecutor(4) as pool:
        decisions = list(pool.map(offer, range(4)))
    assert decisions.count(None) == 1
    assert set(decisions) <= {None, Decision.NAME_COLLISION, Decision.MISCONFIGURED}


@pytest.mark.parametrize(
    "server",
    [
        pytest.param("local_stack", marks=pytest.mark.local_stack),
        pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local),
    ],
)
def test_of_many_at_once_no_more_are_counted_than_the_cap(
    request: pytest.FixtureRequest, server: str
) -> None:
    ledger = _ledger(endpoint_url=request.getfixturevalue(server))
    with ThreadPoolExecutor(8) as pool:
        counted = list(pool.map(lambda _: ledger.count_unproven("pool", 7200, 5), range(24)))
    assert counted.count(True) == 5
