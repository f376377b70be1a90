"""A thread for each pair and direction: two of them read one socket, and each gets a part."""

import argparse
import socket
import threading


class Bridge(threading.Thread):
    def __init__(self, source, target, number):
        super().__init__(daemon=True)
        self.source = source
        self.target = target
        self.number = number

    def run(self):
        try:
            while True:
                data = self.source.recv(16384)
                if not data:
                    break
                self.target.sendall(data)
                print(f"#{self.number}:", data.decode("utf-8", "replace").strip())
        except OSError:
            print("Мост сломался")


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    return parser.parse_args()


def main():
    args = parse()
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((args.host, args.port))
    server.listen(10)
    everyone = []
    print("Сервер готов")
    while True:
        new, _ = server.accept()
        for number, old in enumerate(everyone, 1):
            old.sendall("К чату присоединился новый пользователь\n".encode())
            Bridge(old, new, number).start()
            Bridge(new, old, len(everyone) + 1).start()
        everyone.append(new)


if __name__ == "__main__":
    main()
