"""How a verb waits: by which clock, and by which sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Waits:
    """`clock` gives seconds that never jump; `sleep` takes seconds. Both may be used by several threads."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
