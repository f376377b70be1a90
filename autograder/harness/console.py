"""A program that asks something on its console: knows that it waits, and types an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.harness import quiescence
from autograder.harness.deadline import Deadline
from autograder.harness.program import Program

HOST = "127.0.0.1"
QUESTIONS = (
    (
        re.compile(r"(host|ip|address|хост|адрес):(port|порт)", re.IGNORECASE),
        HOST + ":{port}",
    ),
    (re.compile(r"port|порт", re.IGNORECASE), "{port}"),
    # Somebody is asked for, whatever else is named: one of the given words.
    (re.compile(r"\b(вас|вам|тебя)\b|\busername\b|\byour (nick)?name\b", re.IGNORECASE), ""),
    (re.compile(r"host|\bip\b|address|server|хост|адрес|сервер|айпи", re.IGNORECASE), HOST),
)
ASKS_FOR_NAME = re.compile(
    r"\bимя|имени|\bник|зовут|обращаться|представ|псевдоним|логин|name\b|\bnick|\blogin",
    re.IGNORECASE,
)
MOST_ANSWERS = 5
# Where the system cannot tell what a program waits for:
QUESTION_S = 0.2  # a line that was begun, and not ended for so long, is a question
SILENCE_S = 1.0  # whoever prints nothing for so long may have a question without words


class Rest:
    """Knows whether a program without connections waits for its console or for nothing.

    A context manager. Where the system cannot tell, nothing is ever proved.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._printed = -1  # bytes, when it was last seen to print
        self._question, self._silence = Deadline(QUESTION_S), Deadline(SILENCE_S)
        self._observer = quiescence.Observer(program.pid, 0) if quiescence.available() else None

    def proved(self) -> bool:
        """Return whether every thread waits without a time-out, and all it said has been read."""
        if self._observer is None:
            return False
        verdict = self._observer.observe([]).verdict
        rests = verdict in (quiescence.Verdict.QUIET, quiescence.Verdict.STUCK)
        return rests and not self._program.unread()

    def asks(self) -> bool:
        """Return whether it waits for a word on its console, or looks as if it did."""
        if self._observer is not None:
            return self.proved()
        printed = self._program.stdout.size
        if printed != self._printed:
            self._printed = printed
            self._question, self._silence = Deadline(QUESTION_S), Deadline(SILENCE_S)
        begun = not self._program.stdout.data(max(0, printed - 1)).endswith(b"\n") and printed > 0
        if not (self._silence.passed() or (begun and self._question.passed())):
            return False
        self._printed = -1  # the next question takes as long to be noticed
        return True

    def close(self) -> None:
        """Close what looks at the program; idempotent."""
        if self._observer is not None:
            self._observer.close()

    def __enter__(self) -> Rest:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Typist:
    """Answers what a program asks: a port, an address, or else the given words in turn."""

    def __init__(self, program: Program, words: Sequence[str], *, port: int) -> None:
        self._program = program
        self._words = list(words)
        self._port = port
        self._read = 0  # bytes of the console that were answered
        self._left = MOST_ANSWERS

    def answers(self) -> bool:
        """Type one answer if there is one left to give; return whether there was."""
        if self._left == 0:
            return False
        self._left -= 1
        screen = self._program.stdout
        question = screen.last_line(self._read)
        self._read = screen.size
        answer = next((answer for pattern, answer in QUESTIONS if pattern.search(question)), "")
        if not answer and not self._words:
            return False
        self._type(answer.format(port=self._port) or self._words.pop(0))
        return True

    def _type(self, words: str) -> None:
        self._program.type_bytes(words.encode() + b"\n")
