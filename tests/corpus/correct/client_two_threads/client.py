"""Two threads do the work, one for each direction; the main thread only waits for them."""

import codecs
import contextlib
import os
import socket
import sys
import threading


def read_from(server, finished):
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while True:
        try:
            data = server.recv(1024)
        except OSError:
            break
        if not data:
            break
        sys.stdout.write(decoder.decode(data).replace("\r", ""))
        sys.stdout.flush()
    if not finished.is_set():
        print("\nСервер отключился.", flush=True)
        os._exit(1)


def write_to(server, finished):
    while True:
        line = sys.stdin.readline()
        if not line:
            break
        try:
            server.sendall(line.rstrip("\n").encode() + b"\n")
        except OSError:
            return
    finished.set()
    with contextlib.suppress(OSError):
        server.shutdown(socket.SHUT_WR)


def main():
    if len(sys.argv) not in (1, 3):
        sys.exit("Использование: client.py [АДРЕС ПОРТ]")
    host, port = sys.argv[1:] or ("localhost", "14900")
    server = socket.socket()
    try:
        server.connect((host, int(port)))
    except (OSError, ValueError) as error:
        sys.exit(f"Не могу подключиться к {host}:{port}: {error}")
    print(f"Подключено к {host}:{port}", flush=True)
    finished = threading.Event()
    reader = threading.Thread(target=read_from, args=(server, finished), daemon=True)
    writer = threading.Thread(target=write_to, args=(server, finished), daemon=True)
    reader.start()
    writer.start()
    try:
        writer.join()
        reader.join(1 if finished.is_set() else None)
    except KeyboardInterrupt:
        print()
    sys.stdout.flush()
    os._exit(0)  # the writer may still wait for the keyboard: a normal end could hang on that


if __name__ == "__main__":
    main()
