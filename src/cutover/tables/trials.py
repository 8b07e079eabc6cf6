"""Items put through a pair's transform without being written: what each becomes, and what would stop it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from typing import Any

from cutover.tables.items import key_id, key_of, same, size, strip_replication
from cutover.tables.ports import FaultReason, Item, Key, KeyId
from cutover.tables.target_rules import LARGEST_ITEM, TargetRules, misfits
from cutover.tables.transform import Transform, TransformFault
from cutover.tables.user_functions import called


class Problem(StrEnum):
    """What keeps an item from going over, or from coming back."""

    FAILS = "fails"
    """The transform raises, or gives what is no item."""
    UNMAPPED = "unmapped"
    """Its user has not come over: it waits for the mapping of an old sub."""
    TOO_LARGE = "too_large"
    KEY = "key"
    """The target's own key would refuse it."""
    INDEX_KEY = "index_key"
    """A secondary index of the target would refuse it."""
    COLLISION = "collision"
    """Another item of the sample goes to the same target key."""
    INVERSE_KEY = "inverse_key"
    """The inverse does not lead back to the item's key."""
    INVERSE_ITEM = "inverse_item"
    """The inverse does not give the item back."""


@dataclass(frozen=True)
class Trial:
    """One source item and its target item (None: it is left out, or has none because of a problem)."""

    key: Key
    before: Item
    after: Item | None
    problems: tuple[tuple[Problem, str], ...] = ()
    """With details that name attributes, types, sizes and exceptions, never a value."""
    moves: bool = False
    """The target key is another one than the source key."""

    @property
    def dropped(self) -> bool:
        """The transform gave None: the target shall not hold it."""
        return self.after is None and not self.problems


class Trials:
    """Puts pages of source items to the trial. Keeps one key for each item, to see collisions."""

    def __init__(self, transform: Transform, source_key_names: Sequence[str], rules: TargetRules) -> None:
        self._transform = transform
        self._key_names = tuple(source_key_names)
        self._rules = rules
        self._origins: dict[KeyId, KeyId] = {}

    def of(self, items: Sequence[Item]) -> Iterator[Trial]:
        """Raises TableFault where the mappings that the transform asks for cannot be read."""
        own = [strip_replication(item) for item in items]
        self._transform.learn(own)
        return map(self._try, own)

    def _try(self, item: Item) -> Trial:
        key = key_of(item, self._key_names)
        try:
            after = self._transform.wanted(key, item)
        except TransformFault as fault:
            return Trial(key, item, None, (_problem_of(fault),))
        if after is None:
            return Trial(key, item, None)
        found = [*self._refusals(after), *self._returns(key, item, after)]
        place = {name: after[name] for name in self._rules.key_names if name in after}
        whole = len(place) == len(self._rules.keys)
        if whole:
            found += self._collisions(key, place)
        return Trial(key, item, after, tuple(found), moves=whole and key_id(place) != key_id(key))

    def _refusals(self, after: Item) -> Iterator[tuple[Problem, str]]:
        bytes_ = size(after)
        if bytes_ > LARGEST_ITEM:
            yield Problem.TOO_LARGE, f"{bytes_:,} bytes"
        for misfit in misfits(after, self._rules):
            if misfit.index:
                yield Problem.INDEX_KEY, f"{misfit.attribute} of index {misfit.index} {misfit.why}"
            else:
                yield Problem.KEY, f"{misfit.attribute} {misfit.why}"

    def _returns(self, key: Key, item: Item, after: Item) -> Iterator[tuple[Problem, str]]:
        transform = self._transform
        can_go_back = transform.inverse is not None or not (transform.function or transform.key)
        why = _not_given_back(transform, key, item, after) if can_go_back else ""
        if transform.changes_keys:
            back = transform.source_key(after)
            if back is None or key_id(back) != key_id(key):
                yield Problem.INVERSE_KEY, why if back is None else "gives another key"
                return
        if why:
            yield Problem.INVERSE_ITEM, why

    def _collisions(self, key: Key, place: Key) -> Iterator[tuple[Problem, str]]:
        origin = self._origins.setdefault(key_id(place), key_id(key))
        if origin != key_id(key):
            yield Problem.COLLISION, "another item of the sample has this target key"


@dataclass
class Tally:
    """The counts of many trials; sizes are bytes. Nothing of an item but names of attributes is in it."""

    items: int = 0
    dropped: int = 0
    changed: int = 0
    moved: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    largest_before: int = 0
    largest_after: int = 0
    read_units: int = 0
    """What reading the source items one by one takes, strongly consistently: a unit for each 4 KB."""
    write_units: int = 0
    """What writing their target items takes: a unit for each 1 KB."""
    faulty: int = 0
    """Items with a problem."""
    problems: Counter[tuple[Problem, str]] = field(default_factory=Counter)

    def add(self, trial: Trial) -> None:
        before = size(trial.before)
        after = 0 if trial.after is None else size(trial.after)
        self.items += 1
        self.dropped += trial.dropped
        self.changed += trial.after is not None and not same(trial.before, trial.after)
        self.moved += trial.moves
        self.bytes_before += before
        self.bytes_after += after
        self.read_units += ceil(before / 4096)
        self.write_units += ceil(after / 1024)
        self.largest_before = max(self.largest_before, before)
        self.largest_after = max(self.largest_after, after)
        self.faulty += bool(trial.problems)
        for kind, detail in trial.problems:
            self.problems[kind, "" if kind is Problem.TOO_LARGE else detail] += 1

    def of(self, problem: Problem) -> dict[str, int]:
        """Items by detail; sizes are not told apart."""
        return {detail: count for (kind, detail), count in self.problems.items() if kind is problem}

    def data(self) -> dict[str, Any]:
        """For JSON."""
        names = ("items", "dropped", "changed", "moved", "faulty", "bytes_before", "bytes_after")
        return {
            **{name: getattr(self, name) for name in (*names, "largest_before", "largest_after")},
            "problems": [
                {"problem": kind.value, "detail": detail, "items": count}
                for (kind, detail), count in sorted(self.problems.items())
            ],
        }


def tally(trials: Iterable[Trial]) -> Tally:
    counted = Tally()
    for trial in trials:
        counted.add(trial)
    return counted


def _problem_of(fault: TransformFault) -> tuple[Problem, str]:
    kinds = {FaultReason.UNMAPPED: Problem.UNMAPPED, FaultReason.TOO_LARGE: Problem.TOO_LARGE}
    return kinds.get(fault.reason, Problem.FAILS), fault.detail


def _not_given_back(transform: Transform, key: Key, item: Item, after: Item) -> str:
    """Why undoing the steps one by one does not give the source item; empty where it does."""
    before: Item | None = transform.renames.backward(after)
    try:
        if transform.inverse is not None and before is not None:
            before = called(transform.inverse, before)
    except TransformFault as fault:
        return fault.detail
    if transform.subs is not None and before is not None:
        before = transform.subs.backward(before)
    if before is None:
        return "gives no item"
    if same(before, item):
        return ""
    if transform.inverse is not None and same(before, key):
        return "gives the key alone"
    return _differing(before, item)


def _differing(before: Item, item: Item) -> str:
    names = sorted(
        name
        for name in before.keys() | item.keys()
        if name not in before or name not in item or not same({"": before[name]}, {"": item[name]})
    )
    return f"differs in {', '.join(names)}"
