"""Every interleaving of one key's life, with the project's own code running in it.

A process (a mirror batch, a backfill page, a parked message) is the real function over ports that stop it at
every call (`replayed`). The whole world is one immutable value, and a breadth-first search over the worlds
meets every order in which the calls can happen, with crashes in between.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.tables.replayed import Answers, Program, Rules, Value, advance


@dataclass(frozen=True)
class Scope:
    """What may happen: the writes of the old application, and how many misfortunes."""

    script: tuple[Value, ...]
    source: Value = None
    target: Value = None
    backfill: bool = True
    crashes: int = 0
    duplicates: int = 0
    redrives: int = 0
    lost_replies: int = 0
    switch: bool = False


class Process(NamedTuple):
    program: Program
    answers: Answers = ()


class World(NamedTuple):
    source: Value
    target: Value
    written: int = 0
    records: tuple[Value, ...] = ()
    delivered: int = 0
    scanned: bool = False
    pending: bool = False
    waiting: int = 0
    late: int = 0
    """Messages that are seen only after every copy of a lost request is gone."""
    flying: tuple[Value, ...] = ()
    """A request whose reply was lost and that has not landed yet."""
    authority: tuple[str, int] = ("source", 0)
    new_writes: int = 0
    mirror: Process | None = None
    duplicate: Process | None = None
    page: Process | None = None
    retry: Process | None = None
    crashes: int = 0
    duplicates: int = 0
    redrives: int = 0
    lost_replies: int = 0


Step = tuple[str, World]
SLOTS = ("mirror", "duplicate", "page", "retry")


@dataclass
class Explorer:
    scope: Scope
    rules: Rules = field(default_factory=Rules)
    states: int = 0
    ends: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    counterexample: list[str] | None = None

    def run(self) -> Explorer:
        """Breadth first, to the first (and so the shortest) run that ends divergent, or to the end."""
        scope = self.scope
        first = World(
            scope.source,
            scope.target,
            scanned=not scope.backfill,
            crashes=scope.crashes,
            duplicates=scope.duplicates,
            redrives=scope.redrives,
            lost_replies=scope.lost_replies,
        )
        came: dict[World, tuple[World, str] | None] = {first: None}
        todo = deque([first])
        while todo:
            world = todo.popleft()
            self.states += 1
            steps = list(self.next(world))
            if self.finished(world):
                self.ends += 1
                if self.divergent(world):
                    end = f"ends with source {world.source}, target {world.target}"
                    self.counterexample = story(world, came, end)
                    return self
            for name, after in steps:
                self.steps[name.split(":")[0]] += 1
                if after not in came:
                    came[after] = (world, name)
                    todo.append(after)
        return self

    def finished(self, world: World) -> bool:
        idle = all(getattr(world, slot) is None for slot in SLOTS)
        drained = world.delivered == len(world.records) and not (world.waiting or world.late or world.flying)
        wrote = world.written == len(self.scope.script) and (not self.scope.switch or world.new_writes)
        return bool(idle and drained and wrote and world.scanned and not world.pending)

    def divergent(self, world: World) -> bool:
        return world.target != ("theirs" if self.scope.switch else world.source)

    def next(self, world: World) -> Iterator[Step]:
        yield from self._application(world)
        yield from self._starts(world)
        for slot in SLOTS:
            process = getattr(world, slot)
            if process is not None:
                yield from self._step(world, slot, process)
                if world.crashes:
                    stopped = self._stopped(world, slot, process, done=False)
                    yield f"crash: {slot}", stopped._replace(crashes=world.crashes - 1)
        if world.flying:
            yield f"land: {world.flying[0]}", world._replace(target=world.flying[0], flying=())
            yield "expire", world._replace(flying=())
        if self.scope.switch:
            yield from self._switch(world)

    def _application(self, world: World) -> Iterator[Step]:
        if world.written == len(self.scope.script):
            return
        value = self.scope.script[world.written]
        heard = world.records
        if value != world.source and (value is not None or self.rules.tells_deletions):
            heard = (*heard, value)
        yield f"application: {value}", world._replace(source=value, written=world.written + 1, records=heard)

    def _starts(self, world: World) -> Iterator[Step]:
        left = world.records[world.delivered :]
        if left and world.mirror is None:
            for batch in {left[:1], left}:
                yield f"mirror starts: {batch}", world._replace(mirror=Process(("mirror", batch)))
            if world.redrives:
                set_aside = world._replace(delivered=world.delivered + 1, waiting=world.waiting + 1)
                yield "dead letter", set_aside._replace(redrives=world.redrives - 1)
        if world.duplicates and world.duplicate is None:
            for image in set(world.records[: world.delivered + 1]):
                started = world._replace(duplicate=Process(("mirror", (image,))))
                yield f"duplicate starts: {image}", started._replace(duplicates=world.duplicates - 1)
        if not world.scanned and world.page is None and not world.pending:
            yield "scan", world._replace(scanned=True, pending=world.source is not None)
        if world.pending and world.page is None:
            yield "page starts", world._replace(page=Process(("page", ())))
        if world.retry is None and (world.waiting or (world.late and not world.flying)):
            name = "waiting" if world.waiting else "late"
            taken = world._replace(**{name: getattr(world, name) - 1})
            yield "retry starts", taken._replace(retry=Process(("retry", ())))

    def _step(self, world: World, slot: str, process: Process) -> Iterator[Step]:
        call = advance(process.program, process.answers, self.rules, self.scope.switch)
        label = f"{slot}: {' '.join(map(str, call))}"
        if call[0] == "done":
            yield label, self._stopped(world, slot, process, done=call[1])
        elif call[0] == "read source":
            yield f"{label} -> {world.source}", _answer(world, slot, process, world.source)
        elif call[0] == "read target":
            yield f"{label} -> {world.target}", _answer(world, slot, process, world.target)
        elif call[0] == "authority":
            yield label, _answer(world, slot, process, world.authority)
        elif call[0] == "park":
            name = "late" if call[1] == "ambiguous" else "waiting"
            yield label, _answer(world._replace(**{name: getattr(world, name) + 1}), slot, process, None)
        else:
            yield label, _answer(world._replace(target=call[1]), slot, process, True)
            if world.lost_replies:
                lost = world._replace(lost_replies=world.lost_replies - 1, flying=(call[1],))
                yield f"{label}, reply lost", _answer(lost, slot, process, False)

    def _stopped(self, world: World, slot: str, process: Process, *, done: bool) -> World:
        after = world._replace(**{slot: None})
        if slot == "mirror" and done:
            return after._replace(delivered=world.delivered + len(process.program[1]))
        if slot == "page":
            if done:
                return after._replace(pending=False)
            return after if self.rules.pages_keep_their_keys else after._replace(pending=False, scanned=False)
        if slot == "retry" and not done:
            return after._replace(waiting=world.waiting + 1)
        if slot == "duplicate" and not done:
            return after._replace(duplicate=Process(process.program))
        return after

    def _switch(self, world: World) -> Iterator[Step]:
        """Frozen, drained and equal: fence; when every writer of before has ended: flip, and they write."""
        frozen = world.written == len(self.scope.script) and world.delivered == len(world.records)
        idle = all(getattr(world, slot) is None for slot in SLOTS)
        if world.authority == ("source", 0) and frozen and world.target == world.source:
            yield "fence", world._replace(authority=("nobody", 1))
        elif world.authority[0] == "nobody" and (idle or not self.rules.waits_before_the_flip):
            yield "flip", world._replace(authority=("target", 1))
        elif world.authority[0] == "target" and not world.new_writes:
            yield "new application writes", world._replace(target="theirs", new_writes=1)


def _answer(world: World, slot: str, process: Process, answer: Any) -> World:
    return world._replace(**{slot: process._replace(answers=(*process.answers, answer))})


def story(world: Any, came: Mapping[Any, tuple[Any, str] | None], end: str) -> list[str]:
    """The steps that led to a world, and how it ends."""
    told = [end]
    step = came[world]
    while step is not None:
        world, name = step
        told.append(name)
        step = came[world]
    return told[::-1]
