"""What the chat's programs have in common: how bytes become lines, their words and options.

Rules of the wire:
1. A message is one line of UTF-8 ended by b"\\n"; a b"\\r" before that is dropped.
2. Bytes are cut into lines first and decoded then: no character can be cut in two.
3. Bytes that are not UTF-8 become U+FFFD. They are the peer's mistake, not a reason to stop.
4. A line is at most MAX_LINE bytes. A longer one is reported once, as soon as that is known;
   its bytes are thrown away as they come, and the stream goes on with the next line.
5. What stands after the last b"\\n" when the peer has said EOF is a line as well: EOF is said
   on purpose, nothing more will come. After a reset it is dropped: it may be half a message.

Nothing here knows sockets or threads: every rule can be tried out with bytes alone.
"""

from __future__ import annotations

import argparse
import codecs
import io
import os
import sys
import time

MAX_LINE = 16_384  # bytes before the b"\n"
MAX_RELAYED = 3 * MAX_LINE + 256  # a relayed line: U+FFFD takes three bytes, and the prefix

Line = str | None  # None stands for a line that was too long


def encode_line(text: str) -> bytes:
    """Return the bytes of one message; `text` is without a newline."""
    return text.encode("utf-8", "replace") + b"\n"


def decode_line(raw: bytes) -> str:
    """Return the text of one line, given without its b"\\n"."""
    return raw.removesuffix(b"\r").decode("utf-8", "replace")


class LineDecoder:
    """Turn the bytes of a stream, cut anywhere, into its lines.

    Args:
        limit: The most bytes a line may have.
    """

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._rest = b""  # the beginning of a line whose end has not come yet
        self._skipping = False  # the rest of a line already reported as too long

    def receive_data(self, data: bytes) -> list[Line]:
        """Take the next bytes of the stream; return the lines that they complete."""
        # SOLUTION 4.2
        # TODO(4.2): соберите байты в строки; начало неполной строки сохраните.
        # TODO(4.2): make lines of the bytes; keep the beginning of an unfinished one.
        # Check: text_intact, framing_split, framing_merged
        # | return []
        *ended, self._rest = (self._rest + data).split(b"\n")
        if ended and self._skipping:
            self._skipping = False
            del ended[0]
        lines = [decode_line(raw) if len(raw) <= self._limit else None for raw in ended]
        if self._skipping:
            self._rest = b""
        elif len(self._rest) > self._limit:
            self._rest = b""
            self._skipping = True
            lines.append(None)
        return lines
        # END SOLUTION

    def receive_eof(self) -> list[Line]:
        """Return the last line, if the stream ended without a b"\\n"."""
        rest, self._rest = self._rest, b""
        return [decode_line(rest)] if rest else []


class ChunkDecoder:
    """Take what one recv returned as one message, for peers that send no b"\\n".

    A newline ends a message here too. Of a character that the end of a recv cut in two, the
    beginning is kept for the next one. No bound is needed: a recv has one.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def receive_data(self, data: bytes, final: bool = False) -> list[Line]:
        """Return the messages in the bytes of one recv."""
        lines = self._decoder.decode(data, final).split("\n")
        return [text for line in lines if (text := line.removesuffix("\r"))]

    def receive_eof(self) -> list[Line]:
        """Return the half of a character, if the stream ended in one."""
        return self.receive_data(b"", final=True)


Decoder = LineDecoder | ChunkDecoder


def make_decoder(framing: str, limit: int = MAX_LINE) -> Decoder:
    """Return the decoder for `--framing line` or `--framing chunk`."""
    return ChunkDecoder() if framing == "chunk" else LineDecoder(limit)


def stamped(text: str) -> str:
    """Return the text with the time before it, `HH:MM - text`."""
    return f"{time.strftime('%H:%M')} - {text}"


class Russian:
    """The words of the programs."""

    user = "Пользователь #{}"
    joined = "{} присоединился к чату!"
    left = "{} покинул чат."
    too_long = "Строка длиннее {} байт: она никому не отправлена."
    full = "Чат полон, оба места заняты. Попробуйте позже."
    listening = "Чат открыт: {}, порт {}. Остановить: Ctrl+C."
    stopped = "Чат закрыт."
    cannot_listen = "Не удалось открыть чат ({}, порт {}): {}. Попробуйте другой --port или --host."
    cannot_connect = "Не удалось подключиться ({}, порт {}): {}. Запущен ли сервер?"
    gone = "Сервер закрыл соединение."
    unreadable = "(Сервер прислал слишком длинную строку, она не показана.)"
    usage = "Чат по TCP, задание 4."
    host = "адрес сервера"
    port = "порт сервера; 0 у сервера — любой свободный"
    framing = (
        "где кончается сообщение: у перевода строки (line) или там, где кончается recv (chunk)"
    )


class English(Russian):
    """The same words in English."""

    user = "User #{}"
    joined = "{} joined the chat!"
    left = "{} left the chat."
    too_long = "A line of more than {} bytes: it was sent to nobody."
    full = "The chat is full, both seats are taken. Try again later."
    listening = "The chat is open: {}, port {}. Stop it with Ctrl+C."
    stopped = "The chat is closed."
    cannot_listen = "Cannot open the chat ({}, port {}): {}. Try another --port or --host."
    cannot_connect = "Cannot connect ({}, port {}): {}. Is the server running?"
    gone = "The server closed the connection."
    unreadable = "(The server sent a line that is too long; it is not shown.)"
    usage = "A chat over TCP, assignment 4."
    host = "the server's address"
    port = "the server's port; with 0 the server takes any free one"
    framing = "where a message ends: at a newline (line) or where a recv ends (chunk)"


Words = type[Russian]
WORDS: dict[str, Words] = {"ru": Russian, "en": English}


def show(text: str) -> None:
    """Print on the console; the chat goes on without one."""
    try:
        print(text, end="", flush=True)
    except OSError:  # nobody reads it any more, as with `server.py | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def start() -> tuple[argparse.Namespace, Words]:
    """Return the options of the command line and the words in the language they ask for."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None without a console
            stream.reconfigure(errors="replace")  # not every console can show every character
    lang = argparse.ArgumentParser(add_help=False)  # read first: the help speaks it too
    lang.add_argument("--lang", choices=WORDS, default="ru", help="ru | en")
    words = WORDS[lang.parse_known_args()[0].lang]
    parser = argparse.ArgumentParser(description=words.usage, parents=[lang])
    parser.add_argument("--host", default="localhost", help=words.host)
    parser.add_argument("--port", type=int, default=14900, help=words.port)
    parser.add_argument("--framing", choices=("line", "chunk"), default="line", help=words.framing)
    return parser.parse_args(), words
