"""No thread: a time-out of the socket gives the keyboard its turn."""

import socket

PORT = 14900

client = socket.socket()
client.connect(("localhost", PORT))
client.settimeout(1)

while True:
    try:
        while True:
            data = client.recv(2048)
            if not data:
                print("Сервер закрыл соединение")
                exit()
            print(data.decode("utf-8", "replace"), end="", flush=True)
    except TimeoutError:
        pass
    try:
        message = input("> ")
    except EOFError:
        break
    client.sendall((message + "\n").encode())

client.close()
