"""What the tests of attach and detach share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.pools.world import PoolWorld
from tests.cli.verbs import Ran

Run = Callable[..., Ran]
Made = Callable[[str], PoolWorld]
ACCEPT = ("--without-guard", "--yes")

on_the_local_stack_too = pytest.mark.parametrize(
    "world",
    ["moto", pytest.param("local stack", marks=[pytest.mark.local_stack, pytest.mark.slow])],
    indirect=True,
)


def interlock(ran: Ran) -> str:
    assert ran.code == 4, ran.err
    code: str = ran.envelope["data"]["interlock"]
    return code
