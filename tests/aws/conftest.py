"""What the tests of both halves of a status look at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from cutover.aws.unread import Unread
from tests.aws.cloud import Cloud


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        yield Cloud()


@pytest.fixture
def unread() -> Unread:
    return Unread()
