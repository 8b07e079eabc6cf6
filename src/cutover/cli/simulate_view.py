"""An explanation of one user's sign-in, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from cutover.users.explain import Explanation
from cutover.users.meanings import MEANINGS
from cutover.users.parts import Outcome
from cutover.users.ports import Profile

_WIDTH = 16
_ANSWERS = {
    "confirmed": "the user is made with that password and is in",
    "reset": "the user is made and has to reset the password, by a code",
    "untouched": "no user is made; what they see is what a wrong password shows",
    "error": "Cognito is told of a fault and tries again",
}


def as_data(explanation: Explanation) -> dict[str, Any]:
    """Values of attributes are left out: their names say what happens."""
    carried, row = explanation.carried, explanation.row
    return {
        "asked_as": explanation.name,
        "trigger_is_asked": explanation.new is None,
        "password_tried": explanation.password_tried,
        "old_pool": _profile(explanation.old),
        "new_pool": _profile(explanation.new),
        "ledger": None if row is None else {"state": row.state, "target_name": row.target_name},
        "sign_in": _outcome(explanation.sign_in),
        "weak_password_resets": explanation.weak_resets,
        "forgot_password": _outcome(explanation.forgot_password),
        "target": None
        if explanation.target is None
        else {"name": explanation.target.name, "by": explanation.target.by},
        "target_problem": explanation.target_problem or None,
        "attributes": [asdict(fate) for fate in explanation.fates],
        "old_sub_in": carried.old_sub_in or None if carried else None,
        "missing": list(explanation.missing),
        "held_by_others": list(explanation.held),
    }


def answer_of(outcome: Outcome) -> str:
    """What Cognito would be answered, in one word."""
    if outcome.decision.is_fault:
        return "error"
    if outcome.response is None:
        return "untouched"
    return "confirmed" if outcome.response.get("finalUserStatus") == "CONFIRMED" else "reset"


def screen(explanation: Explanation) -> str:
    return "\n".join(_lines(explanation))


def _lines(told: Explanation) -> Iterator[str]:
    yield _row("ASKED AS", told.name)
    yield from _pools(told)
    password = "THIS PASSWORD" if told.password_tried else "RIGHT PASSWORD"
    yield from _decision(password, told.sign_in)
    if told.weak_resets and answer_of(told.sign_in) == "confirmed":
        yield _row("", "a password weaker than the new pool's policy would have to be reset (WeakPassword)")
    yield from _decision("FORGOT PASSWORD", told.forgot_password)
    if told.held:
        yield _row(
            "ALIAS TAKEN", f"{', '.join(told.held)}: somebody in the new pool holds it, so no user is made"
        )
    if told.old is None:
        return
    yield _row("NAME THERE", told.target.name if told.target else f"none: {told.target_problem}")
    if told.missing:
        yield _row("MISSING", f"{', '.join(told.missing)}: the new pool requires it")
    yield _row("OLD SUB", _old_sub(told))
    yield "ATTRIBUTES"
    widest = max((len(fate.name) for fate in told.fates), default=0)
    for fate in told.fates:
        became = "comes over" if fate.becomes == fate.name else f"comes over as {fate.becomes}"
        yield f"  {fate.name:<{widest}}  {became if fate.becomes else f'stays: {fate.why}'}"


def _pools(told: Explanation) -> Iterator[str]:
    yield _row("OLD POOL", _shown(told.old))
    yield _row("NEW POOL", _shown(told.new))
    if told.new is not None:
        yield _row(
            "", "the trigger is never asked for a name that is there; the rest is what would hold else"
        )
    if told.row is None:
        yield _row("LEDGER", "no row")
        return
    since = (
        datetime.fromtimestamp(told.row.last_offered_at, UTC).isoformat() if told.row.last_offered_at else ""
    )
    yield _row("LEDGER", f"{told.row.state}, as {told.row.target_name} {since}".rstrip())


def _shown(profile: Profile | None) -> str:
    if profile is None:
        return "nobody of that name"
    said = [profile.username, profile.status, "enabled" if profile.enabled else "DISABLED"]
    factors = sorted(set(profile.second_factors))
    return ", ".join([*said, f"second factor {', '.join(factors)}" if factors else "no second factor"])


def _decision(title: str, outcome: Outcome) -> Iterator[str]:
    meaning = MEANINGS[outcome.decision]
    yield _row(title, f"{outcome.decision}: {_ANSWERS[answer_of(outcome)]}")
    yield _row("", meaning.why + (f" ({outcome.cause})" if outcome.cause else ""))
    if outcome.response is None and meaning.help:
        yield _row("", meaning.help)
    if outcome.decision.is_fault:
        yield _row("", "seen with this command's credentials; the function's own may be allowed more")


def _old_sub(told: Explanation) -> str:
    if told.carried is not None and told.carried.old_sub_in:
        return f"kept in {told.carried.old_sub_in}"
    if told.legacy_sub is None:
        return "kept in the ledger alone"
    return f"kept in the ledger alone: the new pool has no room for it in {told.legacy_sub}"


def _row(title: str, text: str) -> str:
    return f"{title:<{_WIDTH}} {text}".rstrip()


def _profile(profile: Profile | None) -> dict[str, Any] | None:
    if profile is None:
        return None
    return {
        "username": profile.username,
        "sub": profile.sub,
        "status": profile.status,
        "enabled": profile.enabled,
        "second_factors": sorted(set(profile.second_factors)),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    meaning = MEANINGS[outcome.decision]
    return {
        "decision": str(outcome.decision),
        "answer": answer_of(outcome),
        "cause": outcome.cause or None,
        "why": meaning.why,
        "help": meaning.help or None,
    }
