"""What an exception is to an operator: a text with a cause, a fix and an exit code."""

from __future__ import annotations

import errno

import rich_click as click
from click.exceptions import ClickException

from cutover.aws.faults import as_cutover_error
from cutover.errors import AwsUnavailable, CutoverError, InterlockRefused, Interrupted, UsageError
from cutover.tables.ports import AuthorityLost, TableFault

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def interrupted() -> Interrupted:
    return Interrupted("interrupted", fix="run the same command again: every verb may be stopped half-way")


def as_operator_error(error: Exception) -> CutoverError | None:
    """The operator's form of `error`; None where it is a defect of ours."""
    if isinstance(error, CutoverError):
        return error
    if isinstance(error, TableFault):
        return AwsUnavailable(
            f"table {error.table} could not be worked on",
            cause=error.reason,
            fix="check the table, the permissions and the throughput, then run the same command again",
        )
    if isinstance(error, AuthorityLost):
        return InterlockRefused(
            "authority",
            f"table pair {error.pair} may not be written by this command",
            cause=f"expected {error.expected}, found {error.found}",
            fix="see who rules the pair now",
            next_command="cutover status",
        )
    if isinstance(error, ModuleNotFoundError) and not (error.name or "").startswith("cutover"):
        return CutoverError(
            f"the package {error.name} is not installed",
            cause="this verb needs more than what was installed",
            fix="install cutover with its extras: pip install '.[rehearse]' in the checkout",
        )
    if isinstance(error, OSError) and error.filename:
        return CutoverError(
            f"cannot use the file {error.filename}",
            cause=error.strerror or type(error).__name__,
            fix="check the path and its permissions",
        )
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return CutoverError(
            "a file could not be written to its end",
            cause=error.strerror or type(error).__name__,
            fix="make room, or name a place with more of it (verify: --state for what it keeps, TMPDIR for "
            "the rest); then run the same command again",
        )
    return as_cutover_error(error)


def as_usage_error(error: ClickException) -> UsageError:
    """What click says about the command line, in the form of every other error."""
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "cutover"
    return UsageError(error.format_message(), next_command=f"{path} --help")


def defect(error: Exception) -> CutoverError:
    """An exception that nobody expected: its traceback is worth more than a guess."""
    return CutoverError(
        "this is a defect of cutover",
        cause=f"unexpected {type(error).__name__}",
        fix="report it with the traceback above; look through it for names and keys first",
    )
