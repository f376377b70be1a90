"""A client as it is shown in class: prints each recv as it comes, knows one port only."""

import socket
import threading

client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect(("localhost", 14900))


def send_message():
    while True:
        message = input()
        client.send((message + "\n").encode("utf-8"))


def receive_message():
    while True:
        data = client.recv(16384)
        if not data:
            print("Сервер отключился")
            break
        print(data.decode("utf-8"))


threading.Thread(target=receive_message, daemon=True).start()
send_message()
