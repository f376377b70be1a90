"""What a program does on the network, told by its source; it is never imported, nor run.

The words of the source are looked at one by one, so that comments and strings say nothing. A deep
nesting that would break a parser, or a mistake somewhere, hides nothing that stands before it.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_SOURCE_BYTES = 64 << 10  # a chat has a tenth of it
# Of the library socketserver: who inherits from them calls nothing that is seen.
CLASSES = {"TCPServer", "ThreadingTCPServer", "ForkingTCPServer", "UDPServer", "ThreadingUDPServer"}
LISTENS = {"listen", "accept", "create_server", "start_server", "serve_forever"} | CLASSES
CONNECTS = {"connect", "connect_ex", "create_connection", "open_connection"}
# Statements at the margin that do more than to define and to import.
RUNS = re.compile(r"(if\s+__name__|while|for|with|try)\b|(?!class\b)[A-Za-z_][\w.]*\s*\(")
SURELY, PERHAPS, NOT = 2, 1, 0


@dataclass(frozen=True)
class Traits:
    """What a source says.

    Attributes:
        calls: The names of all functions that are called and not defined here.
        imports: The first parts of all module names that are imported.
        runs: Whether something happens when it is started, not only defined.
    """

    calls: frozenset[str]
    imports: frozenset[str]
    runs: bool

    def serves(self) -> int:
        """Return how sure it is that this is a server."""
        if not self.calls.isdisjoint(LISTENS):
            return SURELY
        # Over UDP a server binds, and so does many a client; windows have a bind() too.
        return PERHAPS if {"bind", "recvfrom"} <= self.calls else NOT

    def connects(self) -> int:
        """Return how sure it is that this is a client."""
        if not self.calls.isdisjoint(CONNECTS):
            return SURELY
        return PERHAPS if "sendto" in self.calls else NOT


def of(path: Path) -> Traits:
    """Return what a source says, up to what cannot be read.

    Raises:
        OSError: there is no such file.
    """
    with path.open("rb") as file:
        source = file.read(MOST_SOURCE_BYTES)
    calls: set[str] = set()
    own: set[str] = set()
    defined, imports, runs = set(), set(), False
    owner = before = last = ""
    import_line = 0
    # What counts is ASCII in every encoding in which a program is written.
    for token in _tokens(source.decode("utf-8-sig", "replace")):
        word = token.string
        if last == "def":
            defined.add(word)
        elif last in ("import", "from") or (last == "," and token.start[0] == import_line):
            imports.add(word)
        elif word == "(" and last.isidentifier():
            # A client may have a listen() of its own, in which it receives.
            (calls if before == "." and owner != "self" else own).add(last)
        if word == "import":
            import_line = token.start[0]
        if word in CLASSES:
            calls.add(word)
        runs = runs or (token.start[1] == 0 and bool(RUNS.match(token.line)))
        owner, before, last = before, last, word
    return Traits(frozenset(calls | (own - defined)), frozenset(imports), runs)


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in (tokenize.NAME, tokenize.OP):
                yield token
    except (tokenize.TokenError, SyntaxError):
        return
