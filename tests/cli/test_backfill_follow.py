"""Following an execution: what is shown meanwhile, and how each end is told."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cutover.aws.executions import Look
from cutover.aws.session import Aws
from cutover.cli.backfill_follow import Started, follow
from cutover.cli.backfill_work import Job
from cutover.cli.options import Invocation
from cutover.cli.render import Render
from cutover.cli.waits import Waits
from cutover.errors import CutoverError, InterlockRefused, Interrupted, PartlyDone
from cutover.tables.backfill_plan import BackfillPlan
from cutover.tables.backfill_rows import BackfillPace, Run, RunState
from cutover.tables.limits import Defaults
from cutover.tables.ports import TableFault
from tests.cli import meddling
from tests.fakes.backfill import FakeBackfillLedger

RUN = Run("run-1", 40, 1_700_000_000)
RUNNING = Look("RUNNING")
COMMAND = "cutover backfill --on aws --pair a=b --stack shop"


@dataclass
class Opened:
    backfill_ledger: FakeBackfillLedger


@dataclass
class Scene:
    """`looks` are what Step Functions answers, one after the other."""

    looks: Iterator[Look | TableFault]
    ledger: FakeBackfillLedger = field(default_factory=FakeBackfillLedger)
    talk: io.StringIO = field(default_factory=io.StringIO)
    now: float = 1_700_000_100.0
    meanwhile: Callable[[], None] = lambda: None

    def look(self, _arn: str) -> Look:
        found = next(self.looks)
        if isinstance(found, TableFault):
            raise found
        return found

    def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 11)
        self.meanwhile()

    def follow(self, run: Run = RUN) -> Run:
        self.ledger.save_run(run)
        render = Render.of_process(out=io.StringIO(), talk=self.talk)
        render.clock = lambda: self.now
        plan = BackfillPlan("a=b", RUN, True, 0, 0, (), 0, 0, 1000, 40, Defaults(), BackfillPace(), 10)
        opened: Any = Opened(self.ledger)
        executions: Any = self
        job = Job(opened, plan, 0, "", 30.0, ())
        started = Started(job, "arn:x", joined=False)
        waits = Waits(lambda: self.now, self.sleep)
        invocation = Invocation(Aws(), render, stack="shop", waits=waits)
        return follow(invocation, executions, started, clock=lambda: self.now)


def end_of(scene: Scene, run: Run = RUN) -> CutoverError:
    with pytest.raises(CutoverError) as raised:
        scene.follow(run)
    return raised.value


def test_it_shows_how_many_items_are_copied_and_why_it_waits() -> None:
    scene = Scene(iter([RUNNING, RUNNING, RUNNING, Look("SUCCEEDED")]))
    numbers = iter([100, 250, 250, 250])

    def work() -> None:
        run = replace(RUN, items=next(numbers), why="target writes held to 5 units/s", why_at=int(scene.now))
        scene.ledger.save_run(replace(run, state=RunState.DONE))

    scene.meanwhile = work
    assert scene.follow().items == 250
    assert "250 of 1,000" in scene.talk.getvalue()
    assert "target writes held to 5 units/s" in scene.talk.getvalue()


def test_a_long_silence_of_the_workers_is_told() -> None:
    scene = Scene(iter([*[RUNNING] * 90, Look("ABORTED")]))
    end_of(scene, replace(RUN, why="held", why_at=1_700_000_100))
    assert "no word for 10 minutes" in scene.talk.getvalue()


def test_a_run_that_is_done_is_done_however_the_execution_ended() -> None:
    scene = Scene(iter([Look("ABORTED")]))
    assert scene.follow(replace(RUN, state=RunState.DONE)).state is RunState.DONE


@pytest.mark.parametrize("error", ["authority", "lease_held", "lease_lost", "run_over"])
def test_a_refusal_is_an_interlock(error: str) -> None:
    end = end_of(Scene(iter([Look("FAILED", error, "the target rules")])))
    assert isinstance(end, InterlockRefused)
    assert (end.interlock, end.cause) == (error, "the target rules")


def test_a_failure_names_its_cause_and_what_goes_on() -> None:
    look = Look("FAILED", "States.ExceedToleratedFailureThreshold", "too many items failed")
    end = end_of(Scene(iter([look])), replace(RUN, error="target: AccessDeniedException"))
    assert isinstance(end, PartlyDone)
    assert (end.cause, end.next_command) == ("target: AccessDeniedException", COMMAND)


@pytest.mark.parametrize(
    "look",
    [
        Look("FAILED", "Lambda.Unknown", "the function was killed"),
        Look("TIMED_OUT", "States.Timeout"),
        Look("GONE"),
    ],
    ids=["killed", "timed out", "gone"],
)
def test_any_other_end_is_partly_done(look: Look) -> None:
    end = end_of(Scene(iter([look])))
    assert isinstance(end, PartlyDone)
    assert end.cause
    assert end.next_command == COMMAND


@pytest.mark.parametrize(
    "look", [Look("SUCCEEDED"), Look("ABORTED", "stopped")], ids=["its workers stopped", "aborted"]
)
def test_a_stop_by_somebody_else_is_no_failure(look: Look) -> None:
    end = end_of(Scene(iter([look])))
    assert isinstance(end, PartlyDone)
    assert "was stopped" in str(end)


def test_ctrl_c_leaves_it_running_and_says_how_to_look_again_and_how_to_stop_it() -> None:
    scene = Scene(iter([RUNNING, RUNNING]))

    scene.meanwhile = meddling.interrupt
    end = end_of(scene)
    assert isinstance(end, Interrupted)
    assert "cutover backfill --stop --pair a=b --stack shop" in end.fix
    assert end.next_command == COMMAND


def test_an_answer_that_is_lost_is_asked_for_again() -> None:
    scene = Scene(iter([TableFault("Step Functions", "ThrottlingException"), Look("SUCCEEDED")]))
    assert scene.follow(replace(RUN, state=RunState.DONE))


def test_expired_credentials_end_the_following_and_not_the_backfill() -> None:
    end = end_of(Scene(iter([TableFault("Step Functions", "ExpiredTokenException")])))
    assert isinstance(end, PartlyDone)
    assert "it runs on" in end.fix
