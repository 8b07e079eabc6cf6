"""A function of the stack as doctor and the watch look at it: what is live, and what is newest."""

from __future__ import annotations

from typing import Any

from cutover.control.doctor.facts import FunctionFacts

ALIAS = "live"


def read_function(client: Any, name: str, function: str) -> FunctionFacts:
    """`function` is its name or ARN, `name` what it is called in the template. Raises ClientError.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
    """
    latest = client.get_function_configuration(FunctionName=function)
    pages = client.get_paginator("list_aliases").paginate(FunctionName=function)
    alias = next((row for page in pages for row in page["Aliases"] if row["Name"] == ALIAS), None)
    if alias is None:
        return FunctionFacts(name, latest=latest, alias_found=False)
    live = client.get_function_configuration(FunctionName=function, Qualifier=ALIAS)
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return FunctionFacts(name, live=live, latest=latest, weights=weights)
