"""`cutover verify --certify` and `--check`: a proof of what stands still, in a file and in the ledger."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from cutover.cli.certificate_file import CertificateFile
from cutover.tables.backfill_rows import segment_pk
from cutover.tables.certificate import sealed
from tests.cli import meddling
from tests.cli.table_world import FAILURES, PAIR, QUICK, REGION, TableWorld, equal_tables, table_world
from tests.cli.verbs import Ran, Shell
from tests.fakes.ledger_table import create_ledger


@pytest.fixture
def world() -> Iterator[TableWorld]:
    """Equal tables of five items that nobody writes."""
    with equal_tables() as world:
        yield world


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.certificate.json"


def certify(shell: Shell, path: Path, *words: str) -> Ran:
    return shell.run("verify", *QUICK, "--certify", str(path), *words, "--output", "json")


def check(shell: Shell, path: Path, *words: str) -> Ran:
    return shell.run("verify", *QUICK, "--check", str(path), *words, "--output", "json")


def statement(path: Path) -> dict[str, Any]:
    (found,) = json.loads(path.read_text())["certificate"]["pairs"]
    return dict(found)


def test_equal_tables_get_a_certificate_in_a_file_and_in_the_ledger(
    shell: Shell, world: TableWorld, path: Path
) -> None:
    ran = certify(shell, path)
    assert ran.code == 0, ran.err
    said = statement(path)
    assert said["wanted"] == said["held"]
    assert said["wanted"]["items"] == 5
    assert said["source"]["arn"].endswith(":table/old-orders")
    (row,) = world.rows(f"certificate#{PAIR}")
    assert row["sha256"]["S"] == ran.envelope["data"]["certificate"]["sha256"]
    assert row["held"]["S"] == said["held"]["digest"]


def test_a_certificate_is_its_owners_alone_and_holds_no_key_and_no_value(
    shell: Shell, world: TableWorld, path: Path
) -> None:
    certify(shell, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "k000" not in path.read_text()
    assert "k000" not in json.dumps(world.rows(f"certificate#{PAIR}"))


def test_an_existing_file_is_never_overwritten(shell: Shell, world: TableWorld, path: Path) -> None:
    path.write_text("an older one")
    assert certify(shell, path).code == 2
    assert path.read_text() == "an older one"


def test_a_second_certificate_leaves_the_first_ones_row(
    shell: Shell, world: TableWorld, path: Path, tmp_path: Path
) -> None:
    certify(shell, path)
    world.put("old-orders", "more")
    world.put("new-orders", "more")
    certify(shell, tmp_path / "second.json")
    assert len(world.rows(f"certificate#{PAIR}")) == 2
    assert check(shell, path).code == 0


def test_tables_that_differ_get_none(shell: Shell, world: TableWorld, path: Path) -> None:
    world.delete("new-orders", "k000")
    ran = certify(shell, path)
    assert (ran.code, ran.envelope["data"]["certificate"]) == (3, None)
    assert not path.exists()
    assert world.rows(f"certificate#{PAIR}") == []


def test_native_items_have_to_be_accepted_and_are_digested_apart(
    shell: Shell, world: TableWorld, path: Path
) -> None:
    world.put("new-orders", "native")
    assert certify(shell, path).code == 3
    assert certify(shell, path, "--accept-native").code == 0
    said = statement(path)
    assert (said["wanted"]["items"], said["native"]["items"]) == (5, 1)
    assert said["wanted"] == said["held"]


def owe(world: TableWorld) -> None:
    world.owe("k000")


def unfinished_backfill(world: TableWorld) -> None:
    world.put_row(
        f"backfill#{PAIR}", "run#1", segments={"N": "1"}, started_at={"N": "1"}, state={"S": "running"}
    )


def pending_page(world: TableWorld) -> None:
    world.put_row(segment_pk(PAIR, 0), "page#1#0000000#x.0", keys={"L": [{"M": {"k": {"S": "k000"}}}]})


def paused(world: TableWorld) -> None:
    world.put_row(f"pair#{PAIR}", "pace", paused={"BOOL": True}, reason={"S": "lunch"})


def ruled_by_the_target(world: TableWorld) -> None:
    world.put_row(
        f"pair#{PAIR}", "authority", ruler={"S": "target"}, direction={"S": "reverse"}, epoch={"N": "1"}
    )


def held_by_a_writer(world: TableWorld) -> None:
    world.put_row(
        f"pair#{PAIR}",
        "lease#writer",
        verb={"S": "backfill"},
        lease_owner={"S": "host:1:x"},
        since={"N": "1"},
        expires_at={"N": "99999999999"},
    )


def failed_batch(world: TableWorld) -> None:
    boto3.client("s3", region_name=REGION).put_object(Bucket=FAILURES, Key="aws/lambda/x/y", Body=b"{}")


MOVES = {
    ruled_by_the_target: "authority",
    paused: "paused",
    TableWorld.stop_mirror: "mirror_not_running",
    owe: "owed",
    failed_batch: "failures_waiting",
    unfinished_backfill: "backfill_unfinished",
    pending_page: "pages_pending",
    held_by_a_writer: "lease_held",
}


def test_whatever_does_not_stand_still_is_listed_by_a_dry_run(
    shell: Shell, world: TableWorld, path: Path
) -> None:
    for move in MOVES:
        move(world)
    ran = certify(shell, path, "--dry-run")
    assert ran.code == 0, ran.err
    assert [one["code"] for one in ran.envelope["data"]["refused"]] == list(MOVES.values())


def test_a_pair_that_does_not_stand_still_is_refused_before_anything_is_read(
    shell: Shell, world: TableWorld, path: Path
) -> None:
    owe(world)
    ran = certify(shell, path)
    assert (ran.code, ran.envelope["data"]["interlock"]) == (4, "owed")
    assert not path.exists()
    assert world.rows(f"verify#{PAIR}") == []


def test_the_right_certificate_passes(shell: Shell, world: TableWorld, path: Path) -> None:
    certify(shell, path)
    ran = check(shell, path)
    assert ran.code == 0, ran.err
    assert ran.envelope["data"]["recomputed"] is None


def test_a_changed_certificate_does_not_pass(shell: Shell, world: TableWorld, path: Path) -> None:
    certify(shell, path)
    path.write_text(path.read_text().replace('"compared": 5', '"compared": 6'))
    assert check(shell, path).code == 3


def test_a_certificate_that_was_changed_with_its_hash_is_unknown_to_the_ledger(
    shell: Shell, world: TableWorld, path: Path
) -> None:
    certify(shell, path)
    certificate = json.loads(path.read_text())["certificate"]
    certificate["pairs"][0]["compared"] = 6
    path.write_text(json.dumps(sealed(certificate)))
    ran = check(shell, path)
    assert ran.code == 3
    assert "holds no such certificate" in ran.err


def test_a_statement_that_was_changed_in_the_ledger_is_seen(
    shell: Shell, world: TableWorld, path: Path
) -> None:
    certify(shell, path)
    (row,) = world.rows(f"certificate#{PAIR}")
    forged = row["statement"]["S"].replace('"compared": 5', '"compared": 6')
    world.dynamodb.put_item(TableName="ledger", Item={**row, "statement": {"S": forged}})
    assert check(shell, path).code == 3


def test_what_is_no_certificate_is_said_to_be_none(shell: Shell, world: TableWorld, path: Path) -> None:
    assert check(shell, path).code == 2
    path.write_text("{}")
    assert check(shell, path).code == 3


def test_tables_that_are_still_the_same_pass_a_second_reading(
    shell: Shell, world: TableWorld, path: Path
) -> None:
    certify(shell, path)
    ran = check(shell, path, "--recompute")
    assert ran.code == 0, ran.err
    (now,) = ran.envelope["data"]["recomputed"]
    assert now["held"] == statement(path)["held"]
    said = shell.run("verify", *QUICK, "--check", str(path), "--recompute").out
    digest = now["held"]["digest"]
    assert f"{PAIR}: it says that both sides held 5 items of digest {digest}" in said
    assert "both tables were read again, and both sides still hold exactly that: 5 items of digest" in said


def test_a_later_write_to_the_target_is_seen_by_a_second_reading(
    shell: Shell, world: TableWorld, path: Path
) -> None:
    certify(shell, path)
    world.put("new-orders", "k001", "by the new application")
    ran = check(shell, path, "--recompute")
    assert ran.code == 3
    assert f"the tables of {PAIR} are no longer what {path} says" in ran.err
    before = statement(path)["held"]["digest"]
    cause = ran.envelope["data"]["cause"]
    assert cause.startswith("both were read again: the target holds other items for those of the source: ")
    assert cause.endswith(f", 5 items of digest {before} in the certificate")
    assert before not in cause.partition(" now, ")[0]


def test_another_source_is_told_from_another_target(shell: Shell, world: TableWorld, path: Path) -> None:
    certify(shell, path)
    for table in ("old-orders", "new-orders"):
        world.put(table, "k001", "both")
    cause = check(shell, path, "--recompute").envelope["data"]["cause"]
    assert "the source asks for other items: 5 items of digest" in cause
    assert "; the target holds other items for those of the source: 5 items of digest" in cause


@pytest.mark.parametrize(
    "words", ["--sample 5%", "--repair --yes", "--check other.json", "--recompute"], ids=str
)
def test_what_does_not_go_with_a_certificate_is_refused(shell: Shell, path: Path, words: str) -> None:
    assert certify(shell, path, *words.split()).code == 2
    assert not path.exists()


@pytest.fixture
def meddled() -> Iterator[TableWorld]:
    """Equal tables again, and a transform that does something while it is called."""
    with table_world(5, transform="tests.cli.meddling:transform") as world:
        for name, value in world.items("old-orders").items():
            world.put("new-orders", name, value)
        yield world
        meddling.MEANWHILE.clear()


def the_mirror_works(world: TableWorld) -> None:
    world.put_row(f"pair#{PAIR}", "counters", converged={"N": "1"})


@pytest.mark.parametrize("move", [the_mirror_works, owe])
def test_what_moves_while_it_reads_invalidates_it(
    shell: Shell, meddled: TableWorld, path: Path, move: Callable[[TableWorld], None]
) -> None:
    meddling.MEANWHILE.append(lambda: move(meddled))
    ran = certify(shell, path)
    assert ran.code == 4, ran.err
    assert not path.exists()
    assert meddled.rows(f"certificate#{PAIR}") == []


def test_an_item_that_changes_between_its_scan_and_its_look_invalidates_it(
    shell: Shell, meddled: TableWorld, path: Path
) -> None:
    meddled.delete("new-orders", "k000")
    scan_of_five_items: list[Callable[[], None]] = [lambda: None] * 5
    meddling.MEANWHILE += [*scan_of_five_items, lambda: meddled.put("new-orders", "k000")]
    ran = certify(shell, path)
    assert ran.code == 4, ran.err
    assert ran.envelope["data"]["interlock"] == "not_frozen"
    assert not path.exists()


def test_what_was_kept_is_not_gone_on_with_after_the_mirror_has_worked(
    shell: Shell, meddled: TableWorld, path: Path
) -> None:
    meddling.MEANWHILE.append(meddling.interrupt)
    assert certify(shell, path).code == 130
    the_mirror_works(meddled)
    ran = certify(shell, path)
    assert ran.code == 2
    assert "another work of the mirror since" in ran.err
    assert certify(shell, path, "--fresh").code == 0


def test_a_second_reading_that_was_cut_off_is_begun_anew(
    shell: Shell, meddled: TableWorld, path: Path
) -> None:
    assert certify(shell, path).code == 0
    kept = [*meddled.rows(f"certificate#{PAIR}"), *meddled.rows(f"pair#{PAIR}")]
    meddling.MEANWHILE.append(lambda: meddled.dynamodb.delete_table(TableName="ledger"))
    assert check(shell, path, "--recompute").code != 0  # all was read, and the result went nowhere
    create_ledger(meddled.dynamodb, "ledger")
    for row in kept:
        meddled.dynamodb.put_item(TableName="ledger", Item=row)
    for table in ("old-orders", "new-orders"):
        meddled.put(table, "k000", "written by somebody days later")
    ran = check(shell, path, "--recompute")
    assert ran.code == 3, ran.out
    assert "the source asks for other items: 5 items" in ran.err
    assert "; the target holds other items for those of the source: 5 items" in ran.err


def test_a_second_reading_leaves_a_certificate_that_is_under_way_its_place(
    shell: Shell, meddled: TableWorld, path: Path, tmp_path: Path
) -> None:
    assert certify(shell, path).code == 0
    meddling.MEANWHILE.append(meddling.interrupt)
    assert certify(shell, tmp_path / "second.json").code == 130
    assert check(shell, path, "--recompute").code == 0
    third = shell.run("verify", *QUICK, "--certify", str(tmp_path / "third.json"), "--dry-run")
    assert "goes on with" in third.out


def test_the_command_that_goes_on_is_of_all_the_pairs_and_reaches_them_in_the_same_way(
    shell: Shell, meddled: TableWorld, path: Path
) -> None:
    meddling.MEANWHILE.append(meddling.interrupt)
    following = str(certify(shell, path).envelope["next"])
    assert f" --source-role none --spacing 0 --certify {path} " in following
    assert "--pair" not in following
    meddling.MEANWHILE.append(meddling.interrupt)
    words = ("--table", "old-orders", "--read-units", "2.5")
    following = str(certify(shell, path, *words).envelope["next"])
    assert " --table old-orders --source-role none --read-units 2.5 " in following


def test_a_certificate_that_cannot_be_written_to_its_end_leaves_no_file(path: Path) -> None:
    with pytest.raises(TypeError):
        CertificateFile.promised(path).write({"sha256": "", "certificate": object()})
    assert not path.exists()


def test_a_certificate_names_the_epoch_in_which_the_source_ruled(
    shell: Shell, world: TableWorld, path: Path
) -> None:
    world.put_row(
        f"pair#{PAIR}", "authority", ruler={"S": "source"}, direction={"S": "forward"}, epoch={"N": "4"}
    )
    assert certify(shell, path).code == 0
    assert statement(path)["epoch"] == 4


def test_the_screen_says_where_the_certificate_is_and_what_to_hand_over(
    shell: Shell, world: TableWorld, path: Path
) -> None:
    planned = shell.run("verify", *QUICK, "--certify", str(path), "--dry-run")
    assert "nothing refuses the certificate" in planned.out
    ran = shell.run("verify", *QUICK, "--certify", str(path))
    sha256 = json.loads(path.read_text())["sha256"]
    assert f"{path} is the certificate, and the ledger knows it: SHA-256 {sha256}" in ran.err


@pytest.mark.parametrize("words", ["--table old-orders", f"--pair {PAIR}", "--report r.json"])
def test_a_check_takes_nothing_that_it_would_pass_over(
    shell: Shell, world: TableWorld, path: Path, words: str
) -> None:
    assert certify(shell, path).code == 0
    assert check(shell, path, *words.split()).code == 2
