"""The verbs of the approval desk, each one transaction; they stand above those of booking."""
