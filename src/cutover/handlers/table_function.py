"""What the two table functions share: their parts, made once for one environment."""

from __future__ import annotations

import os
from functools import lru_cache

from cutover.aws.table_parts import TableSettings, read_table_settings, table_parts
from cutover.handlers.invocation import SdkEnvironment, aws_here, sdk_environment
from cutover.tables.parts import TableParts


def parts_here() -> TableParts:
    """The parts that the environment asks for. Raises UsageError where it is incomplete."""
    return _put_together(read_table_settings(os.environ), sdk_environment())


@lru_cache(maxsize=1)
def _put_together(settings: TableSettings, sdk: SdkEnvironment) -> TableParts:
    return table_parts(settings, aws_here(sdk))
