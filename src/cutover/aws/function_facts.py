"""A function of the stack as doctor and the watch look at it: what is live, and what is newest."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.faults import error_code
from cutover.control.doctor.facts import FunctionFacts

ALIAS = "live"


def read_function(client: Any, name: str, function: str) -> FunctionFacts:
    """`function` is its name or ARN, `name` what it is called in the template. Raises ClientError.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
    """
    latest = client.get_function_configuration(FunctionName=function)
    try:
        alias = client.get_alias(FunctionName=function, Name=ALIAS)
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        return FunctionFacts(name, latest=latest, alias_found=False)
    live = client.get_function_configuration(FunctionName=function, Qualifier=ALIAS)
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return FunctionFacts(name, live=live, latest=latest, weights=weights)
