"""What `cutover doctor` makes of what it saw: one file a subject, each `facts -> findings`."""
