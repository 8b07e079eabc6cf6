"""A plan's refusals: named conditions that each keep a verb from running."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cutover.errors import InterlockRefused


@dataclass(frozen=True)
class Refusal:
    """One interlock that holds. `options` are the words that would pass it, typed by a person; `parameters`
    those that the stack would have to be deployed with."""

    code: str
    message: str
    cause: str = ""
    fix: str = ""
    options: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message, "cause": self.cause, "fix": self.fix}


def raise_first(refusals: Sequence[Refusal], *, next_command: str | None = None) -> None:
    """Raises InterlockRefused for the first one; its cause names the codes of the others."""
    if not refusals:
        return
    first, *others = refusals
    also = f"; refused by {', '.join(other.code for other in others)} too" if others else ""
    raise InterlockRefused(
        first.code, first.message, cause=first.cause + also, fix=first.fix, next_command=next_command
    )
