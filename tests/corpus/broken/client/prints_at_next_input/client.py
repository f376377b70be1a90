"""Its thread collects what comes; the screen shows it when a line has been typed."""

import socket
import sys
import threading

inbox = []
inbox_lock = threading.Lock()


def receiver(sock):
    rest = b""
    while True:
        try:
            chunk = sock.recv(2048)
        except OSError:
            break
        if not chunk:
            break
        rest += chunk
        while b"\n" in rest:
            line, rest = rest.split(b"\n", 1)
            with inbox_lock:
                inbox.append(line.decode("utf-8", "replace"))
    with inbox_lock:
        inbox.append("*** сервер отключился ***")


def show_inbox():
    with inbox_lock:
        for line in inbox:
            print("   ", line)
        inbox.clear()


def main():
    port = 14900
    if len(sys.argv) > 2:
        port = int(sys.argv[-1])
    sock = socket.socket()
    sock.connect(("127.0.0.1", port))
    threading.Thread(target=receiver, args=(sock,), daemon=True).start()
    while True:
        try:
            text = input("> ")
        except EOFError:
            break
        sock.sendall(text.encode("utf-8") + b"\n")
        show_inbox()
    sock.close()


main()
