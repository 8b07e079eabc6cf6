"""A deployment on moto as the watch finds it: a pool, a function behind its alias, a ledger, an index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from moto import mock_aws

from cutover.aws.paced_calls import PacedCalls
from cutover.aws.reservation_index import ReservationIndex
from cutover.aws.watch_reader import Watch
from cutover.control.ledger_rows import Attachment, AttachState
from cutover.control.taken_names import PoolUser
from cutover.control.watch_settings import WatchSettings
from cutover.users.reservations import reservations_of
from tests.aws.cloud import AWS, Cloud

TRIGGER = "arn:aws:lambda:eu-west-1:123456789012:function:migrate:live"


@dataclass
class Watched:
    """`cloud` is the stack; the new pool has the attribute for the old sub and our trigger."""

    cloud: Cloud
    pool: str
    watch: Watch

    @property
    def cognito(self) -> Any:
        return AWS.client("cognito-idp")

    def attach(self, **clients: Any) -> None:
        row = Attachment(self.pool, AttachState.ATTACHED, TRIGGER, None, "people", 1).row()
        self.cloud.row(**row, **({"clients": clients} if clients else {}))
        self.set_trigger(TRIGGER)

    def set_trigger(self, arn: str) -> None:
        config = {"UserMigration": arn} if arn else {}
        self.cognito.update_user_pool(UserPoolId=self.pool, LambdaConfig=config)

    def built_index(self) -> None:
        self.cloud.row(pk=f"index#{self.pool}", sk="state", started_at=1, built_at=2, users=1)

    def reserve(self, old: PoolUser) -> None:
        index = ReservationIndex(self.cloud.dynamodb, "ledger")
        for reservation in reservations_of(old):
            index.reserve(self.pool, reservation, spent=lambda _: None)

    def sign_up(self, name: str, **attributes: str) -> str:
        """The sub of a new user."""
        rows = [{"Name": key, "Value": value} for key, value in attributes.items()]
        made = self.cognito.admin_create_user(
            UserPoolId=self.pool, Username=name, UserAttributes=rows, MessageAction="SUPPRESS"
        )["User"]
        return str(next(row["Value"] for row in made["Attributes"] if row["Name"] == "sub"))

    def whole_round(self) -> Any:
        """Sixteen runs."""
        for _ in range(16):
            count = self.watch.squatted(lambda: False)
        return count

    def with_settings(self, **changed: Any) -> Watch:
        return replace(self.watch, settings=replace(self.watch.settings, **changed))


@pytest.fixture
def watched() -> Iterator[Watched]:
    with mock_aws():
        cloud = Cloud()
        attribute = {"Name": "old_sub", "AttributeDataType": "String", "Mutable": False}
        pool = AWS.client("cognito-idp").create_user_pool(PoolName="w", Schema=[attribute])["UserPool"]["Id"]
        yield Watched(cloud, pool, made(cloud, pool))


def made(cloud: Cloud, pool: str) -> Watch:
    say: Callable[[str], None] = lambda _: None  # noqa: E731
    calls = PacedCalls(AWS.client("cognito-idp"), per_second=1e6, say=say)
    settings = WatchSettings("ledger", (), pool)
    return Watch(settings, calls, AWS.client("lambda"), cloud.dynamodb, lambda: 7.0)
