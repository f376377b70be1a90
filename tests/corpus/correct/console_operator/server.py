"""The operator sits at the server's console: what is typed goes to all, `quit` stops the chat."""

import argparse
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from datetime import datetime
from struct import pack


class Peer:
    def __init__(self, conn, number):
        self.conn = conn
        self.name = f"Гость {number}"
        self.pen = threading.Lock()
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, pack("ll", 0, 600_000))

    def send(self, line):
        try:
            with self.pen:
                self.conn.sendall(line)
        except OSError:
            self.drop()

    def drop(self):
        with suppress(OSError):
            self.conn.shutdown(socket.SHUT_RDWR)


class Hall:
    def __init__(self):
        self.peers = []
        self.door = threading.Lock()
        self.number = 0

    def let_in(self, conn):
        with self.door:
            self.number += 1
            peer = Peer(conn, self.number)
        self.say(f"{peer.name} здесь")
        with self.door:
            self.peers.append(peer)
        return peer

    def let_out(self, peer):
        with self.door:
            self.peers.remove(peer)
        self.say(f"{peer.name} ушёл")

    def say(self, text, author=None):
        line = f"[{datetime.now().strftime('%H:%M')}] {text}"
        print(line, flush=True)
        with self.door:
            peers = self.peers[:]
        for peer in peers:
            if peer is not author:
                peer.send(f"{line}\n".encode())


def listen_to(peer, hall):
    tail = b""
    with suppress(OSError):
        while piece := peer.conn.recv(16 * 1024):
            *whole, tail = (tail + piece).split(b"\n")
            for raw in whole:
                words = raw.decode("utf-8", "replace").rstrip("\r")
                if words:
                    hall.say(f"{peer.name}: {words}", peer)
    hall.let_out(peer)
    with peer.pen:
        peer.conn.close()


def operate(hall):
    for line in sys.stdin:
        command = line.strip()
        if command == "quit":
            os.kill(os.getpid(), signal.SIGINT)
            return
        if command == "list":
            with hall.door:
                print(*[peer.name for peer in hall.peers], sep=", ", flush=True)
        elif command:
            hall.say(f"Оператор: {command}")
    print("(ввода больше нет, сервер работает дальше)", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    args = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    hall = Hall()
    with socket.create_server((args.host, args.port), backlog=512) as server:
        print("Сообщение — всем, list — кто здесь, quit — конец.", flush=True)
        threading.Thread(target=operate, args=(hall,), daemon=True).start()
        try:
            while True:
                peer = hall.let_in(server.accept()[0])
                threading.Thread(target=listen_to, args=(peer, hall), daemon=True).start()
        except KeyboardInterrupt:
            for peer in list(hall.peers):
                peer.drop()
    print("До свидания!", flush=True)
    os._exit(0)  # the operator's thread may be in the midst of reading: a normal end could hang


if __name__ == "__main__":
    main()
