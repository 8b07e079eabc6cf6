"""`cutover status --follow`: what a look looks like, and that it goes on until somebody ends it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator

import pytest
from moto import mock_aws
from rich.console import Console

from cutover.aws.lag_reader import LagFacts
from cutover.cli.lag_follow import follow
from cutover.cli.lag_screen import lines, screen
from cutover.cli.options import Invocation
from cutover.control.lag import Looked, Reading
from cutover.control.status_facts import Backlog, OwedFacts
from tests.cli.test_status_verb import AWS, STACK, stack
from tests.cli.verbs import Ran, Shell, verbs_of
from tests.fakes.ledger_table import create_ledger

NOW = 1_795_730_000.0
TIME = "2026-11-26T21:53:20Z"


def looked(*ages: float, **facts: object) -> Looked:
    readings = tuple(Reading(NOW - 60 * (len(ages) - 1 - n), age) for n, age in enumerate(ages))
    return Looked(NOW, readings, **facts)  # type: ignore[arg-type]


def facts(mirror: Looked, owed: OwedFacts | None = None, dead: Backlog | None = None) -> LagFacts:
    return LagFacts(NOW, {"orders=orders-new": mirror}, {"orders=orders-new": owed}, dead)


def told(mirror: Looked) -> str:
    (line,) = lines(facts(mirror))
    assert line.startswith(f"{TIME} orders=orders-new: ")
    return line.split("orders-new: ")[1]


def test_a_line_says_when_a_lag_is_caught_up() -> None:
    assert told(looked(1080.0, 960.0, 840.0, 720.0)) == (
        "lag 12 min; -2 min a minute; at this rate it is caught up in 6 min"
    )


def test_a_line_says_when_records_are_given_up_and_what_to_do() -> None:
    line = told(looked(3600.0, 3630.0, 3660.0))
    assert (
        "lag 1 h 1 min; +30 s a minute; at this rate batches go to the failure bucket in 1 d 17 h; raise"
        in line
    )


def test_a_line_counts_down_for_a_mirror_that_stands() -> None:
    line = told(looked(60.0, mapping="Disabled"))
    assert line == (
        "lag at most 1 min; +1 min a minute; the mapping is disabled; records are lost in 23 h 59 min; "
        "deploy with MirrorState on and the stream named"
    )


def test_a_line_says_what_is_not_known() -> None:
    assert told(looked()).startswith("lag unknown; no batch was seen within 24 h")


def test_what_is_owed_and_the_dead_letters_are_shown_where_there_are_any() -> None:
    owed = OwedFacts({"validation": 3, "unmapped": 5}, 90.0)
    _, *below = lines(facts(looked(1.0), owed, Backlog(2)))
    assert below == [
        (
            f"{TIME} orders=orders-new: 3 keys owed (3 validation), oldest 1 min; "
            "cutover redrive when that is put right"
        ),
        f"{TIME} dead letters: about 2, of unknown age",
    ]
    assert len(list(lines(facts(looked(1.0), OwedFacts({"unmapped": 5}), Backlog())))) == 1


def test_changes_that_never_reached_the_mirror_are_shown() -> None:
    _, below = lines(facts(looked(1.0, unsent=3)))
    assert "orders=orders-new: 3 changes were too large for the Kinesis stream" in below
    assert "verify --repair" in below


def test_the_screen_says_the_same_and_obeys_nothing_that_somebody_typed() -> None:
    out = io.StringIO()
    console = Console(file=out, width=200, force_terminal=True, color_system=None)
    console.print(screen(facts(looked(60.0, held="\x1b[2Jlunch\nbreak [red]"))))
    written = out.getvalue()
    assert "\x1b[2J" not in written
    assert "lunch" in written
    assert "[red]" in written
    assert "failure bucket in 21 h 59 min" in written


@pytest.fixture
def tables() -> Iterator[None]:
    """A stack `people` of one table pair."""
    with mock_aws():
        create_ledger(AWS.client("dynamodb"), "ledger")
        queue = AWS.client("sqs").create_queue(QueueName="retry")["QueueUrl"]
        pairs = json.dumps([{"source": "orders", "target": "orders-new"}])
        AWS.client("cloudformation").create_stack(
            StackName="people",
            TemplateBody=json.dumps(
                {
                    "Parameters": {"Tables": {"Type": "String"}},
                    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
                    "Outputs": {
                        "LedgerTable": {"Value": "ledger"},
                        "MirrorTableFunction": {"Value": "mirror"},
                        "RetryQueueUrl": {"Value": queue},
                        "RetryDeadLetterQueueUrl": {"Value": queue},
                    },
                }
            ),
            Parameters=[{"ParameterKey": "Tables", "ParameterValue": pairs}],
        )
        yield


def followed(shell: Shell, naps: Callable[[float], None], *words: str) -> Ran:
    def body(invocation: Invocation) -> int:
        follow(invocation, 5.0, sleep=naps)
        return 0

    return shell.run("work", *STACK, *words, verbs=verbs_of(body))


class Naps:
    """Sleeps that take no time; the last one is ended by Ctrl-C."""

    def __init__(self, looks: int, before_last: Callable[[], None] = lambda: None) -> None:
        self.left, self.slept, self.before_last = looks, list[float](), before_last

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.left -= 1
        if self.left == 1:
            self.before_last()
        if not self.left:
            raise KeyboardInterrupt


def test_it_looks_again_and_again_until_it_is_ended(shell: Shell, tables: None) -> None:
    naps = Naps(3)
    ran = followed(shell, naps)
    assert (ran.code, ran.err) == (0, "")
    assert naps.slept == [5.0, 5.0, 5.0]
    assert ran.out.count(" orders=orders-new: lag unknown") == 3


def test_a_look_that_fails_is_said_and_ends_nothing(shell: Shell, tables: None) -> None:
    naps = Naps(3, lambda: AWS.client("sqs").delete_queue(QueueUrl=_queue()))
    ran = followed(shell, naps)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count(" orders=orders-new: lag unknown") == 3
    assert ran.out.count("unread: the last look failed (") == 1


def _queue() -> str:
    return str(AWS.client("sqs").get_queue_url(QueueName="retry")["QueueUrl"])


def test_the_first_look_that_fails_is_an_error(shell: Shell, tables: None) -> None:
    def body(invocation: Invocation) -> int:
        follow(invocation, 5.0, sleep=Naps(1))
        return 0

    AWS.client("sqs").delete_queue(QueueUrl=_queue())
    assert shell.run("work", *STACK, verbs=verbs_of(body)).code == 5


def test_json_is_one_answer_and_goes_not_with_it(shell: Shell, tables: None) -> None:
    ran = shell.run("status", *STACK, "--follow", "--output", "json")
    assert ran.code == 2
    assert "do not go together" in ran.envelope["data"]["message"]


def test_a_stack_of_users_alone_has_nothing_to_follow(shell: Shell) -> None:
    with mock_aws():
        stack("people", LedgerTable="ledger")
        ran = shell.run("status", *STACK, "--follow", "3")
    assert ran.code == 2
    assert "has no table pairs" in ran.err


def test_the_ledger_alone_has_nothing_to_follow(shell: Shell) -> None:
    ran = shell.run("status", "--ledger", "ledger", "--region", "eu-west-1", "--follow")
    assert (ran.code, "--follow needs the stack" in ran.err) == (2, True)


@pytest.mark.parametrize("seconds", ["0", "0.5", "soon"])
def test_a_pause_that_is_none_is_refused(shell: Shell, seconds: str) -> None:
    assert shell.run("status", "--follow", seconds).code == 2
