"""What a check says: a code, how bad it is, whom it is about, why, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cutover.control.doctor.links import LINKS
from cutover.control.refusals import Refusal
from cutover.control.status_data import Command


class Severity(StrEnum):
    """`error`: it will not work, or not safely. `warning`: somebody will notice. `note`: good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Area(StrEnum):
    """Findings are shown area by area, in this order."""

    STACK = "stack"
    FUNCTIONS = "functions"
    NEW_POOL = "new pool"
    OLD_POOL = "old pool"
    CLIENTS = "app clients"
    USERS = "users"
    LEDGER = "ledger"
    TABLES = "tables"
    STREAMS = "streams"
    CAPACITY = "capacity"
    ITEMS = "items"
    READING = "reading"


E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE

CATALOGUE: Mapping[str, tuple[Area, Severity]] = {
    "stack_unfinished": (Area.STACK, E),
    "stack_unprotected": (Area.STACK, W),
    "settings_refused": (Area.STACK, E),
    "function_missing": (Area.FUNCTIONS, E),
    "alias_missing": (Area.FUNCTIONS, E),
    "alias_behind": (Area.FUNCTIONS, E),
    "alias_split": (Area.FUNCTIONS, W),
    "permission_denied": (Area.FUNCTIONS, E),
    "function_not_active": (Area.FUNCTIONS, E),
    "no_alias": (Area.FUNCTIONS, E),
    "wrong_region": (Area.FUNCTIONS, E),
    "no_invoke_permission": (Area.FUNCTIONS, E),
    "open_invoke_permission": (Area.FUNCTIONS, E),
    "attach_unfinished": (Area.NEW_POOL, E),
    "trigger_gone": (Area.NEW_POOL, E),
    "trigger_foreign": (Area.NEW_POOL, E),
    "foreign_trigger": (Area.NEW_POOL, E),
    "unknown_setting": (Area.NEW_POOL, E),
    "pool_missing": (Area.NEW_POOL, E),
    "old_sub_missing": (Area.NEW_POOL, W),
    "old_sub_mutable": (Area.NEW_POOL, E),
    "old_sub_type": (Area.NEW_POOL, E),
    "old_sub_writable": (Area.NEW_POOL, E),
    "old_sub_mapped": (Area.NEW_POOL, E),
    "sign_up_unguarded": (Area.NEW_POOL, E),
    "name_changeable": (Area.NEW_POOL, E),
    "chain_not_deployed": (Area.NEW_POOL, E),
    "chained_to_itself": (Area.NEW_POOL, E),
    "pre_authentication": (Area.NEW_POOL, N),
    "custom_sender": (Area.NEW_POOL, N),
    "email_limit": (Area.NEW_POOL, W),
    "kept_by_a_stack": (Area.NEW_POOL, W),
    "kept_elsewhere": (Area.NEW_POOL, N),
    "provider_missing": (Area.NEW_POOL, W),
    "same_pool": (Area.OLD_POOL, E),
    "old_sign_up_open": (Area.OLD_POOL, W),
    "old_trigger_runs": (Area.OLD_POOL, W),
    "old_role_refused": (Area.OLD_POOL, N),
    "second_factor_refused": (Area.OLD_POOL, W),
    "second_factor_refuses_all": (Area.OLD_POOL, E),
    "second_factor_dropped": (Area.OLD_POOL, W),
    "second_factor_asked": (Area.NEW_POOL, N),
    "quota_shared": (Area.OLD_POOL, N),
    "quota_near": (Area.OLD_POOL, W),
    "old_client_missing": (Area.CLIENTS, E),
    "old_client_flow": (Area.CLIENTS, E),
    "old_client_secret_missing": (Area.CLIENTS, E),
    "old_client_secret_unused": (Area.CLIENTS, W),
    "old_client_open": (Area.CLIENTS, W),
    "no_client_can_fire": (Area.CLIENTS, E),
    "client_cannot_fire": (Area.CLIENTS, W),
    "client_of_machines": (Area.CLIENTS, N),
    "client_fires_partly": (Area.CLIENTS, N),
    "client_tells_users": (Area.CLIENTS, W),
    "client_without_list": (Area.CLIENTS, N),
    "allowed_client_unknown": (Area.CLIENTS, W),
    "users_refused": (Area.USERS, E),
    "users_nameless": (Area.USERS, E),
    "required_attribute": (Area.USERS, W),
    "attribute_dropped": (Area.USERS, W),
    "names_collide": (Area.USERS, W),
    "contacts_collide": (Area.USERS, W),
    "federated_users": (Area.USERS, N),
    "unconfirmed_users": (Area.USERS, N),
    "squatted": (Area.USERS, E),
    "index_missing": (Area.LEDGER, E),
    "index_building": (Area.LEDGER, W),
    "index_old": (Area.LEDGER, W),
    "settle_dead_letters": (Area.LEDGER, W),
    "table_missing": (Area.TABLES, E),
    "table_not_active": (Area.TABLES, E),
    "transform_refused": (Area.TABLES, E),
    "keys_change": (Area.TABLES, N),
    "subs_without_users": (Area.TABLES, E),
    "kinesis_filtered": (Area.STREAMS, E),
    "kinesis_of_no_pair": (Area.STREAMS, W),
    "keys_differ": (Area.TABLES, E),
    "index_type_differs": (Area.TABLES, E),
    "account_differs": (Area.TABLES, E),
    "table_not_permitted": (Area.TABLES, E),
    "table_of_no_pair": (Area.TABLES, W),
    "key_denied": (Area.TABLES, E),
    "key_not_in_policies": (Area.TABLES, W),
    "key_not_enabled": (Area.TABLES, E),
    "key_of_a_role": (Area.TABLES, N),
    "ttl_on_target": (Area.TABLES, W),
    "ttl_differs": (Area.TABLES, W),
    "ttl_after_switch": (Area.TABLES, N),
    "collection_limit": (Area.TABLES, W),
    "target_deletable": (Area.TABLES, W),
    "target_not_recoverable": (Area.TABLES, W),
    "global_table_2017": (Area.TABLES, N),
    "source_is_global": (Area.TABLES, N),
    "stream_off": (Area.STREAMS, E),
    "stream_not_mapped": (Area.STREAMS, E),
    "stream_renewed": (Area.STREAMS, E),
    "stream_elsewhere": (Area.STREAMS, E),
    "stream_not_shared": (Area.STREAMS, E),
    "stream_taken": (Area.STREAMS, E),
    "mirror_stands": (Area.STREAMS, E),
    "stream_full": (Area.STREAMS, W),
    "stream_of_no_pair": (Area.STREAMS, W),
    "stream_keys_only": (Area.STREAMS, N),
    "readers_unseen": (Area.STREAMS, N),
    "kinesis_destination": (Area.STREAMS, N),
    "limit_low": (Area.CAPACITY, W),
    "capacity_low": (Area.CAPACITY, W),
    "capacity_scales": (Area.CAPACITY, N),
    "warm_low": (Area.CAPACITY, W),
    "index_capacity_low": (Area.CAPACITY, W),
    "backfill_long": (Area.CAPACITY, N),
    "transform_fails": (Area.ITEMS, E),
    "item_too_large": (Area.ITEMS, E),
    "key_refused": (Area.ITEMS, E),
    "index_key_refused": (Area.ITEMS, E),
    "keys_collide": (Area.ITEMS, E),
    "inverse_wrong_key": (Area.ITEMS, E),
    "inverse_loses": (Area.ITEMS, W),
    "item_nearly_too_large": (Area.ITEMS, W),
    "items_unmapped": (Area.ITEMS, N),
    "items_left_out": (Area.ITEMS, N),
    "sample_empty": (Area.ITEMS, N),
    "unread": (Area.READING, W),
}
"""code -> (area, severity); `docs/doctor.md` has the same table for people, and a test compares the two."""


@dataclass(frozen=True)
class Finding:
    """`words` are those of the `cutover` command to run next, where one helps. `data` is for machines and
    holds no name of a user unless the operator asked for names."""

    code: str
    what: str
    reason: str = ""
    fix: str = ""
    words: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def area(self) -> Area:
        return CATALOGUE.get(self.code, (Area.NEW_POOL, Severity.ERROR))[0]

    @property
    def severity(self) -> Severity:
        """What attach refuses by a code that is not in the catalogue is an error as well."""
        return CATALOGUE.get(self.code, (Area.NEW_POOL, Severity.ERROR))[1]

    @property
    def link(self) -> str:
        """AWS's page on it; empty where it is ours alone."""
        return LINKS.get(self.code, "")

    def as_json(self, command: Command) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity.value,
            "area": self.area.value,
            "what": self.what,
            "reason": self.reason,
            "fix": self.fix,
            "link": self.link or None,
            "next": command(*self.words) if self.words else None,
            "data": dict(self.data),
        }


def of_refusal(refusal: Refusal, *, words: tuple[str, ...] = ()) -> Finding:
    """What attach would refuse, as a finding."""
    return Finding(refusal.code, refusal.message, refusal.cause, refusal.fix, words)


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """Area by area, in each the worst first; what is equal stays in the order in which it was found."""
    areas, severities = list(Area), list(Severity)
    return tuple(sorted(findings, key=lambda one: (areas.index(one.area), severities.index(one.severity))))
