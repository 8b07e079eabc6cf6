"""Whether a refusal says that a table has no capacity left, and not something else."""

from __future__ import annotations

from cutover.aws.faults import error_code

_CAPACITY = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}


def out_of_capacity(error: BaseException) -> bool:
    """Of a table, of one of its partitions (on-demand too), or of the account; two writers that met at an
    item are none of these. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
    """
    return error_code(error) in _CAPACITY


SIZE_LIMITED = 250.0
"""Read units of about 1 MB, strongly consistent."""


def cut_short(units: float) -> bool:
    """Whether a batch of reads that left keys over was throttled, by the units it used: from 1 MB of a
    partition on it may as well have ended for its size.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
    """
    return units < SIZE_LIMITED
