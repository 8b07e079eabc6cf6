"""What the two table functions share: their parts, made once for one environment."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import lru_cache

from cutover.aws.pairs_setting import PairsSetting
from cutover.aws.table_parts import TableSettings, read_table_settings, table_parts
from cutover.handlers.invocation import SdkEnvironment, aws_here, sdk_environment
from cutover.handlers.pairs_log import report_unread_pairs
from cutover.tables.parts import TableParts


def parts_here() -> TableParts:
    """The parts that the environment asks for, with the pairs of now. Raises UsageError where it is
    incomplete."""
    parts, pairs = _put_together(read_table_settings(os.environ), sdk_environment())
    parts = replace(parts, pairs=pairs())
    if pairs.problem:
        report_unread_pairs(pairs.problem)
    return parts


@lru_cache(maxsize=1)
def _put_together(settings: TableSettings, sdk: SdkEnvironment) -> tuple[TableParts, PairsSetting]:
    pairs = PairsSetting(settings.tables, aws_here(sdk), roles=settings.roles)
    return table_parts(settings, aws_here(sdk), pairs), pairs
