"""What may be wrong with a key, as a verify counts it."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """MISSING: the target has none. MIRRORED and NATIVE: the target holds an item that no source item asks
    for; it is proven that the mirror wrote it, or it is not. REFUSED: the transform fails on the item, so
    nobody can say what the target should hold. UNMAPPED: it waits for the new sub of its user. IN_FLIGHT: it
    changed at every look. The last two are no differences, and not proven equal either."""

    MISSING = "missing"
    DIFFERENT = "different"
    MIRRORED = "mirrored"
    NATIVE = "native"
    REFUSED = "refused"
    UNMAPPED = "unmapped"
    IN_FLIGHT = "in_flight"


EXTRA = (Kind.MIRRORED, Kind.NATIVE)
REPAIRABLE = (Kind.MISSING, Kind.DIFFERENT, Kind.MIRRORED)
"""What `converge` can put right; a native item may be the new application's own."""
UNJUDGED = (Kind.UNMAPPED, Kind.IN_FLIGHT)
