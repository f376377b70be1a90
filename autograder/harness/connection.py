"""One kit client over TCP: what it reads, and every way to say goodbye."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys

from autograder.harness.inbox import Inbox
from autograder.harness.switchboard import SWITCHBOARD
from autograder.i18n import _
from autograder.transcript import Transcript

CONNECT_S = 5.0
MOST_LAST_READS = 256  # when leaving: a server that never stops sending gets a RST
THAWED_BUFFER = 1 << 20  # bytes
SEND_S = 10.0  # a server that reads nothing for so long will not be told more
# Acknowledge at once, or a server that writes twice without TCP_NODELAY waits 40 ms for us.
QUICK_ACK = getattr(socket, "TCP_QUICKACK", None)
TCPI_BYTES_RECEIVED = 128  # offset in struct tcp_info, linux/tcp.h

Address = tuple[str, int]


class Connection:
    """A client; the switchboard reads into `inbox` until the server hangs up.

    Args:
        address: Where the server listens.
        name: The client's name, for the transcript.
        transcript: Gets every byte sent and received.
        frozen: Do not read until `thaw()`.
        receive_buffer: SO_RCVBUF in bytes; 0 leaves the system's.

    Raises:
        OSError: the server could not be reached.
    """

    def __init__(
        self,
        address: Address,
        name: str,
        transcript: Transcript,
        *,
        frozen: bool = False,
        receive_buffer: int = 0,
    ) -> None:
        self.name = name
        self.inbox = Inbox()
        self._transcript = transcript
        self._socket = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        try:
            if receive_buffer:  # before connect(): it sets the window that is announced
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            self._socket.settimeout(CONNECT_S)
            self._socket.connect(address)
        except OSError:
            self._socket.close()
            raise
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        timeout = struct.pack("@ll", int(SEND_S), 0)
        with contextlib.suppress(OSError):  # Windows wants another format; it may wait there
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)
        self.local: Address = self._socket.getsockname()[:2]
        self.port = self.local[1]
        self.remote: Address = self._socket.getpeername()[:2]
        transcript.add(name, "event", _("connected"))
        self.frozen = True
        self._leaving = False
        if not frozen:
            self._begin_to_read()

    def _begin_to_read(self) -> None:
        self.frozen = False
        self._acknowledge_at_once()
        SWITCHBOARD.add(self._socket, self._read)

    def _read(self) -> None:
        try:
            data = self._socket.recv(65536)
        except OSError:
            self._end("reset", _("the server hung up (reset)"))
            return
        if data:
            self._acknowledge_at_once()
            self._take(data)
            if self.inbox.overflows:  # a flood: more of it would tell nothing, and keep us busy
                SWITCHBOARD.remove(self._socket)
        else:
            self._end("eof", _("the server hung up"))

    def _end(self, how: str, event: str) -> None:
        SWITCHBOARD.remove(self._socket)
        self._transcript.add(self.name, "event", event)
        self.inbox.end(how)

    def _take(self, data: bytes) -> None:
        self._transcript.add(self.name, "received", data)
        self.inbox.feed(data)

    def _acknowledge_at_once(self) -> None:
        if QUICK_ACK is not None:  # Linux forgets it after a while: ask again each time
            self._socket.setsockopt(socket.IPPROTO_TCP, QUICK_ACK, 1)

    @property
    def open(self) -> bool:
        """Whether this side has not left yet."""
        return not self._leaving

    def unread(self) -> int:
        """Return how many bytes have come that `inbox` does not have yet (Linux)."""
        return 0 if self.frozen or self._leaving else unread_bytes(self._socket, self.inbox)

    def send(self, data: bytes) -> None:
        """Send all of `data`; a connection that is no more loses it, and says so."""
        self._transcript.add(self.name, "sent", data)
        try:
            self._socket.sendall(data)
        except OSError as error:
            self._transcript.add(
                self.name, "event", _("could not send: {error}").format(error=error)
            )

    def send_last(self, data: bytes) -> None:
        """Send `data` and FIN, in one segment where the system can do that."""
        if hasattr(socket, "TCP_CORK"):
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        self.send(data)
        self.half_close()

    def half_close(self) -> None:
        """Send FIN; go on receiving."""
        self._transcript.add(self.name, "event", _("will send nothing more"))
        with contextlib.suppress(OSError):  # the server may have gone first
            self._socket.shutdown(socket.SHUT_WR)

    def thaw(self) -> None:
        """Read from now on."""
        if not self.frozen:
            return
        # A tiny buffer has done its work; emptying one takes a persist timer per KB.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, THAWED_BUFFER)
        self._begin_to_read()

    def close(self) -> None:
        """Leave normally: what came is read first, so that FIN is sent and not RST."""
        self._leave(_("left"))

    def reset(self) -> None:
        """Leave with RST, as a crashing program does."""
        if not self._leaving:
            linger_for_no_time = struct.pack("hh" if _WINDOWS else "ii", 1, 0)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_no_time)
        self._leave(_("left without goodbye (RST)"))

    def _leave(self, how: str) -> None:
        if self._leaving:
            return
        self._leaving = True
        self._transcript.add(self.name, "event", how)
        SWITCHBOARD.remove(self._socket)
        self.inbox.end("closed")
        if not self.frozen:  # what has come is read, or close() would say RST
            self._socket.setblocking(False)
            with contextlib.suppress(OSError):
                for _read in range(MOST_LAST_READS):
                    if not self._socket.recv(65536):
                        break
        self._socket.close()


def unread_bytes(connected: socket.socket, inbox: Inbox) -> int:
    """Return how many bytes the system has received that `inbox` does not have yet (Linux).

    The system's own count, not a look into the queue: a chunk that a thread has taken out of
    the queue but not put into the inbox is counted as well. 0 where the system cannot tell.
    """
    if inbox.ended or sys.platform != "linux":
        return 0
    try:
        info = connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
    except OSError:
        return 0  # closed in the meantime: nothing more can be read
    (received,) = struct.unpack_from("@Q", info, TCPI_BYTES_RECEIVED)
    return max(0, int(received) - inbox.size)


_WINDOWS = not hasattr(socket, "MSG_DONTWAIT")
