"""Asks for a username once it has connected, and puts it before what is said."""

import socket
import sys
import threading


class ChatClient:
    def __init__(self, host="localhost", port=14900):
        self.socket = socket.socket()
        self.address = host, port
        self.username = "anonymous"

    def receive(self):
        while data := self.socket.recv(4096):
            print(data.decode("utf-8", "replace"), end="", flush=True)
        print("The server has gone.")

    def run(self):
        try:
            self.socket.connect(self.address)
        except OSError as error:
            sys.exit(f"There is no server: {error}")
        print("Connected!")
        self.username = input("How shall we call you in this chat? ").strip() or self.username
        threading.Thread(target=self.receive, daemon=True).start()
        try:
            while True:
                self.socket.sendall(f"{self.username} says a few words: {input()}\n".encode())
        except EOFError:
            self.socket.close()


ChatClient().run()
