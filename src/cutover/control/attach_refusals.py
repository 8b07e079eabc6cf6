"""What refuses attach, each named condition in its order."""

from __future__ import annotations

from cutover.control.attach_facts import Accepted, AttachFacts
from cutover.control.refusals import Refusal
from cutover.control.takeover_checks import refuse_old_sign_up
from cutover.control.trigger_plan import TriggerPlan
from cutover.control.trigger_set import GUARD

NO_GUARD = Refusal(
    "no_guard",
    "the deployed stack has no sign-up guard",
    cause="it is of an older template, and while it is attached anybody may sign up in the new pool under "
    "an old user's name, e-mail or phone number before that user comes over: the owner is then kept out, and "
    "the stranger gets what an application sends to that name",
    fix="deploy this version's template.yaml; or accept the risk with --without-guard, and close self "
    "sign-up of the new pool while it is attached (AllowAdminCreateUserOnly)",
    options=("--without-guard",),
)


def refusals_of(facts: AttachFacts, triggers: TriggerPlan, accepted: Accepted) -> tuple[Refusal, ...]:
    """Everything but the look at the users."""
    found = [*triggers.refusals, *facts.attribute.refusals, *facts.name_refusals]
    if facts.attribute.missing and not accepted.add_attribute:
        found.append(_attribute_missing(facts.attribute.name))
    if GUARD not in facts.stack_triggers.functions and not accepted.no_guard:
        found.append(NO_GUARD)
    old_sign_up = refuse_old_sign_up(facts.old_sign_up)
    if old_sign_up and not accepted.old_sign_up_open:
        found.append(old_sign_up)
    return tuple(found)


def names_taken(count: int) -> Refusal:
    return Refusal(
        "names_taken",
        f"{count} users of the new pool already hold a name, an e-mail or a phone number of an old user",
        cause="they came there by another way than this migration, and the old users are kept out by them",
        fix="look at each one (--show-users names them) and delete or rename the strangers, or accept them "
        "all with --allow-taken-names",
        options=("--allow-taken-names",),
    )


def _attribute_missing(name: str) -> Refusal:
    return Refusal(
        "old_sub_missing",
        f"the new pool has no attribute {name}",
        cause="it keeps every migrated user's old sub; a pool's attribute can never be removed again",
        fix="let attach add it with --add-attribute, which cannot be undone",
        options=("--add-attribute",),
    )
