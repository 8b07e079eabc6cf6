"""The ledger, the bucket of failed batches and the key of the logs: kept, closed, encrypted."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="module")
def ledger(resources: dict[str, Any]) -> dict[str, Any]:
    return dict(resources["Ledger"]["Properties"])


@pytest.fixture(scope="module")
def bucket(resources: dict[str, Any]) -> dict[str, Any]:
    return dict(resources["FailureBucket"]["Properties"])


@pytest.mark.parametrize("name", ["Ledger", "FailureBucket", "FailureBucketPolicy"])
@pytest.mark.parametrize("policy", ["DeletionPolicy", "UpdateReplacePolicy"])
def test_what_was_kept_outlives_the_stack(resources: dict[str, Any], name: str, policy: str) -> None:
    assert resources[name][policy] == "Retain"


def test_the_ledger_is_there_for_users_alone_and_for_tables_alone(resources: dict[str, Any]) -> None:
    assert "Condition" not in resources["Ledger"]


def test_the_ledger_cannot_be_deleted_by_a_slip(ledger: dict[str, Any]) -> None:
    assert ledger["DeletionProtectionEnabled"] is True


def test_the_ledger_can_be_put_back_to_any_second(ledger: dict[str, Any]) -> None:
    assert ledger["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_the_ledger_is_paid_by_request(ledger: dict[str, Any]) -> None:
    assert ledger["BillingMode"] == "PAY_PER_REQUEST"


def test_the_ledger_forgets_what_says_when(ledger: dict[str, Any]) -> None:
    assert ledger["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}


def test_the_ledger_has_the_keys_that_every_row_is_written_with(ledger: dict[str, Any]) -> None:
    assert [(row["AttributeName"], row["KeyType"]) for row in ledger["KeySchema"]] == [
        ("pk", "HASH"),
        ("sk", "RANGE"),
    ]


def test_the_ledger_lists_what_status_counts(ledger: dict[str, Any]) -> None:
    index = ledger["GlobalSecondaryIndexes"][0]
    keys = [(row["AttributeName"], row["KeyType"]) for row in index["KeySchema"]]
    assert (index["IndexName"], keys) == ("listing", [("listed", "HASH"), ("listed_at", "RANGE")])


def test_the_key_attributes_have_their_types(ledger: dict[str, Any]) -> None:
    types = {row["AttributeName"]: row["AttributeType"] for row in ledger["AttributeDefinitions"]}
    assert types == {"pk": "S", "sk": "S", "listed": "S", "listed_at": "N"}


def test_the_bucket_encrypts(bucket: dict[str, Any]) -> None:
    rules = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rules == [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]


def test_the_bucket_cannot_be_made_public(bucket: dict[str, Any]) -> None:
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}


def test_failed_batches_expire(bucket: dict[str, Any]) -> None:
    rule = bucket["LifecycleConfiguration"]["Rules"][0]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 90)


def test_the_bucket_refuses_what_comes_without_tls(resources: dict[str, Any]) -> None:
    statement = resources["FailureBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]
    said = {name: statement[name] for name in ("Effect", "Principal", "Action", "Condition")}
    assert said == {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def test_the_log_key_is_made_by_secrets_manager(resources: dict[str, Any]) -> None:
    made = resources["LogKey"]["Properties"]["GenerateSecretString"]
    assert made["PasswordLength"] >= 32
