"""The emulator's process: `python -m cutover.rehearsal.emulator_main`, with its settings in the environment.

Some things differ from `ministack` itself. Its own players of stream and queue mappings are silenced: the one
loses the records of a partial failure and retries without end, the other fails on a concurrency that a
template's parameter filled in. `rehearsal.pump` plays both instead. Its call of PreSignUp on a sign-up is
silenced too, because `rehearsal.front` makes it; and the groups of a PreTokenGeneration answer of version 2
are read from where Cognito has them. And the process ends with the one that started it, however that ended:
its standard input is a pipe that closes.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any


def _deliver_nothing() -> bool:
    """In the place of the emulator's own pollers: never a batch was taken."""
    return False


def _asked_by_the_front(ask: Callable[..., Any]) -> Callable[..., Any]:
    """PreSignUp of a sign-up overrides nothing here; that of a federated user is left to the emulator."""

    def apply(*words: Any, trigger_source: str = "PreSignUp_ExternalProvider", **named: Any) -> Any:
        if trigger_source == "PreSignUp_SignUp":
            return {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}
        return ask(*words, trigger_source=trigger_source, **named)

    return apply


def _groups_for_both_tokens(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`groupOverrideDetails` stands beside the tokens' own details, not in them:
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html"""

    def response_of(payload: Any) -> Any:
        response = read(payload)
        details = (response or {}).get("claimsAndScopeOverrideDetails") or {}
        for token in ("idTokenGeneration", "accessTokenGeneration"):
            if details.get("groupOverrideDetails"):
                of_token = {
                    **(details.get(token) or {}),
                    "groupOverrideDetails": details["groupOverrideDetails"],
                }
                details[token] = of_token
        return response

    return response_of


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main() -> None:
    from ministack import app  # type: ignore[import-untyped]
    from ministack.services import cognito, lambda_svc  # type: ignore[import-untyped]

    # private names: the pinned version has no switch for any of them
    cognito._apply_presignup_trigger = _asked_by_the_front(cognito._apply_presignup_trigger)  # noqa: SLF001
    cognito._extract_trigger_response = _groups_for_both_tokens(cognito._extract_trigger_response)  # noqa: SLF001
    lambda_svc._poll_dynamodb_streams = _deliver_nothing  # noqa: SLF001
    lambda_svc._poll_sqs = _deliver_nothing  # noqa: SLF001
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = ["ministack"]
    app.main()


if __name__ == "__main__":
    main()
