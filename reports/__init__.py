"""STOREY: What finance reads. Empty until the finance-desk issue."""
