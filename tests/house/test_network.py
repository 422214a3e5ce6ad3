"""Who opens connections, and who takes the time or randomness on its own (TRUST 3)."""

import ast
from pathlib import Path

ROOTS = ("paygate", "providers", "webhooks", "reconciliation", "reports")
SPEAKERS = {"providers/transport.py", "webhooks/egress.py"}
# The demo is a set of programs that speak to each other on loopback.
DEMO = "paygate/demo/"
NETWORK = {"http.client", "urllib.request", "urllib3", "requests", "ftplib", "smtplib"}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_only_the_lines_to_rails_and_portals_open_connections():
    speaking = {
        str(path)
        for root in ROOTS
        for path in Path(root).rglob("*.py")
        if NETWORK & set(imports(path)) and not str(path).startswith(DEMO)
    }

    assert speaking == SPEAKERS
