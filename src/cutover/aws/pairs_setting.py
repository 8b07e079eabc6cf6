"""The `TABLES` setting of a function, which may live longer than its parameter stays as it is."""

from __future__ import annotations

import time
from collections.abc import Callable

from cutover.aws.session import Aws
from cutover.aws.table_faults import AWS_ERRORS
from cutover.aws.table_pairs import SSM_PREFIX, Roles, load_pairs
from cutover.errors import UsageError
from cutover.tables.pairs import TablePair

KNOWN_FOR = 60.0
"""Seconds after which a parameter is read again: a change holds from the first invocation after that."""


class PairsSetting:
    """Call it for the pairs of now.

    A parameter that cannot be read again, or not understood, leaves the pairs that are known in force, and
    the reason in `problem`: a slip of the pen must not stop a mirror that runs. The first time it raises, as
    `load_pairs` does: an environment that knows no pairs holds its records in the stream.
    """

    def __init__(
        self,
        text: str,
        aws: Aws,
        clock: Callable[[], float] = time.monotonic,
        roles: Roles | None = None,
    ) -> None:
        self._text, self._aws, self._clock, self._roles = text, aws, clock, roles
        self._known: tuple[TablePair, ...] | None = None
        self._read_at = 0.0
        self.problem = ""

    def __call__(self) -> tuple[TablePair, ...]:
        known = self._known
        if known is None:
            known = self._keep(load_pairs(self._text, self._aws, self._roles))
        elif self._text.startswith(SSM_PREFIX) and self._clock() - self._read_at >= KNOWN_FOR:
            known = self._again(known)
        return known

    def _again(self, known: tuple[TablePair, ...]) -> tuple[TablePair, ...]:
        try:
            return self._keep(load_pairs(self._text, self._aws, self._roles))
        except AWS_ERRORS as error:
            self.problem = type(error).__name__
        except UsageError as error:
            self.problem = str(error)
        self._read_at = self._clock()
        return known

    def _keep(self, pairs: tuple[TablePair, ...]) -> tuple[TablePair, ...]:
        self._known, self._read_at, self.problem = pairs, self._clock(), ""
        return pairs
