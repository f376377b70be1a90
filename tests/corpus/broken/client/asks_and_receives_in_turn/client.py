"""Asks for a line, sends it, and only then waits for an answer."""

import sys
from socket import AF_INET, SOCK_STREAM, socket


def address():
    if "--port" in sys.argv:
        return "localhost", int(sys.argv[sys.argv.index("--port") + 1])
    return "localhost", 14900


def main():
    s = socket(AF_INET, SOCK_STREAM)
    try:
        s.connect(address())
    except ConnectionRefusedError:
        print("Сервер не отвечает")
        return
    print("Вы в чате! Чтобы выйти, введите /выход")
    while True:
        message = input("Вы: ")
        if message == "/выход":
            break
        s.sendall((message + "\n").encode("utf-8"))
        answer = s.recv(4096)
        if not answer:
            print("Сервер закрыт")
            break
        print("Ответ:", answer.decode("utf-8", errors="replace"))
    s.close()


if __name__ == "__main__":
    main()
