"""The names of template.yaml's parameters; a test compares them with the template.

SAM drops a parameter that the template does not have without a word, so a name that is typed is checked here.
"""

from __future__ import annotations

import difflib

from cutover.errors import UsageError

PARAMETERS = frozenset(
    {
        "NewUserPoolId",
        "OldUserPoolId",
        "OldClientId",
        "OldClientSecretArn",
        "OldRegion",
        "OldRoleArn",
        "OldExternalId",
        "Attributes",
        "LegacySubAttribute",
        "MfaPolicy",
        "TemporaryPassword",
        "ResetRequired",
        "WeakPassword",
        "ForgotPassword",
        "ForgotPasswordPerHour",
        "RolloutPercent",
        "Groups",
        "GroupMap",
        "OldSubClaim",
        "EventBusName",
        "AllowedClientIds",
        "GuardText",
        "GuardOnOutage",
        "ChainedPreSignUpArn",
        "ChainedPreTokenArn",
        "TriggerReservedConcurrency",
        "Tables",
        "SourceTableArns",
        "TargetTableArns",
        "SourceStreamArns",
        "SourceKinesisArns",
        "KinesisTables",
        "KinesisRecordAge",
        "SourceRoleArn",
        "TargetRoleArn",
        "ExternalId",
        "SubMapTableArn",
        "ExportBucketArn",
        "ExportKeyArn",
        "MirrorState",
        "MirrorBatchSize",
        "MirrorParallelization",
        "RetryConcurrency",
        "LogRetentionDays",
        "AlarmTopicArn",
        "OnAws",
    }
)


def check_parameter(name: str) -> None:
    """Raises UsageError for a name that is no parameter of the template."""
    if name in PARAMETERS:
        return
    near = difflib.get_close_matches(name, PARAMETERS, n=1)
    raise UsageError(
        f"the template has no parameter {name}",
        cause=f"did you mean {near[0]}?" if near else "its parameters are " + ", ".join(sorted(PARAMETERS)),
        fix="name a parameter of template.yaml, as --set ForgotPassword=on",
    )
