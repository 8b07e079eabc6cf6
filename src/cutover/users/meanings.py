"""Each decision in a sentence for the operator who has to help somebody, and what helps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cutover.users.decision_table import Decision


@dataclass(frozen=True)
class Meaning:
    why: str
    help: str = ""


MEANINGS: Mapping[Decision, Meaning] = {
    Decision.MIGRATED: Meaning("nothing stands in the way"),
    Decision.WRONG_PASSWORD: Meaning(
        "the old pool did not take the password",
        "let them type it again; every attempt counts in the old pool's lockout",
    ),
    Decision.UNKNOWN_USER: Meaning(
        "the old pool knows nobody of that name",
        "ask for another spelling, the e-mail address or the phone number",
    ),
    Decision.TEMPORARY_PASSWORD: Meaning(
        "the old account still has the temporary password of its creation, which proves nothing",
        "let them set a password in the old pool first, or deploy with TemporaryPassword=reset",
    ),
    Decision.MFA_REFUSED: Meaning(
        "the old pool asks for a second factor, which nobody can answer for them here",
        "deploy with MfaPolicy=accept: they come over and have to reset the password",
    ),
    Decision.RESET_REQUIRED: Meaning(
        "the old pool wants the password reset first",
        "let them reset it in the old pool, or deploy with ResetRequired=reset",
    ),
    Decision.DISABLED: Meaning(
        "the old account is disabled", "enable it in the old pool, if it is to live on"
    ),
    Decision.UNCONFIRMED: Meaning(
        "the sign-up in the old pool was never confirmed", "let them confirm it there, or sign up anew"
    ),
    Decision.FEDERATED: Meaning(
        "they sign in by an identity provider and have no password here",
        "let them sign in by the same provider in the new pool; they get a new sub",
    ),
    Decision.RISK_BLOCKED: Meaning(
        "the old pool blocks sign-ins of this account",
        "wait until its lockout is over, or look at its threat protection",
    ),
    Decision.ALREADY_MIGRATED: Meaning(
        "the ledger says that they came over already, and nobody comes over twice",
        "if the new account is gone and they are to come back: cutover release",
    ),
    Decision.ATTRIBUTES_REFUSED: Meaning(
        "what the old profile holds does not make a user of the new pool",
        "complete the old profile, or change the parameter Attributes",
    ),
    Decision.ALIAS_TAKEN: Meaning(
        "somebody else in the new pool holds their e-mail, phone number or preferred name",
        "find out who that is; one of the two accounts has to give it up",
    ),
    Decision.NAME_COLLISION: Meaning(
        "the name in the new pool belongs to another old user, or they were offered another name before",
        "let them sign in with the name that they used first; if the old pool gave it from one to the other, "
        "let that other one sign in by the name they have now",
    ),
    Decision.IDENTITY_MISMATCH: Meaning(
        "the name is neither the exact old user name nor an alias that the old pool vouches for",
        "let them type their user name, as the old pool spells it",
    ),
    Decision.WRONG_POOL: Meaning(
        "that app client is not one of AllowedClientIds", "add the client to the parameter AllowedClientIds"
    ),
    Decision.PAUSED: Meaning(
        "the migration is paused", "let it go on when the reason is over: cutover rollout --resume"
    ),
    Decision.NOT_IN_ROLLOUT: Meaning(
        "it is not their turn yet, or forgotten passwords do not bring anybody over (ForgotPassword)",
        "raise the share (cutover rollout --percent), or deploy with ForgotPassword=on",
    ),
    Decision.CAPPED: Meaning(
        "this hour has had its number of migrations by forgotten passwords",
        "wait for the next hour, or raise ForgotPasswordPerHour",
    ),
    Decision.OLD_POOL_THROTTLED: Meaning("the old pool has too many calls", "try again in a moment"),
    Decision.OLD_POOL_UNAVAILABLE: Meaning("the old pool does not answer", "try again in a moment"),
    Decision.MISCONFIGURED: Meaning(
        "something of the deployment or of the old pool is set wrong", "see the cause"
    ),
}
