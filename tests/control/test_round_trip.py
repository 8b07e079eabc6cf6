"""Attach and detach leave a pool as it was, on a service that resets whatever is left out."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from cutover.control.attach import attach
from cutover.control.detach import detach
from cutover.control.pool_diff import differences
from tests.control.pool_strategies import pools
from tests.control.pools import OTHER, TRIGGER, Bench, bench
from tests.fakes.cognito import Cognito


def round_trip(on: Bench) -> None:
    attach(on.attach_plan(), on.attach_ports())
    assert on.service.pool["LambdaConfig"]["UserMigration"] == TRIGGER
    detach(on.detach_plan(), on.detach_ports())


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(pools())
def test_any_pool_of_the_sdks_model_is_the_same_after_attach_and_detach(pool: dict[str, Any]) -> None:
    on = Bench(Cognito(pool))
    before = deepcopy(pool)
    round_trip(on)
    assert differences(before, on.service.pool) == ()


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(pools())
def test_attach_changes_the_one_trigger_and_no_other_leaf(pool: dict[str, Any]) -> None:
    on = Bench(Cognito(pool))
    before = deepcopy(pool)
    attach(on.attach_plan(), on.attach_ports())
    assert [change.path for change in differences(before, on.service.pool)] == ["LambdaConfig.UserMigration"]


KMS = "arn:aws:kms:eu-west-1:123456789012:key/0a"
SENDER = {"LambdaVersion": "V1_0", "LambdaArn": OTHER}


@pytest.mark.parametrize(
    "unusual",
    [
        {"LambdaConfig": {"PreSignUp": OTHER, "CustomEmailSender": SENDER, "KMSKeyID": KMS}},
        {
            "LambdaConfig": {
                "PreTokenGeneration": OTHER,
                "PreTokenGenerationConfig": {**SENDER, "LambdaVersion": "V3_0"},
            }
        },
        {"LambdaConfig": {"InboundFederation": SENDER}},
        {"UserPoolTags": {"team": "shop"}},
        {"UserPoolTier": "PLUS", "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}},
        {"AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "admin_only"}]}},
        {"MfaConfiguration": "ON"},
        {"DeletionProtection": "ACTIVE"},
        {
            "DeviceConfiguration": {
                "ChallengeRequiredOnNewDevice": True,
                "DeviceOnlyRememberedOnUserPrompt": False,
            }
        },
        {
            "AutoVerifiedAttributes": ["email", "phone_number"],
            "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
        },
        {"KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": KMS}},
        {"SmsConfiguration": {"EumsSms": {"CallerArn": OTHER}}},
    ],
    ids=lambda unusual: "+".join(unusual),
)
def test_an_unusual_setting_survives(unusual: dict[str, Any]) -> None:
    on = bench(**unusual)
    before = deepcopy(on.service.pool)
    round_trip(on)
    assert differences(before, on.service.pool) == ()
