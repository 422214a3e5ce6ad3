"""STOREY: settled money against the book. Empty until the reconciliation issue."""
