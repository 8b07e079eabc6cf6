"""`cutover verify`: what it answers, what it writes, what it repairs, and what it keeps to itself."""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutover.aws.pair_workers import PairWorkers
from tests.cli import meddling
from tests.cli.table_world import PAIR, QUICK, TableWorld, equal_tables
from tests.cli.verbs import Shell


@pytest.fixture
def world() -> Iterator[TableWorld]:
    """Equal tables of five items."""
    with equal_tables() as world:
        yield world


def test_equal_tables_end_with_0(shell: Shell, world: TableWorld) -> None:
    ran = shell.run("verify", *QUICK, "--output", "json")
    assert ran.code == 0, ran.err
    assert ran.envelope["ok"] is True
    (pair,) = ran.envelope["data"]["pairs"]
    assert (pair["compared"], pair["differences"]) == (5, 0)


def test_differences_end_with_3_and_are_counted_by_kind(shell: Shell, world: TableWorld) -> None:
    world.delete("new-orders", "k000")
    world.put("new-orders", "k001", "other")
    world.put("new-orders", "extra")
    ran = shell.run("verify", *QUICK, "--output", "json")
    assert ran.code == 3
    assert ran.envelope["ok"] is False
    (pair,) = ran.envelope["data"]["pairs"]
    assert (pair["missing"], pair["different"], pair["extra"]) == (1, 1, 1)


def test_under_a_limit_of_the_pair_a_verify_counts_as_at_work(shell: Shell, world: TableWorld) -> None:
    shell.run("verify", *QUICK)
    assert "workers" not in {row["sk"]["S"] for row in world.rows(f"pair#{PAIR}")}
    world.put_row(f"pair#{PAIR}", "pace", read_units={"N": "1000"})
    assert shell.run("verify", *QUICK, "--read-units", "2000").code == 0
    assert "workers" in {row["sk"]["S"] for row in world.rows(f"pair#{PAIR}")}
    assert PairWorkers(world.dynamodb, "ledger").read(PAIR, time.time() + 1)[0].count == 0


def test_the_plan_names_the_limit_that_the_pair_has(shell: Shell, world: TableWorld) -> None:
    assert "limit" not in shell.run("verify", *QUICK, "--dry-run").out
    world.put_row(f"pair#{PAIR}", "pace", read_units={"N": "1234567"})
    said = " ".join(shell.run("verify", *QUICK, "--dry-run").out.split())
    assert "by default, within the pair's limit of 1,234,567;" in said
    ran = shell.run("verify", *QUICK, "--dry-run", "--output", "json")
    assert ran.envelope["data"]["pairs"][0]["pair_read_units"] == 1234567


def test_a_repair_is_offered_next(shell: Shell, world: TableWorld) -> None:
    world.delete("new-orders", "k000")
    assert "next: cutover verify --repair --stack shop" in shell.run("verify", *QUICK).err


def test_a_repair_puts_missing_and_different_items_right(shell: Shell, world: TableWorld) -> None:
    world.delete("new-orders", "k000")
    world.put("new-orders", "k001", "other")
    ran = shell.run("verify", *QUICK, "--repair", "--yes", "--output", "json")
    assert ran.code == 0, ran.err
    assert world.items("new-orders") == world.items("old-orders")
    assert ran.envelope["data"]["pairs"][0]["repaired"] == 2


def test_a_repair_leaves_extra_items_and_says_so(shell: Shell, world: TableWorld) -> None:
    world.put("new-orders", "extra")
    ran = shell.run("verify", *QUICK, "--repair", "--yes")
    assert ran.code == 3
    assert "extra" in world.items("new-orders")
    assert "never deleted by --repair" in ran.err


def test_a_repair_takes_away_what_the_ledger_knows_to_be_the_mirrors_and_settles_it(
    shell: Shell, world: TableWorld
) -> None:
    for name in ("left-behind", "native"):
        world.put("new-orders", name)
    world.owe("left-behind")
    ran = shell.run("verify", *QUICK, "--repair", "--yes", "--accept-native", "--output", "json")
    assert ran.code == 0, ran.err
    (pair,) = ran.envelope["data"]["pairs"]
    assert (pair["repaired"], pair["mirrored"], pair["native"], pair["settled"]) == (1, 0, 1, 1)
    assert set(world.items("new-orders")) - set(world.items("old-orders")) == {"native"}
    assert world.rows(f"owed#{PAIR}") == []


def test_a_repair_that_is_declined_keeps_what_was_found(shell: Shell, world: TableWorld) -> None:
    world.delete("new-orders", "k000")
    ran = shell.run("verify", *QUICK, "--repair", typed="n\n")
    assert ran.code == 3
    assert "k000" not in world.items("new-orders")
    assert "not repaired" in ran.err


def test_a_repair_that_nobody_can_agree_to_is_refused_before_the_work(
    shell: Shell, world: TableWorld
) -> None:
    assert shell.run("verify", *QUICK, "--repair", "--no-input").code == 2
    assert world.rows(f"verify#{PAIR}") == []


def test_a_repair_of_a_pair_that_the_target_rules_is_refused(shell: Shell, world: TableWorld) -> None:
    world.delete("new-orders", "k000")
    world.put_row(
        f"pair#{PAIR}", "authority", ruler={"S": "target"}, direction={"S": "reverse"}, epoch={"N": "1"}
    )
    assert shell.run("verify", *QUICK, "--repair", "--yes").code == 4
    assert "k000" not in world.items("new-orders")


def test_without_repair_nothing_is_written_to_the_target(shell: Shell, world: TableWorld) -> None:
    world.delete("new-orders", "k000")
    shell.run("verify", *QUICK, "--yes")
    assert "k000" not in world.items("new-orders")


def test_the_ledger_keeps_the_last_verify_without_any_key(shell: Shell, world: TableWorld) -> None:
    world.delete("new-orders", "k000")
    shell.run("verify", *QUICK)
    (row,) = world.rows(f"verify#{PAIR}")
    assert (row["sk"], row["missing"], row["compared"]) == ({"S": "last"}, {"N": "1"}, {"N": "5"})
    assert "k000" not in json.dumps(row)


def test_the_report_holds_the_keys_and_is_its_owners_alone(
    shell: Shell, world: TableWorld, tmp_path: Path
) -> None:
    world.delete("new-orders", "k000")
    path = tmp_path / "report.json"
    path.write_text("old")
    path.chmod(0o644)
    shell.run("verify", *QUICK, "--report", str(path))
    (pair,) = json.loads(path.read_text())["pairs"]
    assert pair["keys"]["missing"] == [{"k": {"S": "k000"}}]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_report_that_cannot_be_written_is_refused_before_the_work(
    shell: Shell, world: TableWorld, tmp_path: Path
) -> None:
    ran = shell.run("verify", *QUICK, "--report", str(tmp_path / "nowhere" / "report.json"))
    assert ran.code == 1
    assert world.rows(f"verify#{PAIR}") == []


def test_the_screen_shows_no_key_unless_it_is_asked_to(shell: Shell, world: TableWorld) -> None:
    world.delete("new-orders", "k000")
    hidden, shown = shell.run("verify", *QUICK), shell.run("verify", *QUICK, "--show-keys")
    assert "k000" not in hidden.out + hidden.err
    assert "k000" in shown.err


def test_two_empty_tables_are_said_to_prove_nothing(shell: Shell, world: TableWorld) -> None:
    for table in ("old-orders", "new-orders"):
        for name in world.items(table):
            world.delete(table, name)
    ran = shell.run("verify", *QUICK)
    assert ran.code == 0
    assert "nothing was compared" in ran.err


def test_a_dry_run_reads_no_item(shell: Shell, world: TableWorld) -> None:
    ran = shell.run("verify", *QUICK, "--dry-run", "--output", "json")
    assert ran.code == 0
    assert ran.envelope["data"]["dry_run"] is True
    assert world.rows(f"verify#{PAIR}") == []


def test_a_table_that_is_gone_ends_with_5(shell: Shell, world: TableWorld) -> None:
    world.dynamodb.delete_table(TableName="new-orders")
    assert shell.run("verify", *QUICK).code == 5


def second_pair(world: TableWorld) -> None:
    """A dozen would be alike: the first one's target is gone, the second one's is there."""
    for name in ("old-carts", "new-carts"):
        world.dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        world.put(name, "cart")
    names = [("old-orders", "new-orders"), ("old-carts", "new-carts")]
    world.deploy(Tables=json.dumps([{"source": old, "target": new} for old, new in names]))


def test_a_pair_whose_table_is_gone_holds_no_other(shell: Shell, world: TableWorld) -> None:
    second_pair(world)
    world.dynamodb.delete_table(TableName="new-orders")
    ran = shell.run("verify", *QUICK, "--output", "json")
    assert (ran.code, ran.envelope["ok"]) == (6, False)
    assert [one["pair"] for one in ran.envelope["data"]["pairs"]] == ["old-carts=new-carts"]
    assert [one["pair"] for one in ran.envelope["data"]["stuck"]] == [PAIR]
    following = str(ran.envelope["next"])
    assert following.startswith(f"cutover verify --pair {PAIR} --source-role none --spacing 0 --stack shop")
    assert world.rows("verify#old-carts=new-carts")


def test_a_pair_whose_table_fails_on_the_way_holds_no_other(shell: Shell, world: TableWorld) -> None:
    second_pair(world)
    fields = {"source": "old-orders", "target": "new-orders", "transform": "tests.cli.meddling:transform"}
    world.deploy(Tables=json.dumps([fields, {"source": "old-carts", "target": "new-carts"}]))
    meddling.MEANWHILE.append(lambda: world.dynamodb.delete_table(TableName="new-orders"))
    world.delete("new-orders", "k000")
    ran = shell.run("verify", *QUICK, "--output", "json")
    assert ran.code == 6, ran.err
    assert [one["pair"] for one in ran.envelope["data"]["pairs"]] == ["old-carts=new-carts"]
    (stuck,) = ran.envelope["data"]["stuck"]
    assert "new-orders" in stuck["cause"]


def test_a_plan_says_which_pairs_cannot_be_opened(shell: Shell, world: TableWorld) -> None:
    second_pair(world)
    world.dynamodb.delete_table(TableName="new-orders")
    ran = shell.run("verify", *QUICK, "--dry-run", "--output", "json")
    assert (ran.code, [one["pair"] for one in ran.envelope["data"]["stuck"]]) == (6, [PAIR])


BOUND = "none is wrong, so with 95 % confidence"


@pytest.mark.parametrize(("extra", "bound"), [([], True), (["native"], False)])
def test_a_sample_claims_its_bound_only_where_all_was_equal(
    shell: Shell, world: TableWorld, extra: list[str], bound: bool
) -> None:
    """An item that the target may have is something extra all the same."""
    for name in extra:
        world.put("new-orders", name)
    ran = shell.run("verify", *QUICK, "--sample", "100%", "--accept-native", "--output", "json")
    assert (ran.code, BOUND in ran.err) == (0, bound)
    sides = ran.envelope["data"]["pairs"][0]["sample"]
    assert [sides[side]["bound_95"] is not None for side in ("source", "target")] == [bound, bound]
