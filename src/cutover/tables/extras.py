"""Extra items, sorted: those that the mirror is known to have written, and those that it is not.

The user's inverse is one proof (`recheck`). The ledger is the other: a key that it names as owed or pending
was a key of the source, and its item may have been written before a deletion reached the target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from cutover.tables.digest import digest
from cutover.tables.kinds import Kind
from cutover.tables.ports import Key
from cutover.tables.recheck import Probing
from cutover.tables.suspects import SuspectFile
from cutover.tables.transform import TransformFault

AT_ONCE = 50_000
"""Extra items held in memory while what the ledger names goes by; about 50 MB of them."""
LEARN = 100

LedgerNames = Callable[[], Iterable[Key]]
Sorted = Callable[[Kind, Key, Key | None], None]


def nobody() -> Iterable[Key]:
    return ()


def sort_extras(extras: SuspectFile, how: Probing, named: LedgerNames, note: Sorted) -> None:
    """Tells `note` of each extra item: kind, key in the target, and the source key where it is proven.

    Closes `extras`. Raises TableFault.
    """
    for batch in extras.batches(AT_ONCE):
        unproven = {digest(extra.key): extra for extra in batch}
        for target_key, source_key in _target_keys(named(), how):
            extra = unproven.pop(digest(target_key), None)
            if extra is not None:
                note(Kind.MIRRORED, extra.key, source_key)
        for extra in unproven.values():
            note(Kind.NATIVE, extra.key, None)
    extras.close()


def _target_keys(keys: Iterable[Key], how: Probing) -> Iterator[tuple[Key, Key]]:
    coming = iter(keys)
    while some := tuple(islice(coming, LEARN)):
        how.patience(lambda: how.transform.learn(some))
        for source_key in some:
            try:
                yield how.transform.target_key(source_key), source_key
            except TransformFault:
                continue
