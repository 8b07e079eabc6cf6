"""A whole cutover on one machine: the local stack, made-up data, and the story of a migration."""
