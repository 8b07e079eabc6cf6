"""`make bench`: what correctness costs, measured side by side with the plain ways of doing the same."""
