"""Whole-history accounting: every kind of fault is found, and nothing else is."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.harness.dialect import CONTRACT
from autograder.harness.history import Message, account
from autograder.harness.inbox import Inbox

NONCE = "k7x2p"


def person(name: str, received: bytes = b"", present: bool = True):
    inbox = Inbox()
    inbox.feed(received)
    line, room = SimpleNamespace(inbox=inbox), SimpleNamespace(nonce=NONCE, dialect=CONTRACT)
    someone = SimpleNamespace(name=name, present=present, line=line, room=room)
    return _Named(**vars(someone))


class _Named(SimpleNamespace):
    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __str__(self) -> str:
        return self.name


def said(author, number: int, *listeners, text: str = "{}") -> Message:
    token = f"{author.name}-{number}-{NONCE}"
    return Message(author, number, token, text.format(token), frozenset(listeners))


def fault(everybody, messages, *, echo: bool = False, order: bool = False, lines: bool = False):
    return account(everybody, messages, NONCE, echo=echo, order=order, lines=lines)


def line(message: Message) -> bytes:
    return f"07:05 - Пользователь #1 - {message.text}\n".encode()


def test_a_whole_history_is_clean():
    anna = person("anna")
    boris = person("boris", f"07:05 - #1 - anna-1-{NONCE}\n07:06 - #2 left\n".encode())
    assert fault([anna, boris], [said(anna, 1, boris)]) is None


@pytest.mark.parametrize(
    ("received", "actual", "missing", "offending"),
    [
        ("", "it never came", ("anna", 1), None),
        ("anna-1-{n}\nanna-1-{n}\n", "it came 2 times", None, ("anna", 1)),
        (
            *("anna-1-{n}\nanna-9-{n}\n", f"boris received “anna-9-{NONCE}”, which nobody said"),
            *(None, ("", 9)),
        ),
    ],
)
def test_lost_doubled_and_invented_lines_are_found(received, actual, missing, offending):
    anna = person("anna")
    boris = person("boris", received.replace("{n}", NONCE).encode())
    found = fault([anna, boris], [said(anna, 1, boris)])
    assert found.actual == actual
    for passage, about in ((found.missing, missing), (found.offending, offending)):
        told = passage and (passage.sender, passage.to, passage.text)
        assert told == (about and (about[0], "boris", f"anna-{about[1]}-{NONCE}"))


def test_nobody_has_to_hear_after_leaving():
    anna, boris = person("anna"), person("boris", present=False)
    assert fault([anna, boris], [said(anna, 1, boris)]) is None


def test_an_echo_is_a_fault_only_where_asked():
    anna = person("anna", f"anna-1-{NONCE}\n".encode())
    messages = [said(anna, 1)]
    assert fault([anna], messages) is None
    assert fault([anna], messages, echo=True).actual == f"“anna-1-{NONCE}” came back"


def test_a_line_that_came_twice_is_no_echo_and_a_whisper_nobody_has_to_hear():
    anna, boris = person("anna"), person("boris", f"anna-1-{NONCE}\nanna-1-{NONCE}\n".encode())
    assert fault([anna, boris], [said(anna, 1, boris)], echo=True) is None
    assert fault([anna, boris], [said(anna, 1)]) is None


def test_another_order_is_a_fault_only_where_asked():
    anna = person("anna")
    boris = person("boris", f"anna-2-{NONCE}\nanna-1-{NONCE}\n".encode())
    messages = [said(anna, 1, boris), said(anna, 2, boris)]
    assert fault([anna, boris], messages) is None
    expected = f"“anna-1-{NONCE}” came after “anna-2-{NONCE}”"
    assert fault([anna, boris], messages, order=True).actual == expected


def test_a_torn_line_is_found():
    anna = person("anna")
    message_text = "{} " + "x" * 50
    boris = person("boris", f"anna-1-{NONCE} xxxx07:05 left\n{'x' * 46}\n".encode())
    found = fault([anna, boris], [said(anna, 1, boris, text=message_text)])
    assert found.actual == "something else stands inside it, or a part of it is missing"


def test_a_message_inside_another_is_named():
    anna, vera = person("anna"), person("vera")
    halves = f"anna-1-{NONCE} xxxx#3 - vera-1-{NONCE}\n{'x' * 46}\n"
    boris = person("boris", halves.encode())
    texts = [said(anna, 1, boris, text="{} " + "x" * 50), said(vera, 1, boris)]
    found = fault([anna, boris, vera], texts)
    assert found.actual == f"“#3 - vera-1-{NONCE}” stands inside it"
    assert found.hint.startswith("Let one thread at a time write to a client")


def test_a_flood_is_found():
    anna = person("anna", b"07:05 - #2 - \n" * 2000)
    found = fault([anna], [])
    assert "although only 0 were said" in found.actual
    assert found.cause == "recv() returned b'', and the server went on as if somebody had spoken"


@given(st.lists(st.sampled_from([0, 1, 2]), max_size=30), st.data())
def test_any_interleaving_that_keeps_each_authors_order_is_clean(turns, data):
    authors = [person(name) for name in ("anna", "boris", "vera")]
    counts = [0, 0, 0]
    listener = person("gleb")
    messages = []
    for turn in turns:
        counts[turn] += 1
        messages.append(said(authors[turn], counts[turn], listener))
    noise = data.draw(st.sampled_from([b"", b"07:00 - #9 joined\n", b"\r\n"]))
    listener.line.inbox.feed(b"".join(line(message) + noise for message in messages))
    assert fault([*authors, listener], messages, echo=True, order=True) is None


@pytest.mark.parametrize(
    ("torn", "actual"),
    [
        ("07:05 - #1 - anna-2-{n}07:05 - #2 - vera-1-{n}\n\n", "both stand in one line"),
        ("07:05 - anna-2-{n}\n07:05 - #2 - vera-1-{n}\n", "boris received it marked “- …”"),
    ],
)
def test_a_line_written_into_another_is_found_where_it_is_asked_for(torn, actual):
    anna, vera = person("anna"), person("vera")
    whole = "07:04 - #2 joined\n07:05 - #1 - anna-1-{n}\n"
    whole += "07:05 - #2 - vera-2-{n}\n07:06 - #2 - vera-3-{n}\n"
    boris = person("boris", (whole + torn).replace("{n}", NONCE).encode())
    messages = [said(anna, 1, boris), said(anna, 2, boris)]
    messages += [said(vera, number, boris) for number in (1, 2, 3)]
    assert fault([anna, boris, vera], messages) is None
    assert fault([anna, boris, vera], messages, lines=True).actual == actual


def test_a_prompt_that_ends_no_line_is_no_mark_of_the_first_message():
    anna = person("anna")
    lines = [f"07:05 - anna: anna-{n}-{NONCE}\n" for n in (1, 2, 3)]
    boris = person("boris", ("Your name: " + "".join(lines)).encode())
    messages = [said(anna, n, boris) for n in (1, 2, 3)]
    assert fault([anna, boris], messages, lines=True) is None


def test_a_running_number_and_the_seconds_do_not_make_a_line_torn():
    anna = person("anna")
    lines = [f"07:05:{n:02}.{n}71 [{n}] #1 - anna-{n}-{NONCE}\n" for n in range(1, 9)]
    boris = person("boris", "".join(lines).encode())
    messages = [said(anna, number, boris) for number in range(1, 9)]
    assert fault([anna, boris], messages, lines=True) is None


def test_who_never_ends_a_line_is_not_called_torn():
    anna = person("anna")
    boris = person("boris", "".join(f"#1 - anna-{n}-{NONCE}" for n in (1, 2, 3)).encode())
    messages = [said(anna, number, boris) for number in (1, 2, 3)]
    assert fault([anna, boris], messages, lines=True) is None
