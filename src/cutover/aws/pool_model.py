"""UpdateUserPool and DescribeUserPool as the installed SDK's own model has them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cutover.aws.carried import Carried
from cutover.control.pool_ports import SettingsModel
from cutover.control.pool_settings import NOT_CARRIED


def settings_model(client: Any) -> SettingsModel:
    """What is carried over; LambdaConfig may be sent empty, which takes every trigger out."""
    model = _carried(client).model()
    return replace(model, never_empty=model.never_empty - {"LambdaConfig"})


def not_carriable(client: Any, raw_pool: Any) -> list[str]:
    """The paths of a raw description that an update of ours would lose.

    What GetUserPoolMfaConfig owns is left aside: SetUserPoolMfaConfig alone sets it, and it is compared by
    its own reply. Some emulators show it in the description too.
    """
    second_factors = _second_factors(client)
    return _carried(client).lost(
        {name: value for name, value in raw_pool.items() if name not in second_factors}
    )


def _carried(client: Any) -> Carried:
    return Carried.of(client, "UpdateUserPool", "DescribeUserPool", "UserPool", NOT_CARRIED)


def _second_factors(client: Any) -> set[str]:
    owned = client.meta.service_model.operation_model("GetUserPoolMfaConfig").output_shape.members
    return set(owned) - set(_carried(client).described.members)
