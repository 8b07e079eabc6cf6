"""Plans, interlocks and status: what an operator's verb decides before anything is called."""
