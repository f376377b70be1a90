"""Bytes in, lines out, wherever recv cuts them: the reference's wire.py."""

from __future__ import annotations

import ast
import io
import re
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

STREAMS = [
    b"",
    b"\n",
    b"one\ntwo\nthree\n",
    b"one\r\ntwo\r\n\r\n",
    b"a lone \r stays\r\r\n",
    "привет\nмир 🌍\n".encode(),
    "кодировка".encode("cp1251") + b"\nnext\n",
    b"\xf0\x9f\x98\nhalf a character\n\xff\n",
    b"the rest has no end",
    b"x" * 40 + b"\n" + b"y" * 41 + b"\nz\n",
    b"x" * 200,
    b"x" * 200 + b"\nshort\n" + b"y" * 39 + b"\r\n" + b"y" * 40 + b"\r\n",
]
LIMIT = 40


def cut(stream: bytes, size: int) -> list[bytes]:
    """Return the stream as a recv(size) would give it."""
    return [stream[i : i + size] for i in range(0, len(stream), size)]


def decode(decoder: Any, chunks: list[bytes]) -> list[str | None]:
    """Return all that a decoder makes of the chunks and the EOF after them."""
    lines = [line for chunk in chunks for line in decoder.receive_data(chunk)]
    return lines + decoder.receive_eof()


def lines_of(stream: bytes, limit: int) -> list[str | None]:
    """Say the rules once more, for a stream that is all there."""
    *lines, rest = stream.split(b"\n")
    return [
        None if len(line) > limit else line.removesuffix(b"\r").decode("utf-8", "replace")
        for line in [*lines, *([rest] if rest else [])]
    ]


@pytest.mark.parametrize("stream", STREAMS)
def test_every_recv_size_gives_the_same_lines(wire: Any, stream: bytes) -> None:
    for size in range(1, len(stream) + 2):
        assert decode(wire.LineDecoder(LIMIT), cut(stream, size)) == lines_of(stream, LIMIT), size


@given(st.lists(st.binary(max_size=60).map(lambda b: b.replace(b"a", b"\n"))))
def test_any_cut_of_any_bytes_gives_the_same_lines(wire: Any, chunks: list[bytes]) -> None:
    expected = lines_of(b"".join(chunks), LIMIT)
    assert decode(wire.LineDecoder(LIMIT), chunks) == expected


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"))))
def test_what_was_encoded_is_decoded(wire: Any, texts: list[str]) -> None:
    stream = b"".join(wire.encode_line(text) for text in texts)
    assert decode(wire.LineDecoder(), cut(stream, 7)) == texts


def test_a_line_of_the_most_bytes_is_taken_and_one_more_byte_is_not(wire: Any) -> None:
    assert wire.MAX_LINE == 16_384
    stream = b"x" * wire.MAX_LINE + b"\n" + b"y" * (wire.MAX_LINE + 1) + b"\nz\n"
    for size in (1, 1000, 16_384, 100_000):
        assert decode(wire.LineDecoder(), cut(stream, size)) == ["x" * wire.MAX_LINE, None, "z"]


def test_a_line_that_is_too_long_is_reported_at_once_and_once_and_not_kept(wire: Any) -> None:
    decoder = wire.LineDecoder(LIMIT)
    assert decoder.receive_data(b"x" * LIMIT) == []
    assert decoder.receive_data(b"x") == [None]
    for _ in range(100):
        assert decoder.receive_data(b"x" * 1000) == []
        assert not any(isinstance(kept, bytes) and kept for kept in vars(decoder).values())
    assert decoder.receive_data(b"\nnext\n") == ["next"]
    assert decoder.receive_eof() == []


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_is_kept_between_two_recvs_is_bounded(wire: Any, size: int) -> None:
    decoder = wire.LineDecoder(LIMIT)
    for chunk in cut(b"".join(STREAMS), size):
        decoder.receive_data(chunk)
        kept = [value for value in vars(decoder).values() if isinstance(value, bytes)]
        assert sum(map(len, kept)) <= LIMIT


def test_the_rest_at_eof_is_a_line_once(wire: Any) -> None:
    decoder = wire.LineDecoder()
    assert decoder.receive_data(b"no newline\r") == []
    assert decoder.receive_eof() == ["no newline"]
    assert decoder.receive_eof() == []


def test_a_lone_surrogate_cannot_break_the_encoder(wire: Any) -> None:
    assert wire.encode_line("a\udcffb") == b"a?b\n"


def test_a_chunk_is_a_message_and_so_is_a_line_in_it(wire: Any) -> None:
    decoder = wire.make_decoder("chunk")
    assert decoder.receive_data(b"one") == ["one"]
    assert decoder.receive_data(b"two\nthree\r\n\nfour") == ["two", "three", "four"]
    assert decoder.receive_data(b"\r") == decoder.receive_data(b"\n") == []
    assert decoder.receive_eof() == []


def test_a_character_that_two_chunks_share_comes_with_the_second(wire: Any) -> None:
    wave = "👋".encode()
    for size in (1, 2, 3):
        decoder = wire.make_decoder("chunk")
        assert decoder.receive_data(b"hi" + wave[:size]) == ["hi"]
        assert decoder.receive_data(wave[size:] + b"!") == ["👋!"]
    assert decode(wire.make_decoder("chunk"), [b"hi", wave[:2]]) == [
        "hi",
        "\N{REPLACEMENT CHARACTER}",
    ]


@given(st.lists(st.binary()))
def test_chunks_of_any_bytes_lose_nothing(wire: Any, chunks: list[bytes]) -> None:
    text = "".join(line or "" for line in decode(wire.make_decoder("chunk"), chunks))
    expected = b"".join(chunks).decode("utf-8", "replace")
    assert re.sub("[\r\n]", "", text) == re.sub("[\r\n]", "", expected)


def test_both_languages_have_the_same_words_with_the_same_gaps(wire: Any) -> None:
    def words(language: type) -> dict[str, list[Any]]:
        texts = {name: text for name, text in vars(language).items() if name[0] != "_"}
        return {name: list(string.Formatter().parse(text)) for name, text in texts.items()}

    russian, english = words(wire.Russian), words(wire.English)
    assert russian.keys() == english.keys()
    for name in russian:
        gaps = [
            [part[1:] for part in parts if part[1] is not None]
            for parts in (russian[name], english[name])
        ]
        assert gaps[0] == gaps[1], name
        assert russian[name] != english[name], name


def test_the_time_has_two_digits_each(wire: Any) -> None:
    assert re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d - text", wire.stamped("text"))


def test_wire_knows_neither_sockets_nor_threads(wire: Any) -> None:
    tree = ast.parse(Path(wire.__file__).read_text(encoding="utf-8"))
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not imported & {"socket", "threading", "select", "queue", "asyncio", "autograder"}


def test_a_console_that_lacks_a_character_shows_another(
    wire: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="cp1251"))
    monkeypatch.setattr("sys.argv", ["server.py"])
    wire.start()
    wire.show("привет 👋\n")
    assert raw.getvalue().decode("cp1251").split() == ["привет", "?"]


def test_without_options_the_chat_is_where_everybody_looks_for_it(wire: Any, monkeypatch) -> None:
    monkeypatch.setattr("sys.argv", ["server.py"])
    options, words = wire.start()
    assert (options.host, options.port, options.framing) == ("localhost", 14900, "line")
    assert words is wire.WORDS["ru"]
