"""STOREY: Signed messages in and out."""
