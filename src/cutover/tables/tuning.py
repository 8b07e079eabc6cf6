"""The numbers that the table half stands on, each with its reason (a test compares template.yaml).

Times are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """One set of numbers; tests hand in smaller ones."""

    slice_keys: int = 100
    """Keys that are read, compared and written together: BatchGetItem takes 100, and a word on authority
    is fetched for each slice, so a lost authority is noticed after 100 items at the latest."""

    rounds: int = 5
    """Write-and-verify rounds for one slice. A key that changes in every one of five rounds is hot; it goes
    to the retry queue, and its own next stream record comes anyway."""

    pause_base: float = 0.05
    """Sleep before round n + 1: a random share of base * 2**n. An item in flux settles in milliseconds."""

    function_timeout: int = 120
    """Timeout of the mirror and of the retry function: four times the margin below, so that three quarters of
    an invocation are work."""

    deadline_margin: float = 30.0
    """No new slice, no new round with less than this left. A table that falls silent in a round's first write
    costs it that long: four writes of a read timeout each, and a read that is tried twice. A function that
    was given a shorter timeout keeps a quarter of it."""

    read_timeout: float = 5.0
    """Wait for one reply of a table. DynamoDB answers in milliseconds; a longer wait would eat the margin."""

    connect_timeout: float = 2.0

    throttle_attempts: int = 8
    """Calls without progress on one batch before the table counts as at fault: 0.05 * 2**n capped below,
    half of it on average, sleeps about 3 s in all. A call that met silence counts as half of them: eight
    read timeouts in a row would be longer than the margin above."""

    throttle_base: float = 0.05
    throttle_cap: float = 2.0

    ambiguous_delay: int = 900
    """When a key with a lost reply is converged once more. AWS refuses a signature older than 5 minutes
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html), so by then no copy of the lost
    request can still land. It is also the longest delay that SQS knows."""

    unsettled_delay: int = 30
    """When a key that kept changing is tried again."""

    second_look: int = 1200
    """How long keys have been owed before the watch sends for them. Their own first look comes after 15
    minutes at the latest."""

    fault_delay: int = 60
    """When an item fault is tried again; a transform or an index is rarely put right sooner."""

    hold_delay: int = 900
    """When a key of a paused pair is looked at again. It is sent anew, so waiting uses up no receives."""

    hold_nap: float = 2.0
    """For how long the mirror sits on a batch that it holds. No page of AWS says that Lambda waits before it
    delivers one again: a pause of hours must not be a million invocations."""

    keys_per_message: int = 25
    """Keys in one retry message: 25 keys of 3 KB as base64 are 100 KB."""

    message_bytes: int = 240_000
    """Body above which a retry message is sent in parts. SQS took 256 KB for most of its life, and some that
    speak its protocol still do; the rest is room for what is around a body."""

    retry_batch: int = 10
    """Messages an invocation of the retry function gets: 250 keys are three slices."""

    visibility_timeout: int = 720
    """Of the retry queue: six times the function's timeout, as Lambda asks.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""

    receive_count: int = 12
    """Receives before a retry message goes to the dead-letter queue. With the growing pauses below these
    span about six hours: a fault that a deployment or an operator cures by then needs no redrive."""

    retry_base: int = 60
    retry_cap: int = 3600
    """A message that failed n times is hidden for base * 2**(n - 1) seconds, at most the cap."""

    stream_batch: int = 100
    """Records an invocation of the mirror gets: one slice, so a hold repeats little."""

    record_age: int = 79200
    """Age at which the mapping gives a record up: 22 h, while the stream still has it (it keeps 24 h)."""


TUNING = Tuning()


def retry_pause(receives: int, tuning: Tuning = TUNING) -> int:
    """Seconds for which a message that was received `receives` times stays hidden."""
    return int(min(tuning.retry_cap, tuning.retry_base * 2 ** min(max(receives - 1, 0), 20)))
