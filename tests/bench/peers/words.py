"""What a peer says: the lines of the chat, printed on its console and returned as bytes."""

import time


def announce(line: str) -> bytes:
    """Put the time before a line, print it, and return it as it goes over the wire."""
    line = f"{time.strftime('%H:%M')} - {line}"
    print(line)
    return f"{line}\n".encode()


def said(number: int, text: bytes) -> bytes:
    return announce(f"Пользователь #{number} - {text.decode(errors='replace')}")


def joined(number: int) -> bytes:
    return announce(f"Пользователь #{number} присоединился к чату!")


def left(number: int) -> bytes:
    return announce(f"Пользователь #{number} покинул чат.")
