"""Pairs that a verify of several could not come to the end of: they hold no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from cutover.cli.options import Invocation
from cutover.errors import PartlyDone
from cutover.tables.ports import TableFault


@dataclass
class Stuck:
    """Why, by pair. `alone`: there is no other, and its error is the verb's own. `typed` are the words of how
    they are verified."""

    alone: bool = False
    typed: tuple[str, ...] = ()
    causes: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def holding(self, invocation: Invocation, pair_id: str) -> Iterator[None]:
        """A table that fails inside is noted and said, and whoever has other pairs goes on with those."""
        try:
            yield
        except (TableFault, PartlyDone) as error:
            if self.alone:
                raise
            self.causes[pair_id] = (
                str(error) if isinstance(error, TableFault) else f"{error.message}: {error.cause}"
            )
            invocation.render.say(f"{pair_id} was not verified, the others go on: {self.causes[pair_id]}")

    def data(self) -> list[dict[str, str]]:
        """For JSON."""
        return [{"pair": pair_id, "cause": cause} for pair_id, cause in self.causes.items()]

    def words(self) -> tuple[str, ...]:
        """What the verb is to be told to go on with them."""
        return (*(word for pair_id in self.causes for word in ("--pair", pair_id)), *self.typed)
