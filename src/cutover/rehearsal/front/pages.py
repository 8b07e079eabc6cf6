"""The public pages that the rules of this folder were written from."""

from __future__ import annotations

GUIDE = "https://docs.aws.amazon.com/cognito/latest/developerguide/"
API = "https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/"

MIGRATION_TRIGGER = GUIDE + "user-pool-lambda-migrate-user.html"
"""When the trigger runs, what it is sent, what it may answer."""
MIGRATION_IMPORT = GUIDE + "cognito-user-pools-import-using-lambda.html"
MIGRATION_ERRORS = "https://repost.aws/knowledge-center/cognito-migration-lambda-trigger-errors"
"""What a client sees when the trigger's answer is wrong."""
TRIGGERS = GUIDE + "cognito-user-pools-working-with-lambda-triggers.html"
"""Five seconds, and three tries."""
EXISTENCE_ERRORS = GUIDE + "cognito-user-pool-managing-errors.html"
CASE = GUIDE + "user-pool-case-sensitivity.html"
SECRET_HASH = GUIDE + "signing-up-users-in-your-app.html"
CLIENT_FLOWS = API + "API_UserPoolClientType.html"
UPDATE_POOL = API + "API_UpdateUserPool.html"
UPDATE_CLIENT = API + "API_UpdateUserPoolClient.html"
FORGOT_PASSWORD = API + "API_ForgotPassword.html"
LIST_USERS = API + "API_ListUsers.html"
ADMIN_CREATE_CONFIG = API + "API_AdminCreateUserConfigType.html"
INITIATE_AUTH = API + "API_AdminInitiateAuth.html"
