"""import-users as a person types it, on moto's pools and the simulator's jobs. It is not AWS."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from cutover.users.ledger_rows import State
from tests.cli.stragglers.conftest import MakeWorld
from tests.cli.stragglers.world import StragglerWorld
from tests.cli.verbs import Ran
from tests.simulator.import_jobs import Refused

LOST = ReadTimeoutError(endpoint_url="https://cognito")
DOWN = EndpointConnectionError(endpoint_url="https://cognito")


def run(world: StragglerWorld, *words: str, folder: str = "export", typed: str = "") -> Ran:
    agreed = () if typed else ("--yes",)
    words = (str(world.folder / folder), "--poll-seconds", "0", *agreed, *words)
    return world.run("import-users", *words, "--output", "json", typed=typed)


def outcome(ran: Ran) -> dict[str, int]:
    counts: dict[str, int] = ran.envelope["data"]["runs"][0]["counts"]
    return counts


def state(world: StragglerWorld, old_sub: str) -> str:
    return str(world.ledger(f"user#{old_sub}").get("state", {}).get("S", ""))


def fails(error: Exception) -> Callable[[], None]:
    def happen() -> None:
        raise error

    return happen


def interlock(ran: Ran) -> str:
    assert ran.code == 4, ran.err
    code: str = ran.envelope["data"]["interlock"]
    return code


@pytest.fixture
def stragglers(world: StragglerWorld) -> dict[str, str]:
    """Three of them, exported; sub by name."""
    subs = {name: world.old_user(name) for name in ("ann", "bob", "eve")}
    world.counts()
    return subs


def test_every_straggler_is_imported_and_the_ledger_says_so(
    world: StragglerWorld, stragglers: dict[str, str]
) -> None:
    ran = run(world)
    assert (ran.code, outcome(ran)) == (0, {"imported": 3})
    for name, old_sub in stragglers.items():
        new_sub = world.sub_of(world.new_pool, name)
        assert state(world, old_sub) == "imported"
        assert world.ledger(f"newsub#{new_sub}", "map")["old_sub"] == {"S": old_sub}
        assert world.ledger(f"name#{world.new_pool}#{name}", "offer")["old_sub"] == {"S": old_sub}
        assert world.status_of(name) == "RESET_REQUIRED"


def test_the_upload_has_the_header_that_the_address_was_signed_with(
    world: StragglerWorld, stragglers: dict[str, str]
) -> None:
    run(world)
    assert [headers["x-amz-server-side-encryption"] for headers in world.jobs.uploads] == ["aws:kms"]


def test_a_dry_run_makes_no_job(world: StragglerWorld, stragglers: dict[str, str]) -> None:
    ran = run(world, "--dry-run")
    assert (ran.code, world.jobs.jobs) == (0, {})
    assert ran.envelope["data"]["plan"]["lose_the_seamless_way"] == 3


def test_the_pools_id_is_wanted_back(world: StragglerWorld, stragglers: dict[str, str]) -> None:
    assert run(world, typed="yes\n").code == 1
    assert world.jobs.jobs == {}
    assert run(world, typed=f"{world.new_pool}\n").code == 0


def test_a_file_is_imported_once(world: StragglerWorld, stragglers: dict[str, str]) -> None:
    run(world)
    assert (run(world).code, len(world.jobs.jobs)) == (0, 1)


def test_nobody_is_named_on_the_screen(world: StragglerWorld, stragglers: dict[str, str]) -> None:
    ran = run(world)
    assert "ann" not in ran.out + ran.err
    assert "Signature" not in ran.out + ran.err


@pytest.mark.parametrize("header_counts", [False, True])
def test_the_logs_lines_are_rows_whether_or_not_the_header_counts(
    world: StragglerWorld, stragglers: dict[str, str], header_counts: bool
) -> None:
    world.jobs.header_counts = header_counts
    squatted = sorted(stragglers)[1]
    world.new_user(squatted, email="stranger@example.com")
    ran = run(world)
    assert outcome(ran) == {"imported": 2, "squatted": 1}
    rows = [json.loads(line) for line in (world.folder / "export/result-users-001.jsonl").open()]
    assert {row["old_sub"] for row in rows if row["outcome"] == "squatted"} == {stragglers[squatted]}
    assert state(world, stragglers[squatted]) == ""


def test_who_signs_in_while_the_job_runs_came_over(world: StragglerWorld, stragglers: dict[str, str]) -> None:
    def sign_in() -> None:
        world.new_user("bob", custom__old_sub=stragglers["bob"])
        world.row(stragglers["bob"], State.OFFERED, target_name="bob", name_key="bob")

    world.jobs.during = sign_in
    assert outcome(run(world)) == {"imported": 2, "came_over": 1}
    assert state(world, stragglers["bob"]) == "offered"


def test_an_offer_whose_answer_was_lost_gives_way_to_the_import(
    world: StragglerWorld, stragglers: dict[str, str]
) -> None:
    world.row(stragglers["bob"], State.OFFERED, target_name="bob", name_key="bob")
    assert outcome(run(world)) == {"imported": 3}
    assert state(world, stragglers["bob"]) == "imported"


def test_a_stranger_who_carries_the_old_sub_is_never_taken_for_an_import(
    world: StragglerWorld, stragglers: dict[str, str]
) -> None:
    world.jobs.during = lambda: world.new_user("bob", custom__old_sub=stragglers["bob"]) and None
    assert outcome(run(world)) == {"imported": 2, "unclear": 1}
    assert state(world, stragglers["bob"]) == ""


def test_without_a_log_the_new_pool_is_believed(world: StragglerWorld, stragglers: dict[str, str]) -> None:
    world.jobs.writes_logs = False
    assert outcome(run(world)) == {"imported": 3}


def test_without_a_log_who_signed_in_meanwhile_is_left_to_settling(
    world: StragglerWorld, stragglers: dict[str, str]
) -> None:
    def sign_in() -> None:
        world.new_user("bob", custom__old_sub=stragglers["bob"])
        world.row(stragglers["bob"], State.OFFERED, target_name="bob", name_key="bob")

    world.jobs.during, world.jobs.writes_logs = sign_in, False
    assert outcome(run(world)) == {"imported": 2, "came_over": 1}
    assert state(world, stragglers["bob"]) == "offered"


def test_a_job_that_fails_half_way_leaves_the_rest_to_try_again(
    world: StragglerWorld, stragglers: dict[str, str]
) -> None:
    world.jobs.stop_after = 1
    ran = run(world)
    assert (ran.code, outcome(ran)) == (6, {"imported": 1, "not_done": 2})
    world.jobs.stop_after = None
    retry = ran.envelope["next"].split()[2].rpartition("/")[2]
    again = run(world, folder=f"export/{retry}")
    assert (again.code, outcome(again)) == (0, {"imported": 2})
    assert {state(world, sub) for sub in stragglers.values()} == {"imported"}


def test_a_job_that_did_nothing_can_be_tried_again_with_the_same_rows(
    world: StragglerWorld, stragglers: dict[str, str]
) -> None:
    world.jobs.stop_after = 0
    ran = run(world)
    world.jobs.stop_after = None
    retry = ran.envelope["next"].split()[2].rpartition("/")[2]
    assert outcome(run(world, folder=f"export/{retry}")) == {"imported": 3}


@pytest.mark.parametrize("operation", ["CreateUserImportJob", "StartUserImportJob"])
def test_a_lost_reply_is_looked_after(
    world: StragglerWorld, stragglers: dict[str, str], operation: str
) -> None:
    world.jobs.after[operation] = [fails(LOST)]
    assert (run(world).code, len(world.jobs.jobs)) == (0, 1)


def test_an_upload_whose_reply_was_lost_is_put_again(
    world: StragglerWorld, stragglers: dict[str, str]
) -> None:
    world.jobs.before["PUT"] = [fails(ConnectionError())]
    assert (run(world).code, len(world.jobs.uploads)) == (0, 2)


@pytest.mark.parametrize(
    ("when", "operation"),
    [
        ("before", "CreateUserImportJob"),
        ("after", "CreateUserImportJob"),
        ("before", "StartUserImportJob"),
        ("after", "StartUserImportJob"),
        ("before", "DescribeUserImportJob"),
    ],
)
def test_cut_off_anywhere_the_same_command_goes_on(
    world: StragglerWorld, stragglers: dict[str, str], when: str, operation: str
) -> None:
    getattr(world.jobs, when)[operation] = [fails(DOWN)]
    assert run(world).code == 5
    ran = run(world)
    assert (ran.code, outcome(ran)) == (0, {"imported": 3})
    assert len(world.jobs.jobs) == 1


def test_cut_off_while_marking_the_same_command_marks_the_rest(
    world: StragglerWorld, stragglers: dict[str, str]
) -> None:
    run(world)
    key = {"pk": {"S": f"user#{stragglers['ann']}"}, "sk": {"S": "state"}}
    world.dynamodb.delete_item(TableName=world.name, Key=key)
    (row,) = world.rows_of(f"import#{world.new_pool}")
    world.dynamodb.put_item(TableName=world.name, Item={**row, "state": {"S": "ended"}})
    assert outcome(run(world)) == {"imported": 3}
    assert state(world, stragglers["ann"]) == "imported"


def test_ctrl_c_leaves_the_job_running_and_the_next_run_attaches_to_it(
    world: StragglerWorld, stragglers: dict[str, str]
) -> None:
    world.jobs.during = fails(KeyboardInterrupt())  # type: ignore[arg-type]
    ran = run(world)
    assert ran.code == 130
    assert "import-users" in ran.envelope["next"]
    world.jobs.during = lambda: None
    assert (run(world).code, len(world.jobs.jobs)) == (0, 1)


def test_an_address_that_has_run_out_makes_a_new_job(
    world: StragglerWorld, stragglers: dict[str, str]
) -> None:
    world.jobs.after["CreateUserImportJob"] = [fails(DOWN)]
    run(world)
    for job in world.jobs.jobs.values():
        job.created -= 16 * 60
    assert (run(world).code, len(world.jobs.jobs)) == (0, 2)


def test_a_job_that_expired_unstarted_is_made_anew(world: StragglerWorld, stragglers: dict[str, str]) -> None:
    world.jobs.before["StartUserImportJob"] = [fails(DOWN)]
    run(world)
    for job in world.jobs.jobs.values():
        job.created -= 50 * 3600
    ran = run(world)
    assert (outcome(ran), len(world.jobs.jobs)) == ({"imported": 3}, 2)


def test_an_upload_that_is_refused_shows_no_address(
    world: StragglerWorld, stragglers: dict[str, str]
) -> None:
    world.jobs.before["PUT"] = [lambda: setattr(next(iter(world.jobs.jobs.values())), "status", "Stopped")]
    ran = run(world)
    assert ran.code == 5
    assert "HTTP 403" in ran.err
    assert "Signature" not in ran.out + ran.err
    assert "127.0.0.1" not in ran.out + ran.err


def test_another_active_job_refuses(world: StragglerWorld, stragglers: dict[str, str]) -> None:
    world.jobs.during = fails(KeyboardInterrupt())  # type: ignore[arg-type]
    run(world)
    (row,) = world.rows_of(f"import#{world.new_pool}")
    world.dynamodb.delete_item(TableName=world.name, Key={name: row[name] for name in ("pk", "sk")})
    assert interlock(run(world)) == "import_active"


def test_a_job_of_another_pool_keeps_ours_from_starting(
    world: StragglerWorld, stragglers: dict[str, str]
) -> None:
    refused = Refused("PreconditionNotMetException", "Another import job is active")
    world.jobs.before["StartUserImportJob"] = [fails(refused)]
    assert interlock(run(world)) == "job_not_started"
    assert outcome(run(world)) == {"imported": 3}


def test_it_is_refused_while_people_still_come(world: StragglerWorld, stragglers: dict[str, str]) -> None:
    now = int(world.jobs.clock())
    for number in range(11):
        world.row(f"sub{number}", State.CONFIRMED, listed_at=now - 60)
    ran = run(world)
    assert (interlock(ran), world.jobs.jobs) == ("still_coming", {})
    assert "--max-rate 11" in ran.envelope["next"]
    assert run(world, "--max-rate", "11").code == 0


def test_it_is_refused_while_strangers_hold_old_names(world: StragglerWorld) -> None:
    world.old_user("ann")
    world.old_user("bob")
    world.new_user("bob", email="stranger@example.com")
    world.counts()
    assert interlock(run(world)) == "squatted"
    assert run(world, "--allow-squatted").code == 0


def test_what_the_watch_counted_refuses_too(world: StragglerWorld, stragglers: dict[str, str]) -> None:
    world.put(pk=f"watch#{world.new_pool}", sk="squatted", count=2)
    assert interlock(run(world)) == "squatted"


def test_an_old_export_is_refused(world: StragglerWorld, stragglers: dict[str, str]) -> None:
    edit(world, exported_at=1)
    assert interlock(run(world)) == "export_stale"


def test_an_export_waits_until_an_import_has_come_to_its_end(
    world: StragglerWorld, stragglers: dict[str, str]
) -> None:
    world.jobs.during = fails(KeyboardInterrupt())  # type: ignore[arg-type]
    run(world)
    assert interlock(world.export("--output", "json", folder="second")) == "import_unfinished"


@pytest.mark.parametrize("file", ["users-001.csv", "users-001.people.jsonl"])
def test_a_file_that_was_changed_is_not_imported(
    world: StragglerWorld, stragglers: dict[str, str], file: str
) -> None:
    with (world.folder / "export" / file).open("a") as changed:
        changed.write("\n")
    assert (run(world).code, world.jobs.jobs) == (2, {})


def test_a_pool_that_has_changed_since_is_noticed(world: StragglerWorld, stragglers: dict[str, str]) -> None:
    world.cognito.update_user_pool(UserPoolId=world.new_pool, AutoVerifiedAttributes=["phone_number"])
    ran = run(world)
    assert (ran.code, world.jobs.jobs) == (2, {})
    assert "auto-verified" in ran.err


def test_a_folder_without_an_export_is_refused(make_world: MakeWorld) -> None:
    world = make_world()
    (world.folder / "export").mkdir()
    assert run(world).code == 2


def edit(world: StragglerWorld, **facts: Any) -> None:
    path = world.folder / "export" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **facts}))
