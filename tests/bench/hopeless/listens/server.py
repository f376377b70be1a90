"""A hopeless submission: it listens, accepts and reads in threads, and never relays anything."""

import socket
import threading


def swallow(sock: socket.socket) -> None:
    while sock.recv(16384):
        pass
    sock.close()


with socket.create_server(("", 14900)) as listener:
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=swallow, args=(sock,), daemon=True).start()
