"""The bookkeeping of one `converge`: where every key ended, and what it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from cutover.tables.items import key_id
from cutover.tables.ports import Convergence, FaultReason, ItemFault, Key, KeyId


class Tally:
    """All keys are source keys."""

    def __init__(self) -> None:
        self._converged: dict[KeyId, Key] = {}
        self._unsettled: dict[KeyId, Key] = {}
        self._faults: dict[KeyId, ItemFault] = {}
        self._ambiguous: dict[KeyId, Key] = {}
        self._counts: Counter[str] = Counter()

    def converged(self, keys: Mapping[KeyId, Key]) -> None:
        self._converged.update(keys)

    def unsettled(self, keys: Mapping[KeyId, Key]) -> None:
        self._unsettled.update(keys)

    def fault(self, key: Key, reason: FaultReason, detail: str, waits_for: str = "") -> None:
        self._faults[key_id(key)] = ItemFault(key, reason, detail, waits_for)

    def ambiguous(self, source_keys: Iterable[Key]) -> None:
        self._ambiguous.update((key_id(key), key) for key in source_keys)

    def count(self, **amounts: int) -> None:
        self._counts.update(amounts)

    def convergence(self) -> Convergence:
        return Convergence(
            converged=tuple(self._converged.values()),
            unsettled=tuple(self._unsettled.values()),
            faults=tuple(self._faults.values()),
            ambiguous=tuple(self._ambiguous.values()),
            counts=dict(self._counts),
        )
