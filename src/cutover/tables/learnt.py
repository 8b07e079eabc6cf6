"""What was read once of rows that never change: kept, up to a bound, and read again where it is not.

An answer of "nothing" is believed only by the thread that has just asked, until it asks again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping

MOST_KEPT = 100_000
"""Two subs of 36 characters each and their places in a dict: about 25 MB."""


class Learnt:
    """Thread-safe. `keep` says which answers can never change."""

    def __init__(
        self,
        read: Callable[[Collection[str]], Mapping[str, str]],
        *,
        keep: Callable[[str], bool] = lambda _: True,
        most: int = MOST_KEPT,
    ) -> None:
        self._read = read
        self._lasting = keep
        self._most = most
        self._kept: dict[str, str] = {}
        self._lock = threading.Lock()
        self._here = threading.local()

    def learn(self, names: Collection[str]) -> Mapping[str, str]:
        """Reads what is not known of `names`; gives what is known of them now. Raises what `read` raises."""
        kept = self._kept
        known = {name: kept[name] for name in names if name in kept}
        asked = [name for name in names if name not in known]
        found = dict(self._read(asked)) if asked else {}
        self.keep({name: value for name, value in found.items() if self._lasting(value)})
        self._here.answers = {**dict.fromkeys(asked), **known, **found}
        return {**known, **found}

    def keep(self, found: Mapping[str, str]) -> None:
        with self._lock:
            if len(self._kept) + len(found) > self._most:
                self._kept = {}
            self._kept.update(found)

    def get(self, name: str) -> str | None:
        """From what was learnt last on this thread, from what is kept, or read now."""
        answers = getattr(self._here, "answers", {})
        if name in answers:
            answer: str | None = answers[name]
            return answer
        kept = self._kept.get(name)
        return kept if kept is not None else self._read([name]).get(name)
