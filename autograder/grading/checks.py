"""What the graded checks say of themselves, read from their files without running them."""

from __future__ import annotations

import ast
import functools

from autograder.grading.request import CHECKS


@functools.cache
def needs() -> dict[str, list[str]]:
    """Return which checks each check needs, read from the checks themselves."""
    found: dict[str, list[str]] = {}
    for path in sorted(CHECKS.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.check":
                words = {word.arg: ast.literal_eval(word.value) for word in node.keywords}
                found[ast.literal_eval(node.args[0])] = words.get("needs", [])
    return found
