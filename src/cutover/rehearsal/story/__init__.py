"""The story of a migration, told while it happens on the local stack."""
