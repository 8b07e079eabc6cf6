"""What a call costs in a Region and not on one machine: the way to the service and back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.faulty_wire import everywhere


@dataclass
class Distance:
    """Stands between the SDK and the engine (`before-send`), under every client made from now on."""

    seconds: float = 0.0

    def put_between(self) -> Distance:
        everywhere(self)
        return self

    def __call__(self, **_: Any) -> None:
        if self.seconds:
            time.sleep(self.seconds)

    @contextmanager
    def of(self, seconds: float) -> Iterator[None]:
        """For a while, each call is sent so many seconds late."""
        self.seconds = seconds
        try:
            yield
        finally:
            self.seconds = 0.0
