"""Draw a QR code: as the path of an inline SVG, which the content policy allows, and as a PNG."""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import groupby

import segno

QUIET = 4  # modules of white around the code, which its readers need
ERROR = "m"
PICTURE_SCALE = 10  # pixels a module


@dataclass(frozen=True, slots=True)
class Drawing:
    """A code as an SVG draws it: a square of *side* modules, *path* the dark ones."""

    side: int
    path: str


def draw(payload: str) -> Drawing:
    """Return the drawing of *payload*; never a Micro QR, which most apps cannot read."""
    code = segno.make_qr(payload, error=ERROR)
    pieces = []
    for y, row in enumerate(code.matrix):
        x = 0
        for dark, run in groupby(row):
            length = len(tuple(run))
            if dark:
                pieces.append(f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z")
            x += length
    return Drawing(side=len(code.matrix) + 2 * QUIET, path="".join(pieces))


def picture(payload: str) -> bytes:
    """Return *payload* as a PNG that an app can open."""
    kept = io.BytesIO()
    segno.make_qr(payload, error=ERROR).save(kept, kind="png", scale=PICTURE_SCALE, border=QUIET)
    return kept.getvalue()
