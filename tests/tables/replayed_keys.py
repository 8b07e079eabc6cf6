"""`converge` of several keys as a process that stops at every call, for transforms that change keys.

As in `replayed`: the local state of a process is the answers it has had. Here a key is a number, a source
item its value, and a target item (whose it is, its value).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

from cutover.tables.converge import converge
from cutover.tables.items import key_id
from cutover.tables.ports import Change, Convergence, FaultReason, Item, Key, TableFault, WriteOutcome
from cutover.tables.transform import Transform
from cutover.tables.tuning import Tuning
from tests.fakes.tables import Granted
from tests.tables.keyed import COLLIDING, FakeSubMap, re_keyed, sub
from tests.tables.replayed import Paused, Value

TUNING = Tuning(rounds=2)
UNKNOWN = "?"
"""In the place of an image: the notification holds none."""
BAD = "!"
"""A value on which the transform raises."""
EXPIRED = "expired"
"""The answer to any call whose credentials are over."""
NATIVE = -1
"""Whose what the target's own application wrote is."""

Held = tuple[int, str] | None
Hint = tuple[int, Value]
Answers = tuple[Any, ...]


@dataclass(frozen=True)
class Rules:
    """What holds in a run; each False takes one rule away."""

    asks_whose_it_is: bool = True
    takes_only_empty_places: bool = True
    changes_only_what_it_saw: bool = True
    reads_after_writing: bool = True
    tries_collisions_again: bool = True
    looks_for_mappings_again: bool = True


class Program(NamedTuple):
    """Keys to converge, some with an image. `kind`: `colliding` keys have one place, `subs` each its own."""

    kind: str
    hints: tuple[Hint, ...]


class _Trusting(Transform):
    """Takes whatever stands at a place for its own."""

    def owns(self, source_key: Key, target_item: Item) -> bool:
        return True


def key_of(number: int, kind: str) -> Key:
    return {"k": {"S": sub(number)}} if kind == "subs" else {"k": {"S": f"a{number}"}}


def new_sub(number: int) -> str:
    return sub(0x100 + number)


@dataclass
class _Process:
    program: Program
    answers: Answers
    rules: Rules
    position: int = 0
    wrote: bool = False

    def __post_init__(self) -> None:
        self.keys = {key_id(key_of(n, self.program.kind)): n for n, _ in self.program.hints}
        self.last_seen: dict[int, Value] = {}

    def ask(self, *call: Any) -> Any:
        if self.position == len(self.answers):
            raise Paused(call)
        self.position += 1
        answer = self.answers[self.position - 1]
        if answer == EXPIRED:
            raise TableFault("a table", "ExpiredTokenException")
        return answer

    def transform(self) -> Transform:
        if self.program.kind == "subs":
            return re_keyed(_SubMap(self), "k")
        if self.rules.asks_whose_it_is:
            return COLLIDING
        return _Trusting(**{name: getattr(COLLIDING, name) for name in COLLIDING.__dataclass_fields__})

    def item(self, number: int, value: str) -> Item:
        return {**key_of(number, self.program.kind), "v": {"S": value}}

    def run(self) -> bool:
        hints = {
            key_id(key_of(n, self.program.kind)): None if image is None else self.item(n, image)
            for n, image in self.program.hints
            if image != UNKNOWN
        }
        try:
            result = converge(
                [key_of(n, self.program.kind) for n, _ in self.program.hints],
                source=_Source(self),
                target=_Target(self),
                transform=self.transform(),
                permit=Granted(),
                hints=hints,
                tuning=TUNING,
                sleep=lambda _: None,
            )
        except TableFault as fault:
            so_far = fault.so_far or Convergence()
            self._leave(replace(so_far, faults=(), unsettled=()))
            return False
        self._leave(result)
        return not result.unsettled

    def _leave(self, result: Convergence) -> None:
        for fault in result.faults:
            self.ask("hold", self.keys[key_id(fault.key)], fault.reason is FaultReason.UNMAPPED)
        for key in result.ambiguous:
            self.ask("late", self.keys[key_id(key)])


@dataclass
class _SubMap(FakeSubMap):
    process: _Process

    def new_subs(self, old_subs: Collection[str]) -> Mapping[str, str]:
        wanted = [n for n in self.process.keys.values() if sub(n) in old_subs]
        return {sub(n): new_sub(n) for n in wanted if self.process.ask("read map", n)}

    def old_subs(self, new_subs: Collection[str]) -> Mapping[str, str]:
        return {}


@dataclass
class _Source:
    process: _Process
    name: str = "old"
    key_names: tuple[str, ...] = ("k",)

    def get(self, keys: Sequence[Key]) -> dict[Any, Item]:
        process = self.process
        found = {}
        for identity in map(key_id, keys):
            n = process.keys[identity]
            if process.rules.reads_after_writing or not process.wrote:
                process.last_seen[n] = process.ask("read source", n)
            value = process.last_seen[n]
            if value is not None:
                found[identity] = process.item(n, value)
        return found


@dataclass
class _Target:
    process: _Process
    name: str = "new"

    @property
    def key_names(self) -> tuple[str, ...]:
        return ("k",) if self.process.program.kind == "subs" else ("p",)

    def get(self, keys: Sequence[Key]) -> dict[Any, Item]:
        held = {key_id(one): self.process.ask("read target", self._place(one)) for one in keys}
        return {where: self._item(one) for where, one in held.items() if one is not None}

    def write(self, puts: Sequence[Item], deletes: Sequence[Key]) -> WriteOutcome:
        changes = [Change({name: one[name] for name in self.key_names}, None, one) for one in puts]
        return self._send([*changes, *(Change(place, None, None) for place in deletes)], conditional=False)

    def write_seen(self, changes: Sequence[Change]) -> WriteOutcome:
        return self._send(changes, conditional=True)

    def _send(self, changes: Iterable[Change], *, conditional: bool) -> WriteOutcome:
        told: dict[str, list[Key]] = {"overtaken": [], "lost": [], "throttled": [], "done": []}
        try:
            for one in changes:
                told[self._one(one, conditional=conditional)].append(one.place)
        except TableFault as fault:
            fault.ambiguous = tuple(told["lost"])
            raise
        return WriteOutcome(
            ambiguous=tuple(told["lost"]),
            unprocessed=tuple(told["throttled"]),
            overtaken=tuple(told["overtaken"]),
        )

    def _one(self, change: Change, *, conditional: bool) -> str:
        process, rules = self.process, self.process.rules
        seen = None if change.seen is None else self._held(change.seen)
        wanted = None if change.wanted is None else self._held(change.wanted)
        holds = rules.takes_only_empty_places if seen is None else rules.changes_only_what_it_saw
        process.wrote = True
        where = self._place(change.place)
        return str(process.ask("change target", where, conditional and holds, seen, wanted))

    def _place(self, key: Key) -> int:
        if self.process.program.kind != "subs":
            return 0
        return next(n for n in self.process.keys.values() if key["k"]["S"] == new_sub(n))

    def _item(self, held: tuple[int, str]) -> Item:
        owner, value = held
        if self.process.program.kind == "subs":
            return {"k": {"S": new_sub(owner)}, "v": {"S": value}}
        whose = {} if owner == NATIVE else {"from": key_of(owner, "colliding")["k"]}
        return {"p": {"S": "a"}, "v": {"S": value}, **whose}

    def _held(self, item: Item) -> Held:
        value = item["v"]["S"]
        if self.process.program.kind == "subs":
            return next(n for n in self.process.keys.values() if item["k"]["S"] == new_sub(n)), value
        return (int(item["from"]["S"][1:]), value) if "from" in item else (NATIVE, value)


@cache
def advance(program: Program, answers: Answers, rules: Rules) -> tuple[Any, ...]:
    """The next call of a process, or `("done", <whether its keys need not come again>)`."""
    try:
        return "done", _Process(program, answers, rules).run()
    except Paused as paused:
        return paused.call
