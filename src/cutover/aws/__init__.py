"""The only importers of boto3: pools, tables, the ledger, queues, the stack."""
