"""What must never happen stops the act, also under `python -O`."""


class InvariantError(AssertionError):
    """Something impossible happened: a fault of ours, never of the caller."""


def invariant(condition: object, text: str) -> None:
    """Raise unless *condition* holds.

    Raises:
        InvariantError: with *text*, which names the broken rule and no personal data.
    """
    if not condition:
        raise InvariantError(text)
