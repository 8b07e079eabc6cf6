"""Where what a finding rests on is written down: the page of a code."""

from __future__ import annotations

from collections.abc import Mapping

_DYNAMODB = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"
_LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg"
_SIMULATION = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html"
_CONSTRAINTS = f"{_DYNAMODB}/Constraints.html"
_READERS = f"{_DYNAMODB}/ServiceQuotas.html#limits-dynamodb-streams"
_KEYS = f"{_DYNAMODB}/encryption.usagenotes.html"
_KINESIS = f"{_DYNAMODB}/kds.html"

LINKS: Mapping[str, str] = {
    "email_limit": "https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-email.html",
    "quota_shared": "https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html",
    "quota_near": "https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html",
    "permission_denied": _SIMULATION,
    "key_denied": _SIMULATION,
    "key_not_in_policies": _KEYS,
    "key_of_a_role": _KEYS,
    "key_not_enabled": "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
    "ttl_on_target": f"{_DYNAMODB}/howitworks-ttl.html",
    "ttl_after_switch": f"{_DYNAMODB}/howitworks-ttl.html",
    "collection_limit": f"{_DYNAMODB}/LSI.html#LSI.ItemCollections",
    "target_deletable": f"{_DYNAMODB}/WorkingWithTables.Basics.html",
    "target_not_recoverable": f"{_DYNAMODB}/PointInTimeRecovery.html",
    "global_table_2017": f"{_DYNAMODB}/globaltables.V1.html",
    "source_is_global": f"{_DYNAMODB}/GlobalTables.html",
    "stream_off": f"{_DYNAMODB}/Streams.html",
    "stream_renewed": f"{_DYNAMODB}/Streams.html",
    "stream_keys_only": f"{_DYNAMODB}/Streams.html",
    "stream_not_shared": f"{_DYNAMODB}/rbac-examples.html",
    "stream_taken": _READERS,
    "stream_full": _READERS,
    "readers_unseen": _READERS,
    "stream_elsewhere": f"{_LAMBDA}/with-ddb.html",
    "mirror_stands": f"{_LAMBDA}/with-ddb.html",
    "kinesis_destination": _KINESIS,
    "kinesis_of_no_pair": _KINESIS,
    "kinesis_filtered": f"{_LAMBDA}/invocation-eventfiltering.html",
    "limit_low": f"{_DYNAMODB}/on-demand-capacity-mode-max-throughput.html",
    "capacity_low": f"{_DYNAMODB}/provisioned-capacity-mode.html",
    "capacity_scales": f"{_DYNAMODB}/AutoScaling.html",
    "warm_low": f"{_DYNAMODB}/warm-throughput.html",
    "index_capacity_low": f"{_DYNAMODB}/GSI.html#GSI.ThroughputConsiderations.Writes",
    "backfill_long": f"{_DYNAMODB}/read-write-operations.html",
    "item_too_large": _CONSTRAINTS,
    "item_nearly_too_large": _CONSTRAINTS,
    "key_refused": _CONSTRAINTS,
    "index_key_refused": _CONSTRAINTS,
    "index_type_differs": f"{_DYNAMODB}/GSI.html",
}
"""code -> the page of AWS. What is ours alone stands in `docs/doctor.md`."""
