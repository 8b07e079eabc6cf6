"""The users' half of a status: each part is found where AWS keeps it, and a refused part is named."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from cutover.aws.ledger_reader import LedgerReader
from cutover.aws.status_users import UsersReader
from cutover.aws.unread import Unread
from cutover.control.ledger_rows import Attachment, AttachState
from cutover.control.rollout_plan import RolloutState
from cutover.control.status_facts import Counted
from tests.aws.cloud import AWS, REGION, Cloud

AT = 1_800_000_000


@pytest.fixture
def users(cloud: Cloud, unread: Unread) -> UsersReader:
    return UsersReader(AWS, LedgerReader(cloud.dynamodb, "ledger"), unread, AT)


def test_the_live_pools_trigger_is_read(cloud: Cloud, users: UsersReader) -> None:
    AWS.client("cognito-idp").update_user_pool(
        UserPoolId=cloud.new, LambdaConfig={"UserMigration": "arn:aws:lambda:eu-west-1:1:function:f:live"}
    )
    assert users.read(cloud.new, cloud.deployment).trigger == "arn:aws:lambda:eu-west-1:1:function:f:live"


def test_what_attach_wrote_down_is_read(cloud: Cloud, users: UsersReader) -> None:
    attachment = Attachment(cloud.new, AttachState.ATTACHED, "arn:ours", None, "people", at=100)
    cloud.row(**attachment.row())
    assert users.read(cloud.new, None).attachment == attachment


def test_users_are_counted_by_state_with_the_oldest_open_one(cloud: Cloud, users: UsersReader) -> None:
    for number, state in enumerate(("offered", "offered", "confirmed", "reset_offered")):
        cloud.row(pk=f"user#{number}", sk="state", listed=f"user#{state}", listed_at=100 + number)
    facts = users.read(cloud.new, cloud.deployment)
    assert facts.counts == {
        "offered": Counted(2),
        "reset_offered": Counted(1),
        "confirmed": Counted(1),
        "imported": Counted(0),
        "released": Counted(0),
    }
    assert facts.oldest == {"offered": 100, "reset_offered": 103}


def test_the_rollout_is_read(cloud: Cloud, users: UsersReader) -> None:
    assert users.read(cloud.new, None).rollout == RolloutState()
    cloud.row(pk=f"control#{cloud.new}", sk="rollout", percent=20, paused="why")
    assert users.read(cloud.new, None).rollout == RolloutState(20, "why")


def test_the_estimates_of_both_pools_are_read(cloud: Cloud, users: UsersReader) -> None:
    AWS.client("cognito-idp").admin_create_user(UserPoolId=cloud.old, Username="ann")
    assert set(users.read(cloud.new, cloud.deployment).estimates) == {"old", "new"}


def test_the_settle_queues_are_read(cloud: Cloud, users: UsersReader) -> None:
    cloud.sqs.send_message(QueueUrl=cloud.queues["SettleQueueUrl"], MessageBody="{}")
    cloud.sqs.send_message(QueueUrl=cloud.queues["SettleDeadLetterQueueUrl"], MessageBody="{}")
    facts = users.read(cloud.new, cloud.deployment)
    assert facts.settling is not None
    assert facts.settling.waiting == 1
    assert facts.dead is not None
    assert facts.dead.total == 1


def test_a_pool_that_may_not_be_read_is_named_and_the_rest_is_there(
    cloud: Cloud, users: UsersReader, unread: Unread
) -> None:
    facts = users.read(f"{REGION}_gone", cloud.deployment)
    assert facts.pool_read is False
    assert facts.counts["confirmed"] == Counted(0)
    assert unread.notes == ["the new pool: DescribeUserPool ResourceNotFoundException"]


def test_a_lost_network_is_not_taken_for_a_refusal(unread: Unread) -> None:
    def read() -> None:
        raise EndpointConnectionError(endpoint_url="https://x")

    with pytest.raises(EndpointConnectionError):
        unread.attempt("the pool", read)


def test_a_ledger_without_the_index_is_named(cloud: Cloud, unread: Unread) -> None:
    class Bare:
        def query(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "ValidationException", "Message": "no index"}}, "Query")

        def get_item(self, **_: Any) -> dict[str, Any]:
            return {}

    reader = UsersReader(AWS, LedgerReader(Bare(), "ledger"), unread, AT)
    assert reader.read(cloud.new, None).counts == {}
    assert "how many users are confirmed: Query ValidationException" in unread.notes
