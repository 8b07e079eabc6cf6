"""One page of a parallel scan: whoever keeps a place reads page by page."""

from __future__ import annotations

from cutover.tables.ports import Key, ScannableTable, ScanPage


def page_behind(
    table: ScannableTable, segment: int, segments: int, start: Key | None, *, consistent: bool = False
) -> ScanPage:
    """The page behind `start` (None: the first one); an empty one where there is none. Raises TableFault."""
    pages = table.scan(segment, segments, start=start, consistent=consistent)
    return next(iter(pages), ScanPage(()))
