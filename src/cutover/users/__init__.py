"""The users' half, pure: the decision table, attributes, ledger states, settling."""
