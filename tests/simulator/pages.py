"""The public pages that the rules of this folder were written from, beside those of the rehearsal's front."""

from __future__ import annotations

from cutover.rehearsal.front.pages import (
    ADMIN_CREATE_CONFIG,
    API,
    CASE,
    EXISTENCE_ERRORS,
    FORGOT_PASSWORD,
    GUIDE,
    INITIATE_AUTH,
    LIST_USERS,
    MIGRATION_ERRORS,
    MIGRATION_TRIGGER,
    TRIGGERS,
)

__all__ = [
    "ADMIN_CREATE_CONFIG",
    "CASE",
    "EXISTENCE_ERRORS",
    "FORGOT_PASSWORD",
    "INITIATE_AUTH",
    "LIST_USERS",
    "MIGRATION_ERRORS",
    "MIGRATION_TRIGGER",
    "TRIGGERS",
]

ATTRIBUTES = GUIDE + "user-pool-settings-attributes.html"
"""Names and aliases, required and immutable attributes, what an app client may write."""
UPDATE_SETTINGS = API + "API_UserAttributeUpdateSettingsType.html"
"""A new e-mail or phone number that counts only once it is verified."""
CONFIRM_SIGN_UP = API + "API_ConfirmSignUp.html"
"""`ForceAliasCreation`: whether an alias moves from the user who holds it."""
ADMIN_CREATE_USER = API + "API_AdminCreateUser.html"
"""The same for administrators, and only for an address that they call verified."""
ADMIN_UPDATE_ATTRIBUTES = API + "API_AdminUpdateUserAttributes.html"
ADMIN_GET_USER = API + "API_AdminGetUser.html"
"""A user is found by name, by alias, or by sub."""
ADMIN_SET_PASSWORD = API + "API_AdminSetUserPassword.html"
LOCKOUT = GUIDE + "authentication.html#authentication-flow-lockout-behavior"
CHALLENGES = API + "API_AdminInitiateAuth.html"
PASSWORD_POLICY = API + "API_PasswordPolicyType.html"
PRE_SIGN_UP = GUIDE + "user-pool-lambda-pre-sign-up.html"
PRE_TOKEN = GUIDE + "user-pool-lambda-pre-token-generation.html"
TOKENS = GUIDE + "amazon-cognito-user-pools-using-the-id-token.html"
GROUPS = GUIDE + "cognito-user-pools-user-groups.html"
