"""export-users as a person types it."""

from __future__ import annotations

import json
import stat

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.handlers import BUILTIN_HANDLERS

from cutover.cli.export_store import ExportStore
from cutover.users.ledger_rows import State
from tests.cli.stragglers.conftest import MakeWorld
from tests.cli.stragglers.world import StragglerWorld

OPTIONAL = {"MfaConfiguration": "OPTIONAL"}


def test_a_straggler_is_in_the_file_with_the_old_sub(world: StragglerWorld) -> None:
    sub = world.old_user("ann", custom__plan="gold")
    assert world.counts()["rows"] == 1
    (line,) = world.lines()
    assert line.values["cognito:username"] == "ann"
    assert line.values["custom:old_sub"] == sub
    assert line.values["email_verified"] == "true"


def test_a_dry_run_reads_no_user_and_writes_nothing(world: StragglerWorld) -> None:
    world.old_user("ann")
    ran = world.export("--dry-run", "--output", "json")
    assert (ran.code, (world.folder / "export").exists()) == (0, False)
    assert ran.envelope["data"]["plan"]["old_pool"] == world.old_pool


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State.CONFIRMED, "came_over"),
        (State.IMPORTED, "came_over"),
        (State.OFFERED, "in_flight"),
        (State.RESET_OFFERED, "in_flight"),
    ],
)
def test_whom_the_ledger_knows_is_left_out(world: StragglerWorld, state: State, reason: str) -> None:
    world.row(world.old_user("ann"), state)
    assert world.counts() == {"rows": 0, "left_out": {reason: 1}, "refused": {}}


def test_disabled_and_temporary_users_are_left_out(world: StragglerWorld) -> None:
    world.old_user("ann")
    world.cognito.admin_disable_user(UserPoolId=world.old_pool, Username="ann")
    world.old_user("bob", status="FORCE_CHANGE_PASSWORD")
    assert world.counts()["left_out"] == {"disabled": 1, "temporary_password": 1}


def test_unconfirmed_users_are_left_out(world: StragglerWorld) -> None:
    client = world.cognito.create_user_pool_client(UserPoolId=world.old_pool, ClientName="app")
    world.cognito.sign_up(
        ClientId=client["UserPoolClient"]["ClientId"], Username="eve", Password="Long-enough-4-all"
    )
    assert world.counts()["left_out"] == {"unconfirmed": 1}


def test_whoever_may_be_squatted_is_left_out_and_counted(world: StragglerWorld) -> None:
    owner = world.old_user("ann")
    world.new_user("stranger", email="ANN@example.com")
    assert world.counts()["left_out"] == {"squatted": 1}
    assert world.reasons("left_out.jsonl") == {owner: "squatted"}


def test_an_e_mail_that_somebody_shares_who_came_over_is_no_squatting(world: StragglerWorld) -> None:
    partner = world.old_user("bob", email="both@example.com")
    new_sub = world.new_user("bob", email="both@example.com")
    world.put(pk=f"newsub#{new_sub}", sk="map", old_sub=partner)
    world.row(partner, State.CONFIRMED)
    world.old_user("ann", email="both@example.com")
    assert world.counts() == {"rows": 1, "left_out": {"came_over": 1}, "refused": {}}


def test_an_alias_that_somebody_has_who_came_over_refuses(make_world: MakeWorld) -> None:
    world = make_world(new={"AliasAttributes": ["email"]})
    new_sub = world.new_user("bob", email="both@example.com")
    world.put(pk=f"newsub#{new_sub}", sk="map", old_sub="somebody")
    world.old_user("ann", email="both@example.com")
    assert world.counts()["refused"] == {"alias_taken": 1}


def test_who_has_a_second_factor_is_left_out(make_world: MakeWorld) -> None:
    world = make_world(old=OPTIONAL)
    world.old_user("ann")
    world.old_user("bob")
    world.cognito.admin_set_user_mfa_preference(
        UserPoolId=world.old_pool,
        Username="ann",
        SMSMfaSettings={"Enabled": True, "PreferredMfa": True},
    )
    assert world.counts() == {"rows": 1, "left_out": {"second_factor": 1}, "refused": {}}


def test_asking_for_second_factors_is_agreed_to_for_it_costs(make_world: MakeWorld) -> None:
    world = make_world(old=OPTIONAL)
    ran = world.run("export-users", "--folder", str(world.folder / "export"), "--no-input")
    assert (ran.code, (world.folder / "export").exists()) == (2, False)
    assert "monthly active user" in ran.err


def test_a_pool_without_second_factors_is_not_asked(world: StragglerWorld) -> None:
    plan = world.export("--dry-run", "--output", "json").envelope["data"]["plan"]
    assert plan["asks_second_factors"] is False


def test_what_cannot_be_a_row_is_refused_with_its_reason(world: StragglerWorld) -> None:
    unsafe = world.old_user("ann", custom__plan="a\\b")
    unverified = world.old_user("bob", email_verified="false")
    assert world.counts()["refused"] == {"no_verified_contact": 1, "unsafe_value": 1}
    assert world.reasons("refused.jsonl") == {unverified: "no_verified_contact", unsafe: "unsafe_value"}


def test_of_two_spellings_of_a_name_the_user_who_was_first_has_it(make_world: MakeWorld) -> None:
    world = make_world(new={"UsernameConfiguration": {"CaseSensitive": False}})
    world.old_user("Ann", email="first@example.com")
    second = world.old_user("ann", email="second@example.com")
    assert world.counts() == {"rows": 1, "left_out": {}, "refused": {"name_collision": 1}}
    assert world.reasons("refused.jsonl") == {second: "name_collision"}


def test_a_name_of_somebody_who_is_left_out_stays_theirs(make_world: MakeWorld) -> None:
    world = make_world(new={"UsernameConfiguration": {"CaseSensitive": False}})
    world.old_user("Ann", email="first@example.com")
    world.cognito.admin_disable_user(UserPoolId=world.old_pool, Username="Ann")
    world.old_user("ann", email="second@example.com")
    assert world.counts() == {"rows": 0, "left_out": {"disabled": 1}, "refused": {"name_collision": 1}}


def test_the_files_are_their_owners_alone(world: StragglerWorld) -> None:
    world.old_user("ann")
    world.counts()
    folder = world.folder / "export"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert not list(folder.glob("*.sqlite"))


def test_nobody_is_named_beside_a_reason_unless_asked(world: StragglerWorld) -> None:
    world.old_user("ann", email_verified="false")
    ran = world.export("--output", "json")
    assert "ann" not in ran.out + ran.err
    assert "ann" not in (world.folder / "export" / "refused.jsonl").read_text()
    world.counts("--show-users", folder="named")
    assert "ann" in (world.folder / "named" / "refused.jsonl").read_text()


def test_an_export_is_never_written_over(world: StragglerWorld) -> None:
    world.old_user("ann")
    world.counts()
    assert world.export().code == 2


def test_a_pool_that_verifies_nothing_is_refused(make_world: MakeWorld) -> None:
    world = make_world(new={"AutoVerifiedAttributes": []})
    ran = world.export("--output", "json")
    assert (ran.code, ran.envelope["data"]["interlock"]) == (4, "no_auto_verified_attribute")


def test_the_manifest_says_what_was_left_out(world: StragglerWorld) -> None:
    world.old_user("ann")
    counts = world.counts()
    manifest = json.loads((world.folder / "export" / "manifest.json").read_text())
    assert (manifest["counts"], manifest["new_pool"]) == (counts, world.new_pool)
    assert [file["rows"] for file in manifest["files"]] == [1]


def test_an_export_that_was_cut_off_goes_on_with_what_is_missing(world: StragglerWorld) -> None:
    for number in range(8):
        world.old_user(f"user{number}")
    listings = []

    def cut_off(params: object, **_: object) -> None:
        listings.append(params)
        if len(listings) == 25:
            raise EndpointConnectionError(endpoint_url="https://cognito")

    handler = ("before-call.cognito-identity-provider.ListUsers", cut_off)
    BUILTIN_HANDLERS.insert(0, handler)
    try:
        assert world.export("--workers", "1").code == 5
        listings.clear()
        assert world.counts("--workers", "1")["rows"] == 8
    finally:
        BUILTIN_HANDLERS.remove(handler)
    assert len(listings) < 32 - 16
    assert len(world.lines()) == 8


def test_another_export_does_not_go_on_in_the_same_folder(make_world: MakeWorld) -> None:
    world = make_world()
    world.old_user("ann")
    (world.folder / "export").mkdir()
    store = ExportStore(world.folder / "export" / ".export.sqlite")
    store.agree(new_pool="eu-west-1_other")
    store.close()
    ran = world.export()
    assert (ran.code, "another export" in ran.err) == (2, True)
