"""Attach and detach leave a pool as it was, on a service that resets whatever is left out."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from cutover.control.attach import attach
from cutover.control.detach import detach
from cutover.control.pool_diff import differences
from cutover.control.trigger_set import CLAIMS_CONFIG, KINDS, arn_of
from tests.control.pool_strategies import pools
from tests.control.pools import OTHER, OURS, Bench, bench
from tests.fakes.cognito import Cognito


def round_trip(on: Bench) -> None:
    attach(on.attach_plan(), on.attach_ports())
    assert {kind: arn_of(on.service.pool["LambdaConfig"], kind) for kind in KINDS} == OURS
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
def test_attach_changes_our_triggers_and_no_other_leaf(pool: dict[str, Any]) -> None:
    on = Bench(Cognito(pool))
    before = deepcopy(pool)
    attach(on.attach_plan(), on.attach_ports())
    changed = {".".join(change.path.split(".")[:2]) for change in differences(before, on.service.pool)}
    assert changed <= {f"LambdaConfig.{name}" for name in (*KINDS, CLAIMS_CONFIG)}


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
