"""A table whose scan is an export: its keys come from files, everything else is the table's own."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cutover.tables.items import from_json, key_of
from cutover.tables.key_form import as_key
from cutover.tables.ports import Item, Key, KeyId, ReadableTable, ScanPage, TableFault

PAGE_ITEMS = 500
PAGE_BYTES = 1_000_000
"""Of JSON, about the page of a scan: its keys are pending in the ledger while they are copied."""
LINE = "line"

Lines = Callable[[int], Iterator[bytes]]
"""The lines of file n, one item each. Raises TableFault: also behind the last line, for a damaged file."""


class ExportedTable:
    """A `ScannableTable`: segment n is file n, and a page starts behind so many lines of it.

    An open file is kept from one page to the next; a page that starts elsewhere opens it anew and skips.
    """

    def __init__(self, table: ReadableTable, files: int, lines: Lines, page_items: int = PAGE_ITEMS) -> None:
        self._table, self._files, self._lines, self._page_items = table, files, lines, page_items
        self._open: dict[int, _Reader] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._table.name

    @property
    def key_names(self) -> tuple[str, ...]:
        return self._table.key_names

    def get(self, keys: Sequence[Key]) -> dict[KeyId, Item]:
        """From the table itself, strongly consistently."""
        return self._table.get(keys)

    def scan(
        self,
        segment: int,
        segments: int,
        *,
        start: Key | None = None,
        consistent: bool = False,  # noqa: ARG002 - the items are of the export's time, whatever is asked
    ) -> Iterator[ScanPage]:
        """As the port says. Raises TableFault for a file that cannot be read or is damaged."""
        if segments != self._files:
            raise ValueError(f"an export of {self._files} files has no {segments} segments")
        at = int(start[LINE]["N"]) if start else 0
        while True:
            reader = self._reader(segment, at)
            try:
                items = reader.page(self._page_items, self.key_names)
                more = reader.more()
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise TableFault(self.name, f"line {reader.at + 1} of file {segment} is no item") from error
            starts = tuple(_behind(line) for line in range(at + 1, reader.at + 1))
            at = reader.at
            if more:
                self._keep(segment, reader)
            yield ScanPage(items, _behind(at) if more else None, starts=starts)
            if not more:
                return

    def _reader(self, segment: int, at: int) -> _Reader:
        """The file at that line; nobody else has it meanwhile."""
        with self._lock:
            kept = self._open.pop(segment, None)
        if kept and kept.at == at:
            return kept
        reader = _Reader(self._lines(segment))
        reader.skip(at)
        return reader

    def _keep(self, segment: int, reader: _Reader) -> None:
        with self._lock:
            self._open[segment] = reader


def _behind(line: int) -> Key:
    return {LINE: {"N": str(line)}}


@dataclass
class _Reader:
    lines: Iterator[bytes]
    at: int = 0

    def skip(self, count: int) -> None:
        for _ in itertools.islice(self.lines, count):
            self.at += 1

    def page(self, most: int, key_names: Sequence[str]) -> tuple[Item, ...]:
        """What has no key could not be copied, and its page would stay pending for ever."""
        items: list[Item] = []
        taken = 0
        for line in self.lines:
            item = from_json(json.loads(line)["Item"])
            as_key(key_of(item, key_names))
            items.append(item)
            self.at += 1
            taken += len(line)
            if len(items) >= most or taken >= PAGE_BYTES:
                break
        return tuple(items)

    def more(self) -> bool:
        """Whether a line follows; at the end of the file its last checks are done."""
        following = next(self.lines, None)
        if following is None:
            return False
        self.lines = itertools.chain((following,), self.lines)
        return True
