"""What init refuses before anything is deployed, and which parameters come of what it found."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cutover.control.init_facts import ClientFacts, InitFacts, PairTables, PoolFacts, TableFacts
from cutover.control.init_plan import TABLES_BYTES, InitPlan, plan_init, tables_setting
from cutover.errors import InterlockRefused

KEYS = (("id", "HASH", "S"),)
ORDERS = TableFacts("orders", "arn:aws:dynamodb:eu-west-1:1:table/orders", KEYS, "arn:stream", "NEW_IMAGE")
TARGET = TableFacts("orders-new", "arn:aws:dynamodb:eu-west-1:1:table/orders-new", KEYS)
USERS = InitFacts(
    PoolFacts("eu-west-1_new"),
    PoolFacts("us-east-1_old"),
    ClientFacts("client", ("ALLOW_ADMIN_USER_PASSWORD_AUTH",)),
)
TABLES = InitFacts(pairs=(PairTables(ORDERS, TARGET),))


def plan(facts: InitFacts, **given: str) -> InitPlan:
    return plan_init(facts, view="NEW_AND_OLD_IMAGES", given=given)


def with_source(**changes: object) -> InitFacts:
    return InitFacts(pairs=(PairTables(replace(ORDERS, **changes), TARGET),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "interlock"),
    [
        (InitFacts(), "nothing_moves"),
        (replace(USERS, old_pool=PoolFacts("eu-west-1_new")), "same_pool"),
        (replace(USERS, old_client=ClientFacts("client", ("ALLOW_USER_SRP_AUTH",))), "client_flow"),
        (replace(USERS, old_client=ClientFacts("client")), "client_flow"),
        (InitFacts(pairs=(PairTables(ORDERS, ORDERS),)), "same_table"),
        (with_source(keys=(("id", "HASH", "N"),)), "keys_differ"),
        (with_source(keys=(("key", "HASH", "S"),)), "keys_differ"),
        (with_source(keys=(*KEYS, ("at", "RANGE", "N"))), "keys_differ"),
        (
            replace(USERS, pairs=with_source(arn="arn:aws:dynamodb:us-east-1:1:table/orders").pairs),
            "two_regions",
        ),
        (InitFacts(pairs=TABLES.pairs * 100), "too_many_pairs"),
    ],
)
def test_what_would_not_work_is_refused_by_name(facts: InitFacts, interlock: str) -> None:
    with pytest.raises(InterlockRefused) as refused:
        plan(facts)
    assert refused.value.interlock == interlock


def test_as_many_pairs_as_pass_fit_into_a_functions_environment() -> None:
    """Twice, the second time as text within JSON, beside two roles and the stack's own names:
    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """
    most = next(
        number for number in range(100, 0, -1) if len(tables_setting(TABLES.pairs * number)) <= TABLES_BYTES
    )
    setting = str(plan(InitFacts(pairs=TABLES.pairs * most)).parameters({})["Tables"])
    names = "arn:aws:iam::123456789012:role/" + "x" * 64
    rest = ["stack-name", "ledger-name" * 4, "https://sqs.eu-west-1.amazonaws.com/" + "q" * 92, names, names]
    assert len(setting + json.dumps([setting, names, names, "external-id"]) + "".join(rest)) + 150 < 4096


def test_a_client_without_the_flow_comes_with_the_command_that_makes_one() -> None:
    with pytest.raises(InterlockRefused) as refused:
        plan(replace(USERS, old_client=ClientFacts("client")))
    assert "create-user-pool-client --user-pool-id us-east-1_old" in (refused.value.next_command or "")


def test_the_older_name_of_the_flow_counts() -> None:
    assert (
        plan(replace(USERS, old_client=ClientFacts("client", ("ADMIN_NO_SRP_AUTH",)))).region == "eu-west-1"
    )


def test_the_old_pool_may_stand_in_another_region() -> None:
    assert plan(USERS).region == "eu-west-1"


def test_the_target_may_stand_in_another_region() -> None:
    there = replace(TARGET, arn="arn:aws:dynamodb:us-east-1:1:table/orders-new")
    assert plan(InitFacts(pairs=(PairTables(ORDERS, there),))).region == "eu-west-1"


def test_users_alone_set_no_table_parameters() -> None:
    assert plan(USERS).parameters({}) == {
        "NewUserPoolId": "eu-west-1_new",
        "OldUserPoolId": "us-east-1_old",
        "OldClientId": "client",
    }


def test_tables_set_their_pairs_arns_and_streams() -> None:
    parameters = plan(TABLES).parameters({})
    assert json.loads(str(parameters["Tables"])) == [{"source": "orders", "target": "orders-new"}]
    assert parameters["SourceTableArns"] == [ORDERS.arn]
    assert parameters["TargetTableArns"] == [TARGET.arn]
    assert parameters["SourceStreamArns"] == ["arn:stream"]


def test_an_existing_stream_is_left_alone_whatever_its_view() -> None:
    assert plan(with_source(stream_view="KEYS_ONLY")).streams == ()


def test_a_source_without_a_stream_gets_one_and_its_arn_goes_into_the_parameters() -> None:
    made = plan(with_source(stream_arn=None))
    assert [(step.table.spec, step.view) for step in made.streams] == [("orders", "NEW_AND_OLD_IMAGES")]
    assert made.parameters({ORDERS.arn: "arn:enabled"})["SourceStreamArns"] == ["arn:enabled"]


@pytest.mark.parametrize("held", [False, True], ids=["named now", "in the file"])
def test_with_kinesis_streams_the_tables_own_are_left_as_they_are(*, held: bool) -> None:
    parameters = {"SourceKinesisArns": "arn:kinesis"}
    for facts in (TABLES, with_source(stream_arn=None)):
        made = plan_init(facts, view="KEYS_ONLY", given={} if held else parameters, held=parameters)
        assert made.streams == ()
        assert made.parameters({})["SourceStreamArns"] == "none"


def test_with_kinesis_streams_an_operator_may_still_name_a_stream_of_another_table() -> None:
    named = {"SourceKinesisArns": "arn:kinesis", "SourceStreamArns": "arn:stream"}
    assert plan(TABLES, **named).parameters({})["SourceStreamArns"] == "arn:stream"


@pytest.mark.parametrize("none", ["", "none"])
def test_no_kinesis_stream_is_no_reason_to_leave_a_table_without_one(none: str) -> None:
    assert plan(with_source(stream_arn=None), SourceKinesisArns=none).streams


def test_a_role_of_another_account_than_a_table_s_is_refused() -> None:
    elsewhere = "arn:aws:iam::222222222222:role/reader"
    for role in ("SourceRoleArn", "TargetRoleArn"):
        with pytest.raises(InterlockRefused) as refused:
            plan(TABLES, **{role: elsewhere})
        assert refused.value.interlock == "role_account"
    assert plan(TABLES, SourceRoleArn="arn:aws:iam::1:role/reader", TargetRoleArn="arn:aws:iam::1:role/w")


def test_a_stream_of_another_account_is_switched_on_by_that_account() -> None:
    role = {"SourceRoleArn": "arn:aws:iam::1:role/reader"}
    with pytest.raises(InterlockRefused) as refused:
        plan(with_source(stream_arn=None), **role)
    assert refused.value.interlock == "stream_elsewhere"
    assert "update-table" in refused.value.fix
    assert plan(with_source(stream_arn=None), SourceKinesisArns="arn:kinesis", **role).streams == ()


def test_a_clients_secret_is_asked_for_with_a_command_that_does_not_show_it() -> None:
    secret = replace(USERS, old_client=replace(USERS.old_client or ClientFacts(""), has_secret=True))
    (note,) = plan(secret).notes
    assert "secretsmanager create-secret" in note
    assert plan(secret, OldClientSecretArn="arn:secret").notes == ()


def test_a_secret_for_a_client_without_one_is_noted() -> None:
    assert plan(USERS, OldClientSecretArn="arn:secret").notes
