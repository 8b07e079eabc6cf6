"""Attackers, owners, administrators and outages against the users' functions, over the simulated pools.

What is attacked is real: the handlers, the decisions and the adapters, with boto3 clients. Simulated are
Cognito (`tests.simulator`, which is not AWS), the queue and the clock; the ledger is moto's.
"""
