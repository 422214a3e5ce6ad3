"""Find signatures that are compared in a way whose time tells how much of them is right."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

_DIGEST = re.compile(r"sign|signature|signed_by|digest|hexdigest|hmac|mac|secure_?(hash|code)")


def compared_openly(source: str) -> Iterator[int]:
    """Yield the lines of *source* on which `==`, `!=` or `in` meets what looks like a digest."""
    tree = ast.parse(source)
    # A digest under another name is a digest still.
    named = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_digest(node.value, set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = (node.left, *node.comparators)
        openly = any(isinstance(each, (ast.Eq, ast.NotEq)) for each in node.ops)
        if openly and any(_is_digest(side, named) for side in sides):
            yield node.lineno


def _is_digest(node: ast.expr, named: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in named or _DIGEST.fullmatch(name) is not None
        case ast.Attribute(value=value, attr=name):
            # x.lower() of a digest is one; self.signature too.
            return _DIGEST.fullmatch(name) is not None or _is_digest(value, named)
        case ast.Call(func=called):
            return _is_digest(called, named)
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return _DIGEST.search(key.lower()) is not None
        case ast.Subscript(slice=ast.Name(id=name)):
            return _DIGEST.fullmatch(name.lower()) is not None
        case _:
            return False
