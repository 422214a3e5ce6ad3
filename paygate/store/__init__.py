"""MEMORY: tables and their statements, one noun a file."""
