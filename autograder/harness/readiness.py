"""Waits until a server listens, types what it asks for, or says why it never will."""

from __future__ import annotations

import contextlib
import signal
import threading

from autograder.harness import quiescence
from autograder.harness.console import Rest, Typist
from autograder.harness.deadline import Deadline
from autograder.harness.listening import uses_udp, where_it_listens
from autograder.harness.ports import numbers_in
from autograder.harness.program import Program
from autograder.harness.unmet import Evidence, Unmet
from autograder.i18n import _

START_S = 2.5
FLOOD_S = 1.0  # the same for a program that prints without end
LOOK_EVERY_S = 0.002
LAST_WORDS_S = 0.2  # for the end of its standard error; a child may hold that open
THOROUGH_EVERY = 50  # looks
MORE_S = 0.1  # for a second port
MOST_LAST_WORDS = 200  # characters


def wait_until_listening(program: Program, spare_port: int) -> list[tuple[str, int]]:
    """Wait until a program or a child of it listens for TCP; return (host, port) of each.

    First comes what is likely to be the chat: the port that was asked for, or one that the program
    does not name, as the system gives it for port 0.

    Args:
        program: The server, just started.
        spare_port: What to type if it asks for a port on its console.

    Raises:
        Unmet: it ended, it rests without listening, or the time was up.
    """
    whole, flood, tick = Deadline(START_S), Deadline(FLOOD_S), threading.Event()
    typist, looks = Typist(program, [str(spare_port)], port=spare_port), 0
    with Rest(program) as rest:
        while True:
            ended = program.exit_status is not None
            looks += 1
            thorough = looks % THOROUGH_EVERY == 0
            asks = thorough and rest.asks()
            found = where_it_listens(program, thorough=ended or thorough)
            if found:
                own = numbers_in(program.script)
                if quiescence.available() and all(port in own for _host, port in found):
                    _wait_for_more(rest)  # it may serve something else before the chat
                    found |= where_it_listens(program, thorough=False)
                return sorted(found, key=lambda a: (a[1] != spare_port, a[1] in own, a[1]))
            if ended:
                program.stderr.wait_end(LAST_WORDS_S)
                raise _ended(program)
            if asks and not typist.answers() and rest.proved():
                raise _silent(program, "quiescent", whole)
            if whole.passed() or (flood.passed() and program.floods):
                raise _silent(program, "silence", flood if program.floods else whole)
            tick.wait(LOOK_EVERY_S)


def _wait_for_more(rest: Rest) -> None:
    deadline, tick = Deadline(MORE_S), threading.Event()
    while not rest.proved() and not deadline.passed():
        tick.wait(LOOK_EVERY_S)


def _ended(program: Program) -> Unmet:
    failures = program.told.failures()
    failure = failures[-1] if failures else None
    cause = str(failure) if failure else _last_words(program)
    hint = _hint(program)
    if failure and failure.type == "SyntaxError" and "UTF-8" in failure.message.upper():
        hint = _("Python cannot read the letters of the file: save the file as UTF-8.")
    elif failure and failure.type in ("SyntaxError", "IndentationError", "TabError"):
        hint = _("Python cannot read the file: mend the line that is named, then run it yourself.")
    elif "Address already in use" in cause:
        hint = _(
            "Another program uses this port, perhaps your own server: end it. If none does, the "
            "system still keeps the port, a minute long after the last connection: wait, or set "
            "SO_REUSEADDR before bind()."
        )
    elif failure and failure.type == "PermissionError":
        hint = _("Ports below 1024 belong to the system: take one above, such as 14900.")
    return Unmet(
        _("{name} listens on a TCP port").format(name=program.script.name),
        _how_it_ended(program.exit_status or 0),
        cause=cause,
        hint=hint,
    )


def _hint(program: Program) -> str:
    return _("Run it yourself: python {name}. It must go on running and wait for clients.").format(
        name=program.script.name
    )


def _how_it_ended(status: int) -> str:
    if status < 0:  # subprocess counts so, on POSIX only
        with contextlib.suppress(ValueError):  # a real-time signal has no name
            return _("it was ended by {signal} before it listened").format(
                signal=signal.Signals(-status).name
            )
    return _("it ended with exit status {status} before it listened").format(status=status)


def _last_words(program: Program) -> str:
    """Return the last line of its standard error: what sys.exit("why") says stands there."""
    lines = program.stderr.data().decode("utf-8", "replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return said[-1][:MOST_LAST_WORDS] if said else ""


def _silent(program: Program, evidence: Evidence, deadline: Deadline) -> Unmet:
    printed = program.stdout.size + program.stderr.size
    if uses_udp(program):
        cause = _("it opened a UDP socket; this chat needs TCP (SOCK_STREAM)")
    elif program.floods:
        cause = _("it printed {size} MB instead, and was stopped").format(size=printed >> 20)
    elif evidence == "silence":
        cause = _("it never called listen(): something before that does not end")
    else:
        cause = _("it never called listen()")
    if evidence == "quiescent":
        actual = _("it waits for something else, and does not listen")
    else:
        actual = _("it still did not listen after {seconds:.0f} seconds").format(
            seconds=deadline.timeout_s
        )
    return Unmet(
        _("{name} listens on a TCP port").format(name=program.script.name),
        actual,
        cause=cause,
        hint=_hint(program),
        stacks=program.stacks(),
        evidence=evidence,
    )
