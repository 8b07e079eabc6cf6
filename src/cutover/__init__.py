"""cutover moves a live Amazon Cognito user pool and its DynamoDB tables to new ones, without a pause.

Two edges and a core; data flows one way through it:

    handlers, cli, rehearsal  ->  aws  ->  users, tables, control  ->  the standard library

Users. The new pool's migration trigger asks the old pool about a person who signs in for the first time
(`users.decide`, by the one table in `users.decision_table`). An **offer** is written to the ledger before
Cognito is answered; a delayed message **confirms** it once that person is seen in the new pool
(`users.settle`). Confirmed users never come back through the old pool.

Tables. Whatever happens to a table is reduced to source keys, and `tables.converge` makes the target right
for a key: write what the source holds, read the source again after the write, repeat for what changed
meanwhile. The mirror (a stream), the backfill (a scan), retries, redrive and repairs all end there, so order,
duplicates and crashes do not matter.

Control. What changes a live system is a plan first and an execution second; `--dry-run` prints the very plan
that the real run executes.
"""

__version__ = "0.1.0"
