"""The tables' half, pure over `ports`: items, converge, mirror, backfill, verify."""
