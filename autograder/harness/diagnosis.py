"""Why something did not come, or did: what a server shows of itself when an expectation fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.harness.backend import Backend, State
from autograder.harness.passage import Passage
from autograder.harness.person import Person
from autograder.harness.trail import Trail
from autograder.harness.unmet import Evidence
from autograder.i18n import _

AT_REST = (State.QUIET, State.STUCK)


@dataclass(frozen=True)
class Diagnosis:
    """What is known, see `Unmet`.

    Attributes:
        cause: What probably led to it, a sentence; empty if nothing shows it.
        trail: What the server did, in sentences.
        stacks: Where its threads are, if that explains something.
    """

    cause: str
    trail: list[str]
    stacks: str | None


def evidence(state: State | None) -> Evidence | None:
    """Return why it is sure that no more comes, given the server's state when that was said."""
    if state in AT_REST:
        return "quiescent"
    # That it has ended says it all.
    return None if state in (None, State.GONE) else "silence"


def of(
    backend: Backend,
    people: Sequence[Person],
    state: State | None,
    missing: Passage | None,
    offending: Passage | None,
) -> Diagnosis:
    """Ask the server: exceptions, end, calls, stacks, locks.

    Args:
        people: All who ever entered.
        state: The server's, when the expectation failed; None where that has no part in it.
        missing: What did not come.
        offending: What should not have come.
    """
    trail, end, spins = _trail(backend, people, missing, offending)
    causes = [
        _kept_out(backend, people, missing),
        spins,  # what ends a thread is often what another floods it with
        _ended(backend),
    ]
    stacks = None
    if state in AT_REST and (missing or state is State.STUCK):
        stacks = backend.stacks()
        locks = backend.locks(stacks) if stacks else []
        trail += locks
        stacks = stacks if locks or state is State.STUCK else None
        causes.append("; ".join(locks[-2:]))  # who waits, and what he holds meanwhile
    causes.append(end)
    if state is State.STUCK:
        causes.append(_("threads of the server wait for ever while input lies unread"))
    return Diagnosis(next(filter(None, causes), ""), trail, stacks)


def _kept_out(backend: Backend, people: Sequence[Person], missing: Passage | None) -> str:
    who = next((person for person in people if missing and person.name == missing.to), None)
    if who is None or backend.accepted(who.line):
        return ""
    return _("nobody calls accept() for {who}").format(who=who)


def _ended(backend: Backend) -> str:
    """Tell what ended the server, or a thread of it."""
    failures, status = backend.failures(), backend.exit_status()
    if status is not None:
        ended = _("the server has ended with exit status {status}").format(status=status)
        return ": ".join([ended, *failures[-1:]])
    if failures:
        return _("a thread of the server ended: {failure}").format(failure=failures[-1])
    return ""


def _trail(
    backend: Backend,
    people: Sequence[Person],
    missing: Passage | None,
    offending: Passage | None,
) -> tuple[list[str], str, str]:
    """Return what the server did with the line that a failure is about, and what decided.

    The third is told where it reads the end of a connection again and again.
    """
    ports = {person.name: person.line.port for person in people}
    told = Trail(backend.calls(), {person.line.port: str(person) for person in people})
    facts = told.empty_reads()
    end = spins = facts[-1] if facts else ""
    if missing and missing.sender in ports and missing.to in ports:
        text = missing.text.encode()
        way, last = told.of_message(text, ports[missing.sender], ports[missing.to])
        facts, end = facts + way, last or end
    if offending and offending.to in ports:
        facts += told.of_noise(offending.text.encode(), ports[offending.to])
    return facts, end, spins
