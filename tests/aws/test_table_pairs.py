"""Opening pairs: names and ARNs, Regions and roles, key schemas, and the setting's two places."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.session import Aws
from cutover.aws.table_pairs import Roles, load_pairs, open_pair
from cutover.aws.table_parts import read_table_settings
from cutover.errors import UsageError
from cutover.tables.items import key_id
from cutover.tables.pairs import TablePair, TableRef, parse_pairs
from cutover.tables.ports import TableFault

TEXT = '[{"source": "old", "target": "new"}]'


def make(name: str, *keys: tuple[str, str], region: str = "eu-west-1", client: Any = None) -> str:
    client = client or boto3.client("dynamodb", region_name=region)
    made = client.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": k, "KeyType": t} for (k, _), t in zip(keys, ("HASH", "RANGE"), strict=False)
        ],
        AttributeDefinitions=[{"AttributeName": k, "AttributeType": t} for k, t in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    return str(made["TableDescription"]["TableArn"])


@pytest.fixture(autouse=True)
def moto() -> Iterator[None]:
    with mock_aws():
        yield


def pair(source: str, target: str) -> TablePair:
    return TablePair(TableRef(source), TableRef(target))


def test_the_key_names_are_the_partition_key_s_and_then_the_sort_key_s() -> None:
    make("old", ("zone", "S"), ("at", "N"))
    make("new", ("zone", "S"), ("at", "N"))
    source, target = open_pair(pair("old", "new"), Aws(region="eu-west-1"))
    assert source.key_names == target.key_names == ("zone", "at")


def test_a_table_of_another_region_is_met_there() -> None:
    make("old", ("k", "S"))
    arn = make("new", ("k", "S"), region="us-west-2")
    _, target = open_pair(pair("old", arn), Aws(region="eu-west-1"))
    target.write([{"k": {"S": "a"}}], [])
    there = boto3.client("dynamodb", region_name="us-west-2").scan(TableName="new")
    assert there["Count"] == 1
    assert list(target.get([{"k": {"S": "a"}}])) == [key_id({"k": {"S": "a"}})]


def test_one_table_by_its_name_and_by_its_arn_is_no_pair() -> None:
    """Its transform would be done to the source itself, again and again."""
    arn = make("old", ("k", "S"))
    for both in (pair("old", arn), pair(arn, "old")):
        with pytest.raises(UsageError, match="one table with itself"):
            open_pair(both, Aws(region="eu-west-1"))


HERE, THERE = (f"arn:aws:dynamodb:{region}:123456789012:table/t" for region in ("eu-west-1", "us-west-2"))


def both(side: str, other: str, one: str, two: str) -> str:
    return json.dumps([{side: one, other: "a"}, {side: two, other: "b"}])


@pytest.mark.parametrize(("side", "other"), [("target", "source"), ("source", "target")])
def test_one_table_of_two_pairs_by_its_name_and_by_its_arn_is_refused(side: str, other: str) -> None:
    for refs in (("t", HERE), (HERE, "t")):
        with pytest.raises(UsageError, match="stands twice") as refused:
            load_pairs(both(side, other, *refs), Aws(region="eu-west-1"))
        assert refused.value.fix.startswith("give each table one place")


def chain(one: str, two: str) -> str:
    return json.dumps([{"source": "a", "target": one}, {"source": two, "target": "b"}])


@pytest.mark.parametrize("refs", [("t", HERE), (HERE, "t"), ("t", "t"), (HERE, HERE)])
def test_the_target_of_one_pair_is_no_source_of_another(refs: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match="stands twice") as refused:
        load_pairs(chain(*refs), Aws(region="eu-west-1"), Roles())
    assert refused.value.cause.endswith("would be mirrored by the other")


def test_a_loop_of_two_pairs_is_refused() -> None:
    loop = json.dumps([{"source": "t", "target": "b"}, {"source": "b", "target": HERE}])
    with pytest.raises(UsageError, match="stands twice"):
        load_pairs(loop, Aws(region="eu-west-1"), Roles())


def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/tables"


def test_a_name_stands_in_the_account_of_its_sides_role() -> None:
    """HERE is of 123456789012, which is the caller's account too."""
    there = Roles(source=role("210987654321"))
    assert len(load_pairs(chain(HERE, "t"), Aws(region="eu-west-1"), there)) == 2
    assert len(load_pairs(chain(THERE, "t"), Aws(region="eu-west-1"), Roles())) == 2
    for roles in (there, Roles(source=role("123456789012"))):
        refs = ("t", HERE) if roles is there else (HERE, "t")
        with pytest.raises(UsageError, match="stands twice"):
            load_pairs(chain(*refs), Aws(region="eu-west-1"), roles)


def test_tables_of_one_name_elsewhere_are_two() -> None:
    elsewhere = HERE.replace("123456789012", "210987654321")
    for refs in (("t", THERE), (HERE, THERE), (HERE, elsewhere)):
        assert len(load_pairs(both("target", "source", *refs), Aws(region="eu-west-1"))) == 2


def test_tables_of_one_name_in_two_regions_are_a_pair() -> None:
    make("old", ("k", "S"))
    arn = make("old", ("k", "S"), region="us-west-2")
    source, target = open_pair(pair("old", arn), Aws(region="eu-west-1"))
    assert (source.address, target.address) == ("old", arn)


@pytest.mark.parametrize("keys", [[("k", "N")], [("other", "S")], [("k", "S"), ("more", "S")]], ids=str)
def test_tables_with_other_keys_are_refused(keys: list[tuple[str, str]]) -> None:
    make("old", ("k", "S"))
    make("new", *keys)
    with pytest.raises(UsageError, match="keys of old and new differ"):
        open_pair(pair("old", "new"), Aws(region="eu-west-1"))


def test_a_table_that_is_not_there_is_a_table_fault() -> None:
    make("old", ("k", "S"))
    with pytest.raises(TableFault, match="new: ResourceNotFoundException"):
        open_pair(pair("old", "new"), Aws(region="eu-west-1"))


def test_each_side_goes_through_its_own_role_into_its_own_account() -> None:
    roles = Roles("arn:aws:iam::111111111111:role/read", "arn:aws:iam::222222222222:role/write", "shared")
    aws = Aws(region="eu-west-1")
    for role, name in ((roles.source, "old"), (roles.target, "new")):
        there = aws.elsewhere(role_arn=role, external_id=roles.external_id).client("dynamodb")
        make(name, ("k", "S"), client=there)
    _, target = open_pair(pair("old", "new"), aws, roles)
    target.write([{"k": {"S": "a"}}], [])
    with pytest.raises(TableFault):
        open_pair(pair("old", "new"), aws)


def test_a_table_of_another_account_than_its_role_s_is_refused_before_any_call() -> None:
    far = "arn:aws:dynamodb:eu-west-1:333333333333:table/old"
    nowhere = Aws(region="eu-west-1", endpoint_url="http://127.0.0.1:1")
    with pytest.raises(UsageError, match="another account"):
        open_pair(pair(far, "new"), nowhere, Roles("arn:aws:iam::222222222222:role/read"))
    with pytest.raises(UsageError, match="another account"):
        open_pair(pair("old", far), nowhere, Roles(target="arn:aws:iam::222222222222:role/write"))


def test_pairs_of_one_place_share_a_client_and_places_do_not() -> None:
    for name in ("old", "new"):
        make(name, ("k", "S"))
    elsewhere = make("far", ("k", "S"), region="us-west-2")
    clients: dict[Any, Any] = {}
    open_pair(pair("old", "new"), Aws(region="eu-west-1"), clients=clients)
    open_pair(pair("old", elsewhere), Aws(region="eu-west-1"), clients=clients)
    assert list(clients) == [("eu-west-1", None), ("us-west-2", None)]


def test_the_setting_may_stand_in_systems_manager() -> None:
    ssm = boto3.client("ssm", region_name="eu-west-1")
    ssm.put_parameter(Name="/cutover/tables", Value=TEXT, Type="SecureString")
    assert load_pairs("ssm:/cutover/tables", Aws(region="eu-west-1")) == parse_pairs(TEXT)


def test_the_setting_itself_is_read_without_any_call() -> None:
    assert load_pairs(TEXT, Aws()) == parse_pairs(TEXT)


def test_an_incomplete_environment_is_refused_by_the_names_it_lacks() -> None:
    with pytest.raises(UsageError, match="LEDGER_TABLE, RETRY_QUEUE_URL"):
        read_table_settings({"TABLES": TEXT, "LEDGER_TABLE": ""})


def test_empty_roles_are_none() -> None:
    assert Roles.from_environ({"SOURCE_ROLE_ARN": "", "EXTERNAL_ID": "x"}) == Roles(None, None, "x")
