"""What a straggler is called in the file that a user import job reads.

The file's `cognito:username` is what the user would be created with, so the rules are the trigger's: in a
pool that signs in by e-mail or phone the contact, elsewhere the old user name. Whoever comes from a pool that
makes up its user names to one without aliases is called by the contact that they sign in with.
"""

from __future__ import annotations

from cutover.users.decision_table import Decision, Stop
from cutover.users.names import USERNAME, OldRules, Target, target, vouched
from cutover.users.ports import PoolRules, Profile
from cutover.users.schema import CONTACTS


def import_target(profile: Profile, old: OldRules, new: PoolRules) -> Target:
    """The name in the new pool. Raises Stop `attributes_refused` where that pool cannot hold one."""
    signs_in_by = new.username_attributes
    if not signs_in_by and not new.alias_attributes:
        signs_in_by = old().username_attributes
    if not signs_in_by:
        return target(profile.username, USERNAME, profile, old, new)
    for contact in CONTACTS:
        if contact in signs_in_by and vouched(contact, profile, old):
            return target(profile.attributes[contact], contact, profile, old, new)
    raise Stop(Decision.ATTRIBUTES_REFUSED, "no sign-in name for the new pool")
