"""An HTTP front of the emulator that plays what the emulator lacks of Cognito, over public APIs only.

It is not AWS. Each rule carries the address of the public page that it was written from; where no page says
what the real service answers, the rule says so.
"""
