"""The server as a process: its threads, its rest, its end, and its beginning again."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from autograder.harness import spawning
from autograder.harness.backend import State
from autograder.harness.deadline import Deadline
from autograder.harness.patience import GOING
from autograder.harness.person import Person
from autograder.harness.room import Room
from autograder.harness.sockets import Server
from autograder.harness.stacks import MAIN_THREAD
from autograder.harness.unmet import Unmet
from autograder.i18n import _

ROUNDS = 3
STOP_S = 2.0
LOOK_EVERY_S = 0.05
WATCH_S = 0.15
LOOKS = 3  # who rests in one of them rests
MOST_LATE, MOST_ATTEMPTS = 1.5, 5
BUSY_SHARE = 0.1  # of one core; a server at rest needs nothing


def has_threads(server: Server) -> None:
    """Make sure that the server serves with threads of the `threading` library.

    One that was started since it listens counts, however short it lived; one that was started
    before, if it still runs.

    Raises:
        Unmet: there is none.
    """
    alive = spawning.native_ids(server.program.pid)
    started = set(server.program.told.threads_started())
    if not server.program.told.threads_since_listening() and not started & alive:
        raise Unmet(
            _("{script} starts threads with the threading library").format(
                script=server.program.script.name
            ),
            _("no thread was started while the server served"),
        )


def threads_work(server: Server, one: Person, other: Person) -> None:
    """Make sure that threads have a part in the chat: that not all is done by the main one.

    They have if one of them was seen to use a socket, or runs whenever one of two people talks:
    the main thread may serve the other. One that only sleeps beside a loop that does all the work
    has none. Where the system does not tell, or other processes are at work, it is enough that
    there are threads.

    Raises:
        Unmet: there are none, or nothing but the main thread works.
    """
    one.room.story.step(_("They talk on: threads of the server must be at work."))
    has_threads(server)
    if any(call.thread not in ("", MAIN_THREAD) for call in server.calls()):
        return
    for author, listener in ((one, other), (other, one)):
        # A thread that only wakes now and then does not do so each time.
        if all(_threads_answer(server, author, listener) for _round in range(ROUNDS)):
            return
    raise Unmet(
        _("threads of {script} do the work").format(script=server.program.script.name),
        _("no thread but the main one did anything while two people talked"),
        cause=_("the threads that were started only wait"),
    )


def _threads_answer(server: Server, author: Person, listener: Person) -> bool:
    """Return whether another thread than the main one ran while a line was passed on."""
    room, told = author.room, server.program.told
    room.calm(GOING)
    started, before = told.threads_since_listening(), server.wakefulness()
    listener.gets(author.whispers())
    room.calm(GOING)
    later = server.wakefulness()
    if not later or spawning.descendants(server.program.pid):
        return True
    others = later.keys() - {server.program.pid}
    ran = any(tid not in before or later[tid].awake_s > before[tid].awake_s for tid in others)
    return ran or told.threads_since_listening() > started


def rests(server: Server, room: Room) -> None:
    """Make sure that a server with nothing to do does nothing.

    Raises:
        Unmet: it computes.
    """
    room.story.step(_("Nobody says anything: the server must rest."))
    room.evidence = room.settle(GOING)
    if room.state() is State.QUIET:
        return
    before, began = server.wakefulness(), time.monotonic()
    share = min([_share(server) for _look in range(LOOKS)])
    after, passed_s = server.wakefulness(), time.monotonic() - began
    # On a busy machine, who never sleeps may get little of a core.
    sleepless = any(
        before[tid].is_sleepless(after[tid], passed_s) for tid in before if tid in after
    )
    if share > BUSY_SHARE or sleepless:
        raise Unmet(
            _("the server uses no processor while nobody speaks"),
            _("it uses {share:.0%} of a core").format(share=share),
            cause=_("a loop goes on although recv() returns b'' or fails at once"),
            stacks=server.stacks(),
        )


def _share(server: Server) -> float:
    """Return which part of a core the server used for a while.

    Where the machine itself stood still meanwhile, it says nothing, and is taken again.
    """
    for _attempt in range(MOST_ATTEMPTS):
        used, began = server.cpu_s(), time.monotonic()
        asked_s = Deadline(WATCH_S).timeout_s
        threading.Event().wait(asked_s)
        passed_s = time.monotonic() - began
        if passed_s < asked_s * MOST_LATE:
            break
    return (server.cpu_s() - used) / passed_s


def stops(server: Server, room: Room, *, by_ctrl_c: bool) -> None:
    """Stop a server among its clients, when it rests.

    Between the last look for signals and the moment in which accept() waits, Python loses a
    Ctrl-C: on a busy machine a thread may stand there for milliseconds.

    Args:
        by_ctrl_c: SIGINT, else SIGTERM.

    Raises:
        Unmet: it did not end in time, not with status 0, or the clients did not see it.
    """
    room.settle(GOING)
    signal = "SIGINT" if by_ctrl_c else "SIGTERM"
    step = _("Ctrl-C is pressed ({signal}).") if by_ctrl_c else _("It is told to end ({signal}).")
    room.story.step(step.format(signal=signal))
    expected = _("the server ends with exit status 0 within {seconds:.0f} s").format(seconds=STOP_S)
    deadline = Deadline(STOP_S)
    hint = ""
    if not by_ctrl_c:  # what Ctrl-C asks for was done a moment ago
        hint = _("Let signal.signal(signal.SIGTERM, ...) do what Ctrl-C does already.")
    if by_ctrl_c:
        server.program.interrupt()
    else:
        server.program.terminate()
    status, proved = _wait_for_end(server, room, deadline)
    if status is None:
        stacks = server.stacks()
        raise Unmet(
            expected,
            _("it still runs"),
            cause=_why_it_runs(stacks),
            stacks=stacks,
            evidence="quiescent" if proved else None,
            hint=hint,
        )
    if status != 0:
        failures = server.failures()
        cause = failures[-1] if failures else _why_it_failed(server, status, signal)
        raise Unmet(
            expected,
            _("it ended with exit status {status}").format(status=status),
            cause=cause,
            hint=hint,
        )
    for person in room.members:
        if not person.line.inbox.wait_end(deadline.left_s()):
            raise Unmet(
                _("{who} sees the end of the connection").format(who=person),
                _("the connection is still open"),
            )


def _wait_for_end(server: Server, room: Room, deadline: Deadline) -> tuple[int | None, bool]:
    """Return the exit status, None if it goes on, and whether that is proved."""
    while not deadline.passed():
        status = server.program.wait(Deadline(min(LOOK_EVERY_S, deadline.left_s())))
        if status is not None:
            return status, False
        # A signal wakes a thread at once; if all wait again without a time-out, that was all.
        if server.waits_for_ever([person.line for person in room.everybody]):
            return server.program.exit_status, True
    return server.program.exit_status, False


def _why_it_runs(stacks: str | None) -> str:
    if stacks is None:
        return ""
    if "_shutdown" in stacks:  # of threading: the main thread is through, and waits
        return _("threads that are not daemons still wait, and Python waits for them")
    return _("the main thread goes on: it does not take the signal for the end")


def _why_it_failed(server: Server, status: int, signal: str) -> str:
    if status < 0 or b"KeyboardInterrupt" in server.program.stderr.data():
        return _("nothing in the program handles {signal}").format(signal=signal)
    return _("the program itself chose this status; sys.exit() with a text means 1")


def kill_among(server: Server, people: Sequence[Person]) -> None:
    """Kill a server; its clients see the end but do not go: its port stays half-closed."""
    people[0].room.story.step(_("The server is killed while people are connected."))
    server.program.close()
    for person in people:
        person.line.inbox.wait_end(Deadline(STOP_S).left_s())
        person.present = False
