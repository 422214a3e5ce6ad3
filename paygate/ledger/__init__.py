"""BOOK: double entry, append-only."""
