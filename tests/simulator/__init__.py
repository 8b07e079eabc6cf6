"""A strict simulator of Cognito user pools, in this process. It is not AWS.

It plays what no emulator has: migration triggers with their five seconds and three tries, answers that get
lost, PreSignUp during a migration, PreventUserExistenceErrors, aliases that move, lockouts, challenges, short
pages. Each rule carries the address of the page that it was written from (`tests.simulator.pages`); where no
page says what the service does, the rule says so and takes the harder case, or is a switch for both cases.

It is reached by real boto3 clients, so that the SDK's own validation, encoding and parsing are part of a
test. Nothing that passes here has thereby been seen on AWS.
"""
