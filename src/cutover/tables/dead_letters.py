"""The dead-letter queue of the retry: its messages become rows of what is owed, and only then they go."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from cutover.tables.owing import Owing
from cutover.tables.parking import MalformedMessage, parse
from cutover.tables.ports import TableFault


@dataclass(frozen=True)
class Letter:
    """One message as it was received; `receipt` is what removes it, `id` is the same at each receive."""

    body: str
    receipt: str
    id: str


class DeadLetterQueue(Protocol):
    """Every method raises TableFault."""

    def receive(self) -> Sequence[Letter]:
        """Some messages, which nobody else sees for a while; none where the queue holds no more."""

    def remove(self, letter: Letter) -> None: ...

    def release(self, letter: Letter) -> None:
        """Lets others see it again at once."""


@dataclass
class Letters:
    """What was found: `owed` messages that have become rows, `malformed` ones that nobody can read and
    `others` of other pairs, which both stay."""

    owed: int = 0
    malformed: int = 0
    others: int = 0


def take_in(
    queue: DeadLetterQueue, owing: Owing, pair_ids: Collection[str], stop: Callable[[], bool]
) -> Letters:
    """Owes the keys of every message of these pairs. Whoever dies half-way leaves the message, its row, or
    both; the same keys are one row. `owing` sends nothing. One that stays and comes a second time says that
    it has been through all of them. Raises TableFault, NotParked."""
    found, kept = Letters(), dict[str, Letter]()
    try:
        while not stop() and (letters := queue.receive()):
            news = [letter for letter in letters if letter.id not in kept]
            kept |= {letter.id: letter for letter in letters}
            for letter in news:
                if _owe(letter, owing, pair_ids, found):
                    queue.remove(letter)
                    del kept[letter.id]
            if len(news) < len(letters):
                break
    finally:
        _release(queue, list(kept.values()))
    return found


def _release(queue: DeadLetterQueue, letters: Sequence[Letter]) -> None:
    """The last ones first: what was received long ago is seen again by itself, and cannot be released."""
    with suppress(TableFault):
        for letter in reversed(letters):
            queue.release(letter)


def _owe(letter: Letter, owing: Owing, pair_ids: Collection[str], found: Letters) -> bool:
    try:
        message = parse(letter.body)
    except MalformedMessage:
        found.malformed += 1
        return False
    if message.pair not in pair_ids:
        found.others += 1
        return False
    owing.park(replace(message, owed="", once=False), 0)
    found.owed += 1
    return True
