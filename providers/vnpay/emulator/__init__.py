"""The gateway's own side, for the sandbox and the conformance suite."""
