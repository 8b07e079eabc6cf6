"""Every interleaving of several keys' lives where a transform changes keys.

Two workers converge whatever keys they are told of, one or several at a time; what collides or waits for a
user is held, and tried again at any moment. When all is quiet, what is held is tried a last time, one key
after the other.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.tables.interleaving import story
from tests.tables.replayed import Value
from tests.tables.replayed_keys import (
    BAD,
    EXPIRED,
    NATIVE,
    UNKNOWN,
    Answers,
    Held,
    Hint,
    Program,
    Rules,
    advance,
)

Event = tuple[str, int, Value]
"""`("put", key, value)`, a value of None deletes; or `("map", key, None)`: its user comes over."""


@dataclass(frozen=True)
class Scope:
    """What may happen: the events in their order, and how many misfortunes."""

    script: tuple[Event, ...]
    kind: str = "colliding"
    source: tuple[Value, ...] = (None, None)
    target: tuple[Held, ...] = (None, None)
    images: bool = False
    """Whether a notification brings the image of its write along."""
    crashes: int = 0
    duplicates: int = 0
    lost_replies: int = 0
    throttles: int = 0
    expiries: int = 0
    """Calls that are answered by expired credentials."""


class Process(NamedTuple):
    program: Program
    answers: Answers = ()


class World(NamedTuple):
    source: tuple[Value, ...]
    target: tuple[Held, ...]
    told: frozenset[Hint]
    """Keys whose change nobody has worked off yet, with the image of it."""
    mapped: frozenset[int] = frozenset()
    happened: int = 0
    held: frozenset[tuple[int, bool]] = frozenset()
    """Keys set aside; True: until their user comes over."""
    late: frozenset[int] = frozenset()
    """Keys to look at again when no copy of a lost request can land any more."""
    flying: tuple[Any, ...] = ()
    one: Process | None = None
    two: Process | None = None
    crashes: int = 0
    duplicates: int = 0
    lost_replies: int = 0
    throttles: int = 0
    expiries: int = 0


Step = tuple[str, World]
SLOTS = ("one", "two")


@dataclass
class Explorer:
    scope: Scope
    rules: Rules = field(default_factory=Rules)
    states: int = 0
    ends: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    counterexample: list[str] | None = None

    def run(self) -> Explorer:
        """Breadth first, to the first (and so the shortest) run that ends wrong, or to the end."""
        scope = self.scope
        told = frozenset((n, UNKNOWN) for n, value in enumerate(scope.source) if value is not None)
        first = World(
            scope.source,
            scope.target,
            told,
            crashes=scope.crashes,
            duplicates=scope.duplicates,
            lost_replies=scope.lost_replies,
            throttles=scope.throttles,
            expiries=scope.expiries,
        )
        came: dict[World, tuple[World, str] | None] = {first: None}
        todo = deque([first])
        while todo:
            world = todo.popleft()
            self.states += 1
            if self.finished(world):
                self.ends += 1
                last = self.settled(world)
                if self.wrong(last):
                    self.counterexample = story(world, came, f"ends with {last.source}, {last.target}")
                    return self
            for name, after in self.next(world):
                self.steps[name.split(":")[0]] += 1
                if after not in came:
                    came[after] = (world, name)
                    todo.append(after)
        return self

    def finished(self, world: World) -> bool:
        idle = world.one is None and world.two is None
        return (
            idle
            and world.happened == len(self.scope.script)
            and not (world.told or world.late or world.flying)
        )

    def settled(self, world: World) -> World:
        """After what is held was tried again until that changes nothing."""
        while True:
            before = world
            for n, _ in sorted(self.retriable(world)):
                world = self._alone(world._replace(held=world.held - {(n, True), (n, False)}), n)
            if world == before:
                return world

    def _alone(self, world: World, n: int) -> World:
        world = world._replace(one=Process(Program(self.scope.kind, ((n, UNKNOWN),))))
        while world.one is not None:
            _, world = next(self._step(world._replace(expiries=0), "one", world.one))
        return world

    def retriable(self, world: World) -> set[tuple[int, bool]]:
        if self.scope.kind == "subs":
            again = self.rules.looks_for_mappings_again
            return {(n, waits) for n, waits in world.held if again and n in world.mapped}
        return set(world.held) if self.rules.tries_collisions_again else set()

    def wrong(self, world: World) -> bool:
        here = {n for n, value in enumerate(world.source) if value not in {None, BAD}}
        bad = {n for n, value in enumerate(world.source) if value == BAD}
        held = {n for n, _ in world.held}
        if not bad <= held:
            return True
        if self.scope.kind == "subs":
            wanted = tuple((n, v) if n in here & world.mapped else None for n, v in enumerate(world.source))
            return world.target != wanted or here - world.mapped - held != set() or bool(held & world.mapped)
        there = world.target[0]
        if there is None:
            return bool(here)
        whose, value = there
        if self.scope.target[0] is not None and self.scope.target[0][0] == NATIVE:
            return there != self.scope.target[0] or not here <= held
        if whose in bad:  # as it was before it went bad
            return not here <= held
        return whose not in here or value != world.source[whose] or not here - {whose} <= held

    def next(self, world: World) -> Iterator[Step]:
        if world.happened < len(self.scope.script):
            yield self._event(world, *self.scope.script[world.happened])
        for slot in SLOTS:
            process = getattr(world, slot)
            if process is None:
                yield from self._starts(world, slot)
            else:
                yield from self._step(world, slot, process)
                if world.crashes:
                    again = world.told | {(n, UNKNOWN) for n, _ in process.program.hints}
                    yield (
                        f"crash: {slot}",
                        world._replace(**{slot: None}, told=again, crashes=world.crashes - 1),
                    )
        for n, waits in self.retriable(world):
            again = world.told | {(n, UNKNOWN)}
            yield f"try again: {n}", world._replace(held=world.held - {(n, waits)}, told=again)
        if world.flying:
            yield f"land: {world.flying}", _changed(world, *world.flying)[0]._replace(flying=())
            yield "expire", world._replace(flying=())
        elif world.late:
            again = world.told | {(n, UNKNOWN) for n in world.late}
            yield "late", world._replace(late=frozenset(), told=again)
        if world.duplicates:
            for hint in self._past(world):
                told = world.told | {hint}
                yield f"duplicate: {hint}", world._replace(told=told, duplicates=world.duplicates - 1)

    def _past(self, world: World) -> set[Hint]:
        """Every notification that there has been."""
        puts = {(n, value) for what, n, value in self.scope.script[: world.happened] if what == "put"}
        return puts if self.scope.images else {(n, UNKNOWN) for n, _ in puts}

    def _event(self, world: World, what: str, n: int, value: Value) -> Step:
        after = world._replace(happened=world.happened + 1)
        name = f"{what}: {n} {value}"
        if what == "map":
            after = after._replace(mapped=world.mapped | {n})
            if (n, True) in world.held and not self.rules.looks_for_mappings_again:  # once, and never again
                return name, after._replace(held=world.held - {(n, True)}, told=world.told | {(n, UNKNOWN)})
            return name, after
        if value == world.source[n]:
            return name, after
        source = (*world.source[:n], value, *world.source[n + 1 :])
        image = value if self.scope.images else UNKNOWN
        return name, after._replace(source=source, told=world.told | {(n, image)})

    def _starts(self, world: World, slot: str) -> Iterator[Step]:
        if slot == "two" and world.one is None:
            return  # the two are alike
        taken = [(hint,) for hint in world.told]
        if len({n for n, _ in world.told}) == len(world.told) > 1:
            taken.append(tuple(sorted(world.told, key=repr)))
        for hints in taken:
            process = Process(Program(self.scope.kind, hints))
            yield f"{slot} starts: {hints}", world._replace(**{slot: process}, told=world.told - set(hints))

    def _step(self, world: World, slot: str, process: Process) -> Iterator[Step]:
        call = advance(process.program, process.answers, self.rules)
        label = f"{slot}: {' '.join(map(str, call))}"
        what, arguments = call[0], call[1:]
        if world.expiries and what in {"read source", "read target", "read map", "change target"}:
            over = world._replace(expiries=world.expiries - 1)
            yield f"expired: {label}", _answer(over, slot, process, EXPIRED)
        if what == "done":
            again = frozenset() if call[1] else {(n, UNKNOWN) for n, _ in process.program.hints}
            yield label, world._replace(**{slot: None}, told=world.told | again)
        elif what == "read source":
            yield f"{label} -> {world.source[call[1]]}", _answer(world, slot, process, world.source[call[1]])
        elif what == "read target":
            yield f"{label} -> {world.target[call[1]]}", _answer(world, slot, process, world.target[call[1]])
        elif what == "read map":
            yield label, _answer(world, slot, process, call[1] in world.mapped)
        elif what == "hold":
            yield label, _answer(world._replace(held=world.held | {arguments}), slot, process, None)
        elif what == "late":
            yield label, _answer(world._replace(late=world.late | {call[1]}), slot, process, None)
        else:
            after, answer = _changed(world, *arguments)
            yield f"{label} -> {answer}", _answer(after, slot, process, answer)
            if world.throttles:
                throttled = world._replace(throttles=world.throttles - 1)
                yield f"throttled: {label}", _answer(throttled, slot, process, "throttled")
            if world.lost_replies and not world.flying:
                lost = world._replace(lost_replies=world.lost_replies - 1, flying=arguments)
                yield f"{label}, reply lost", _answer(lost, slot, process, "lost")


def _changed(world: World, place: int, conditional: bool, seen: Held, wanted: Held) -> tuple[World, str]:
    if conditional and world.target[place] != seen:
        return world, "overtaken"
    return world._replace(target=(*world.target[:place], wanted, *world.target[place + 1 :])), "done"


def _answer(world: World, slot: str, process: Process, answer: Any) -> World:
    return world._replace(**{slot: process._replace(answers=(*process.answers, answer))})
