"""The wallet's own side of the protocol, with signing and reading code of its own."""
