"""`cutover verify` goes on with what was kept, keeps it to its owner, and refuses what is not its own."""

from __future__ import annotations

import fcntl
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutover.cli.verify_folder import STALE_SECONDS, VerifyFolder
from cutover.errors import UsageError
from tests.cli import meddling
from tests.cli.table_world import PAIR, QUICK, TableWorld, equal_tables
from tests.cli.verbs import Ran, Shell

SCAN = {"phase": "scan", "segments": 1}


@pytest.fixture
def world() -> Iterator[TableWorld]:
    """Equal tables of five items, and a transform that does something while it is called."""
    with equal_tables(transform="tests.cli.meddling:transform") as world:
        yield world
        meddling.MEANWHILE.clear()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def stopped_half_way(shell: Shell, world: TableWorld, state: Path, *words: str) -> Ran:
    """The ledger's table goes away meanwhile, so that all is read and the result cannot be written."""
    meddling.MEANWHILE.append(lambda: world.dynamodb.delete_table(TableName="ledger"))
    return shell.run("verify", *QUICK, "--state", str(state), *words)


def documents(state: Path) -> list[Path]:
    return sorted(state.glob("*/verify.json"))


def test_a_verify_that_ended_keeps_nothing(shell: Shell, world: TableWorld, state: Path) -> None:
    assert shell.run("verify", *QUICK, "--state", str(state)).code == 0
    assert list(state.iterdir()) == []


def test_a_verify_that_failed_says_that_it_goes_on_and_how(
    shell: Shell, world: TableWorld, state: Path
) -> None:
    ran = stopped_half_way(shell, world, state)
    assert ran.code == 6
    assert f"--state {state}" in ran.err
    assert len(documents(state)) == 1


def test_without_a_ledger_nothing_is_read(shell: Shell, world: TableWorld, state: Path) -> None:
    """It says how fast the pair may be read, and it is where the result goes."""
    world.dynamodb.delete_table(TableName="ledger")
    ran = shell.run("verify", *QUICK, "--state", str(state))
    assert ran.code == 6
    assert "ResourceNotFoundException" in ran.err
    assert documents(state) == []


def test_what_is_kept_is_its_owners_alone(shell: Shell, world: TableWorld, state: Path) -> None:
    stopped_half_way(shell, world, state)
    (folder,) = state.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_plan_says_what_it_goes_on_with(shell: Shell, world: TableWorld, state: Path) -> None:
    stopped_half_way(shell, world, state)
    ran = shell.run("verify", *QUICK, "--state", str(state), "--dry-run")
    assert ran.code == 0, ran.err
    assert "goes on with the verify that began at" in ran.out


def test_another_mode_is_refused_and_fresh_begins_anew(shell: Shell, world: TableWorld, state: Path) -> None:
    stopped_half_way(shell, world, state)
    ran = shell.run("verify", *QUICK, "--state", str(state), "--consistent")
    assert ran.code == 2
    assert "another consistency" in ran.err
    again = shell.run("verify", *QUICK, "--state", str(state), "--consistent", "--fresh", "--dry-run")
    assert again.code == 0, again.err
    assert "goes on" not in again.out


def test_a_table_of_the_same_name_that_was_made_anew_is_refused(
    shell: Shell, world: TableWorld, state: Path
) -> None:
    stopped_half_way(shell, world, state)
    (path,) = documents(state)
    document = json.loads(path.read_text())
    document["facts"]["target table"] += " of another life"
    path.write_text(json.dumps(document))
    ran = shell.run("verify", *QUICK, "--state", str(state), "--dry-run")
    assert (ran.code, "another target table" in ran.err) == (2, True)


READABLE = '{"facts": {}, "format": 1, "began": 1, "phase": "scan"}'


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', READABLE])
def test_what_cannot_be_read_is_refused(state: Path, text: str) -> None:
    state.mkdir()
    (state / "verify.json").write_text(text)
    with pytest.raises(UsageError, match="cannot be read"):
        VerifyFolder(state, {}, fresh=False).look()


def test_what_is_too_old_is_refused(state: Path) -> None:
    with VerifyFolder(state, {}, fresh=False, clock=lambda: 0).held() as folder:
        folder.save(SCAN)
    with pytest.raises(UsageError, match="too old"):
        VerifyFolder(state, {}, fresh=False, clock=lambda: STALE_SECONDS + 1).look()


def test_two_verifies_do_not_share_a_folder(state: Path) -> None:
    with (
        VerifyFolder(state, {}, fresh=False).held(),
        pytest.raises(UsageError, match="another verify is at work"),
        VerifyFolder(state, {}, fresh=False).held(),
    ):
        pass


def test_fresh_removes_what_was_kept(state: Path) -> None:
    with VerifyFolder(state, {"pair": "one"}, fresh=False).held() as folder:
        folder.file("extras").write(b"keys")
        folder.save(SCAN)
    with VerifyFolder(state, {"pair": "other"}, fresh=True).held() as folder:
        assert folder.load() is None
        assert [path.name for path in state.iterdir()] == ["lock"]


def test_a_file_outlives_the_process_that_wrote_it(state: Path) -> None:
    with VerifyFolder(state, {}, fresh=False).held() as folder:
        folder.file("extras").write(b"keys")
        folder.save(SCAN)
    with VerifyFolder(state, {}, fresh=False).held() as folder:
        assert folder.goes_on
        assert folder.file("extras").read() == b"keys"


def test_a_state_without_a_folder_of_its_own_lies_below_the_users(
    shell: Shell, world: TableWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    ran = shell.run("verify", *QUICK, "--dry-run", "--output", "json")
    (pair,) = ran.envelope["data"]["pairs"]
    assert Path(pair["state"]).parent == tmp_path / "xdg" / "cutover" / "verify"


def test_a_sample_is_drawn_by_a_seed_that_is_said(shell: Shell, world: TableWorld) -> None:
    world.delete("new-orders", "k000")
    ran = shell.run("verify", *QUICK, "--sample", "100%", "--seed", "5", "--output", "json")
    (pair,) = ran.envelope["data"]["pairs"]
    assert (ran.code, pair["scope"], pair["missing"]) == (3, "sample", 1)
    assert pair["sample"]["seed"] == 5
    assert "drawn by seed 5" in ran.err


def test_a_sample_says_what_nothing_found_means(shell: Shell, world: TableWorld) -> None:
    ran = shell.run("verify", *QUICK, "--sample", "100", "--output", "json")
    (pair,) = ran.envelope["data"]["pairs"]
    assert (ran.code, pair["sample"]["source"]["bound_95"]) == (0, 0.6)
    assert "fewer than 60.00%" in ran.err
    (row,) = world.rows(f"verify#{PAIR}")
    assert row["sk"] == {"S": "sample"}, "it is not taken for the last full verify"


@pytest.mark.parametrize(
    "words", [("--sample", "0%"), ("--sample", "101%"), ("--sample", "some"), ("--seed", "1")]
)
def test_a_sample_of_no_size_is_refused(shell: Shell, world: TableWorld, words: tuple[str, ...]) -> None:
    assert shell.run("verify", *QUICK, *words).code == 2


def test_native_items_are_no_difference_where_that_was_agreed_to(shell: Shell, world: TableWorld) -> None:
    world.put("new-orders", "extra")
    ran = shell.run("verify", *QUICK, "--accept-native", "--output", "json")
    (pair,) = ran.envelope["data"]["pairs"]
    assert (ran.code, pair["extra"], pair["native"], pair["mirrored"]) == (0, 1, 1, 0)


def test_the_memory_and_the_disk_are_said(shell: Shell, world: TableWorld) -> None:
    ran = shell.run("verify", *QUICK, "--output", "json")
    (pair,) = ran.envelope["data"]["pairs"]
    assert pair["peak_memory_bytes"] > 10_000_000
    assert pair["spilled_bytes"] == 10 * (34 + len('{"k":{"S":"k000"}}'))
    assert "MB of memory" in ran.err


def test_a_lock_of_the_dead_holds_nobody(state: Path) -> None:
    """The system lets go of it with the process."""
    state.mkdir()
    with (state / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
    with VerifyFolder(state, {}, fresh=False).held() as folder:
        assert not folder.goes_on


def test_a_folder_that_leads_elsewhere_is_not_written(state: Path, tmp_path: Path) -> None:
    """Below a folder that others may write, such as /tmp."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    state.symlink_to(elsewhere)
    with pytest.raises(UsageError, match="not yours"), VerifyFolder(state, {}, fresh=False).held():
        pass
    assert list(elsewhere.iterdir()) == []


def test_a_file_that_leads_elsewhere_is_not_written(state: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    state.mkdir()
    with VerifyFolder(state, {}, fresh=False).held() as folder:
        (state / "extras").symlink_to(elsewhere)
        with pytest.raises(OSError, match="symbolic links"):
            folder.file("extras")
    assert not elsewhere.exists()
