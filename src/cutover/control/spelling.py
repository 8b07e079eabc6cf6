"""Durations as a person reads them."""

from __future__ import annotations


def spell(seconds: float) -> str:
    """A duration by its two greatest units: `5 h 10 min`, `12 min`, `40 s`."""
    whole = max(int(seconds), 0)
    days, hours, minutes = whole // 86400, whole % 86400 // 3600, whole % 3600 // 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{whole} s"
