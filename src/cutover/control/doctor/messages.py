"""Whether the new pool can send the codes that a migration may make necessary."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding

A_DAY = 50
"""E-mails a day that an account may send with Cognito's own sender:
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-email.html"""


def check(facts: DoctorFacts) -> Iterator[Finding]:
    if facts.new is None or facts.new.triggers.get("CustomEmailSender"):
        return
    sending = (facts.new.settings.get("EmailConfiguration") or {}).get("EmailSendingAccount")
    if sending != "DEVELOPER":
        yield Finding(
            "email_limit",
            f"the new pool sends at most {A_DAY} e-mails a day",
            "it uses Cognito's own sender (COGNITO_DEFAULT); who has to reset their password needs one each",
            "let it send through SES (EmailSendingAccount DEVELOPER)",
        )
