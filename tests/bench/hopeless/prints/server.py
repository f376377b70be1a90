"""A hopeless submission: it prints what a chat would print, and opens no socket."""

import threading


def chat() -> None:
    print("12:00 - Пользователь #1 присоединился к чату!")
    print("12:00 - Пользователь #1 - привет")


thread = threading.Thread(target=chat)
thread.start()
thread.join()
