"""Level 1: a chat of two."""

import pytest

from autograder.harness.lifecycle import threads_work


@pytest.mark.check("starts")
def test_starts(chat):
    """The server starts, listens, and lets two people in."""
    server = chat.first_start()
    room = chat.room(server)
    room.enter("anna", "boris")


@pytest.mark.check("relay", needs=["starts"])
def test_relay(chat):
    """What the first one says, the second one hears."""
    anna, boris = chat.room().enter("anna", "boris")
    boris.hears(anna.says())


@pytest.mark.check("relay_back", needs=["relay"])
def test_relay_back(chat):
    """The second one speaks first, several times in a row; nobody takes turns."""
    anna, boris = chat.room().enter("anna", "boris")
    for _ in range(3):
        anna.hears(boris.says())
    for _ in range(3):
        boris.hears(anna.says())
    anna.hears(boris.says())


@pytest.mark.check("sender_excluded_two", needs=["relay"], echo=True)
def test_sender_excluded_two(chat):
    """Nobody gets back their own words."""
    anna, boris = chat.room().enter("anna", "boris")
    hello = anna.says()
    boris.hears(hello)
    anna.does_not_hear(hello)


@pytest.mark.check("text_intact", needs=["relay_back"])
def test_text_intact(chat):
    """Cyrillic, emoji, spaces inside a line, a line of 8 KB."""
    anna, boris = chat.room().enter("anna", "boris")
    for text in (
        "Съешь ещё этих мягких французских булок {}",
        "{} 🙂 👩‍👩‍👧 ü ß 中文",
        '{}   three   spaces, a\ttab: and; "signs" <b>&amp;</b> %s \\n',
        "{} " + "я" * 4000 + " ends here",
    ):
        boris.hears(anna.says(text=text))


@pytest.mark.check("client_prints_while_typing")
def test_client_prints_while_typing(client):
    """In a terminal, with half a line typed, what others say appears."""
    client.start(terminal=True)
    client.types(f"half-{client.nonce()}")
    client.listens()
    one, two, *together = texts = [f"привет-{client.nonce()}" for _ in range(4)]
    for piece in ([one], [two], together):
        client.server_says(*piece)
        for text in piece:
            client.screen_shows(text)
    client.must_have_shown_once(texts)


@pytest.mark.check("client_sends_typed")
def test_client_sends_typed(client):
    """Each typed line is sent once, in order; a first one may be taken as a name."""
    client.start()
    first, *lines = [f"строка-{client.nonce()}" for _ in range(4)]
    client.types(first + "\n")
    client.may_send(first)
    for line in lines:
        client.types(line + "\n")
        client.must_receive(line)
    client.must_have_received_once([first, *lines])


@pytest.mark.check("threads", needs=["starts", "relay"], audit=False)
def test_threads(chat):
    """While the server serves, threads that were started through `threading` are at work."""
    server = chat.start()
    anna, boris = chat.room(server).enter("anna", "boris")
    boris.gets(anna.says())
    threads_work(server, anna, boris)
