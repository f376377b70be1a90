"""What each check is called, why it matters, and the hint it gives when it fails."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.harness.unmet import Unmet
from autograder.i18n import N_, _


@dataclass(frozen=True)
class About:
    """The words about one check; marked for translation, translated when shown."""

    title: str
    why: str
    hint: str


ABOUT = {
    "threads": About(
        N_("The server works with threads"),
        N_("The assignment obliges you to use the threading library."),
        N_("Start a threading.Thread for each client that accept() returns."),
    ),
    "starts": About(
        N_("The server starts and lets two people in"),
        N_("Without bind(), listen() and accept() nobody can connect."),
        N_("Run it yourself: python server.py. It must go on running and wait for clients."),
    ),
    "relay": About(
        N_("What the first one says, the second one hears"),
        N_("This is what a chat is: bytes of one connection go out on another."),
        N_("Read from one client in a loop and send what came to the other."),
    ),
    "relay_back": About(
        N_("The second one may speak first, and several times in a row"),
        N_("A server that waits for the two in turn is no chat: people do not take turns."),
        N_(
            "recv() waits: give each client a thread of its own, which hands on all that its "
            "client says."
        ),
    ),
    "sender_excluded_two": About(
        N_("Nobody gets back what they said themselves (two users)"),
        N_("The client has shown the line already while it was typed."),
        N_("Send to the other one only: compare the sockets, not the texts."),
    ),
    "text_intact": About(
        N_("The text arrives unchanged: Cyrillic, emoji, spaces, long lines"),
        N_("One letter can be two bytes or four, and one recv() can end in its midst."),
        N_(
            "Collect bytes up to the newline, decode only then, as UTF-8; change nothing, and "
            "send with sendall()."
        ),
    ),
    "client_prints_while_typing": About(
        N_("The client shows what comes while the user types"),
        N_("input() and recv() both wait: one thread cannot do both."),
        N_("Receive in a thread of its own and leave input() to the main one."),
    ),
    "client_sends_typed": About(
        N_("The client sends each line that is typed"),
        N_("What stays in the client is never said."),
        N_(
            "Read lines in a loop, change nothing, add the newline, encode as UTF-8, and send "
            "with sendall()."
        ),
    ),
    "broadcast": About(
        N_("Everybody else hears what one says"),
        N_("More than two can be in the room."),
        N_("Keep all clients in a collection and send to each of them but the author."),
    ),
    "sender_excluded": About(
        N_("Nobody gets back what they said themselves (many users)"),
        N_("The client has shown the line already while it was typed."),
        N_("Skip the author when you go through the clients: compare the sockets."),
    ),
    "join_notice": About(
        N_("Those in the room are told when somebody joins"),
        N_("People want to know who listens. The newcomer knows it without a notice."),
        N_("Send the notice to all who were there before, then add the newcomer."),
    ),
    "sender_named": About(
        N_("A message shows whose it is"),
        N_("Among three people nobody can guess the author."),
        N_("Give each client a number when it joins and put it before the text."),
    ),
    "leave_survived": About(
        N_("The others can go on talking after somebody left"),
        N_("The second send to a socket that is gone fails, in the thread of an innocent."),
        N_("When recv() returns b'', remove the client from the collection and end its loop."),
    ),
    "silent_client": About(
        N_("One who connects and says nothing holds nobody up"),
        N_("A server that waits for a newcomer's first line cannot accept the next one."),
        N_("Call accept() in one thread and recv() in others: never recv() in the accept loop."),
    ),
    "crowd": About(
        N_("Twenty people at once: nothing lost, doubled or out of order"),
        N_("Threads that share a list or a socket get into each other's way."),
        N_("Protect what threads share with one lock, and let one thread write to one client."),
    ),
    "reset_survived": About(
        N_("A connection that breaks harms nobody else"),
        N_("A peer that crashes makes recv() raise ConnectionResetError."),
        N_(
            "Treat OSError of recv() as a leave, exactly like b''; send() to who is gone raises "
            "it, too."
        ),
    ),
    "leave_notice": About(
        N_("The others are told, once, when somebody leaves"),
        N_("Otherwise people talk to somebody who has gone."),
        N_("Announce the leave where the client's loop ends, and only there."),
    ),
    "framing_split": About(
        N_("A line that comes in pieces stays one line"),
        N_("TCP is a stream of bytes: one send can be many recvs."),
        N_("Keep what recv() brought in a buffer, and take lines out of it at each newline."),
    ),
    "framing_merged": About(
        N_("Several lines that come at once stay several"),
        N_("TCP is a stream of bytes: many sends can be one recv."),
        N_("Split what came at each newline, and handle every line of it."),
    ),
    "slow_reader": About(
        N_("One who does not read does not hold up the others"),
        N_("sendall() waits when the receiver's buffers are full: the whole room waits with it."),
        N_("Never wait in a send for all: a queue for each client, or a send that does not block."),
    ),
    "time_prefix": About(
        N_("Each line begins with the time, two digits each"),
        N_("Five past seven is 07:05; str.ljust pads on the wrong side and makes it 70:50."),
        N_('Use strftime("%H:%M") or f"{hour:02}:{minute:02}".'),
    ),
    "ids_stable": About(
        N_("Numbers of people do not change when others leave"),
        N_("A number taken from the place in a list shifts when somebody before it is removed."),
        N_("Count joins: give the number once, keep it with the socket, never use it again."),
    ),
    "no_spin": About(
        N_("The server rests when there is nothing to do"),
        N_("recv() of a client that has left returns b'' at once, for ever: a loop burns a core."),
        N_("End the client's loop when recv() returns b''."),
    ),
    "stops_cleanly": About(
        N_("Ctrl-C or SIGTERM ends the server within two seconds, with exit status 0"),
        N_("Threads that wait in recv() keep a program alive; close() does not wake them."),
        N_("Catch KeyboardInterrupt, shutdown() every socket, join the threads, return."),
    ),
    "port_reusable": About(
        N_("The server can be started again at once on the same port"),
        N_("The system keeps a closed connection's port in TIME_WAIT for a minute."),
        N_("Set SO_REUSEADDR before bind()."),
    ),
    "races": About(
        N_("Unlucky timing changes nothing"),
        N_("A thread can be stopped between any two steps, and another changes the list."),
        N_("Take one lock around every use of what threads share; go through a copy of the list."),
    ),
    "no_deadlock": About(
        N_("The server never waits for itself"),
        N_("A thread that takes a lock twice, or sends while it holds one, can stop everything."),
        N_("Hold a lock for a moment only: copy under it, send outside it, never take it twice."),
    ),
    "hundreds": About(
        N_("Two hundred people fit into the room"),
        N_("Small bounds show only under load: listen(1), a fixed pool, a slow loop."),
        N_(
            "Let in all who come: no fixed number of seats or threads, a larger backlog in "
            "listen(), a short accept loop."
        ),
    ),
}


def title(check: str, own: str = "") -> str:
    """Return what a check is called; one of an instructor's own says it itself, or has its id."""
    return _(ABOUT[check].title) if check in ABOUT else own or check


def why(check: str) -> str:
    """Return why a check matters."""
    return _(ABOUT[check].why) if check in ABOUT else ""


def hint(check: str) -> str:
    """Return what to try when a check fails."""
    return _(ABOUT[check].hint) if check in ABOUT else ""


def explain_failure(check: str, steps: list[str], unmet: Unmet) -> str:
    """Return a failure as plain text: the story, what was expected, what came, what to try."""
    lines = failure(steps, unmet.expected, unmet.actual, unmet.cause, unmet.hint or hint(check))
    return "\n".join([*lines, unmet.stacks] if unmet.stacks else lines)


def failure(steps: list[str], expected: str, actual: str, cause: str, hint: str) -> list[str]:
    """Return the lines that tell a failure: numbered steps, then the facts that are known."""
    lines = [f"{number}. {step}" for number, step in enumerate(steps, 1)]
    lines += [_("expected: {text}").format(text=expected)] if expected else []
    lines += [_("actual: {text}").format(text=actual)] if actual else []
    lines += [_("likely cause: {text}").format(text=cause)] if cause else []
    lines += [_("hint: {text}").format(text=hint)] if hint else []
    return lines
