"""Reading both pools part by part, several at once, and noting every old user in the export's own file."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from cutover.aws.paced_calls import PacedCalls
from cutover.aws.straggler_reads import LedgerWord, pages, with_second_factors
from cutover.cli.export_store import LEFT_OUT, REFUSED, ExportStore, Noted, row_of
from cutover.cli.progress import Bar
from cutover.users.import_rows import RowRefused
from cutover.users.ledger_rows import UserRow
from cutover.users.ports import Profile
from cutover.users.stragglers import LeftOut, RowMaker, goes_by, left_out

OLD, NEW = "old", "new"
PAGES_AHEAD = 2
"""Per worker: how much may wait to be noted, which bounds the memory."""


@dataclass(frozen=True)
class Looked:
    """One old user with the ledger's row; `gone` where the old pool has them no more."""

    profile: Profile
    row: UserRow | None
    gone: bool = False


@dataclass(frozen=True)
class PoolReader:
    """Reads one pool. `calls` makes the paced calls of one worker."""

    pool_id: str
    calls: Callable[[], PacedCalls]
    ledger: LedgerWord
    ask_second_factors: bool = False

    def look(self, calls: PacedCalls, page: list[Profile]) -> list[Looked]:
        rows = self.ledger.rows([profile.sub for profile in page])
        return [self._one(calls, profile, rows.get(profile.sub)) for profile in page]

    def _one(self, calls: PacedCalls, profile: Profile, row: UserRow | None) -> Looked:
        if not self.ask_second_factors or left_out(profile, row) is not None:
            return Looked(profile, row)
        shown = with_second_factors(calls, self.pool_id, profile)
        gone = shown is None or shown.sub != profile.sub
        return Looked(profile if shown is None or gone else shown, row, gone=gone)


class ExportWork:
    def __init__(self, store: ExportStore, maker: RowMaker, ledger: LedgerWord, workers: int) -> None:
        self._store, self._maker, self._ledger, self._workers = store, maker, ledger, workers

    def read_new(self, reader: PoolReader, parts: Sequence[str], bar: Bar) -> None:
        """Who goes by what in the new pool."""

        def note(page: list[Profile]) -> None:
            for profile in page:
                self._store.hold(profile.sub, self._names(profile))

        self._read(NEW, reader, parts, lambda _calls, page: page, note, bar)

    def read_old(self, reader: PoolReader, parts: Sequence[str], bar: Bar) -> None:
        """Where every old user stands."""
        self._read(OLD, reader, parts, reader.look, self._note_page, bar)

    def _names(self, profile: Profile) -> frozenset[str]:
        return goes_by(profile, case_sensitive=self._maker.pool.rules.case_sensitive)

    def _note_page(self, page: list[Looked]) -> None:
        holders = {one.profile.sub: self._holders(one) for one in page}
        mapped = self._ledger.old_subs({sub for found in holders.values() for sub in found})
        for one in page:
            owners = {mapped.get(new_sub, "") for new_sub in holders[one.profile.sub]}
            self._note(one, owners)

    def _holders(self, one: Looked) -> set[str]:
        if one.gone or left_out(one.profile, one.row) is not None:
            return set()
        found = self._store.holders(self._names(one.profile)).values()
        return {sub for subs in found for sub in subs}

    def _note(self, one: Looked, owners: set[str]) -> None:
        """`owners`: old subs of those in the new pool who go by this user's names; empty for a stranger."""
        if one.gone:
            return
        profile = one.profile
        reason = left_out(profile, one.row) or _by_others(profile, owners)
        if reason is LeftOut.FEDERATED:
            names = frozenset[str]()
        else:
            names = goes_by(replace(profile, status="UNCONFIRMED"), case_sensitive=self._sensitive)
        if reason is not None:
            noted = Noted(profile.sub, LEFT_OUT, reason.value, "", profile.username)
            self._store.note(noted, names, profile.created_at)
            return
        try:
            straggler = self._maker.straggler(profile)
        except RowRefused as refused:
            noted = Noted(profile.sub, REFUSED, refused.reason, refused.detail, profile.username)
            self._store.note(noted, names, profile.created_at)
            return
        taken = self._store.holders(straggler.claims) if owners else {}
        if taken:
            noted = Noted(profile.sub, REFUSED, "alias_taken", "", profile.username)
            self._store.note(noted, names, profile.created_at)
            return
        self._store.note(row_of(straggler, profile.username), names | straggler.claims, profile.created_at)

    @property
    def _sensitive(self) -> bool:
        return self._maker.pool.rules.case_sensitive

    def _read(
        self,
        pool: str,
        reader: PoolReader,
        parts: Sequence[str],
        look: Callable[[PacedCalls, list[Profile]], list[Any]],
        note: Callable[[list[Any]], None],
        bar: Bar,
    ) -> None:
        open_parts = [part for part in parts if not self._store.is_read(pool, part)]
        for part, page in _ahead(reader, open_parts, look, self._workers):
            with self._store.step():
                if page is None:
                    self._store.mark_read(pool, part)
                else:
                    note(page)
            bar.advance(len(page or ()))


def _ahead(
    reader: PoolReader,
    parts: Sequence[str],
    look: Callable[[PacedCalls, list[Profile]], list[Any]],
    workers: int,
) -> Iterator[tuple[str, list[Any] | None]]:
    """Every part's pages, and None behind its last one. Reads on in threads, a few pages ahead.

    Raises what went wrong in a thread; the others then end with the page that they are at.
    """
    waiting: queue.Queue[tuple[str, list[Any] | None]] = queue.Queue(maxsize=workers * PAGES_AHEAD)
    stop = threading.Event()
    todo = iter(parts)
    lock = threading.Lock()

    def hand_over(part: str, page: list[Any] | None) -> None:
        while not stop.is_set():
            try:
                waiting.put((part, page), timeout=0.1)
            except queue.Full:
                continue
            return

    def work() -> None:
        calls = reader.calls()
        while not stop.is_set():
            with lock:
                part = next(todo, None)
            if part is None:
                return
            for page in pages(calls, reader.pool_id, part):
                hand_over(part, look(calls, page))
                if stop.is_set():
                    return
            hand_over(part, None)

    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(work) for _ in range(workers)]
        try:
            yield from _handed_over(waiting, futures)
        finally:
            stop.set()


def _handed_over(
    waiting: queue.Queue[tuple[str, list[Any] | None]], futures: Sequence[Future[None]]
) -> Iterator[tuple[str, list[Any] | None]]:
    while True:
        ended = all(future.done() for future in futures)
        failed = [future for future in futures if future.done() and future.exception()]
        if failed:
            failed[0].result()
        try:
            yield waiting.get_nowait() if ended else waiting.get(timeout=0.1)
        except queue.Empty:
            if ended:
                return


def _by_others(profile: Profile, owners: set[str]) -> LeftOut | None:
    if profile.second_factors:
        return LeftOut.SECOND_FACTOR
    if profile.sub in owners:
        return LeftOut.CAME_OVER
    return LeftOut.SQUATTED if "" in owners else None
