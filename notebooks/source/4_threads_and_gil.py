# %% [markdown] lang="ru"
# # 4. Потоки выполнения и замок на всю программу
#
# *35 минут. Готовит к `TODO(4.4)`; что проверят, скажет `lab4 explain threads`.*
#
# «Потоки в Python бесполезны: GIL». «Потоки ускоряют программу». Обе фразы вы ещё услышите, обе —
# от уверенных людей. **Четыре потока выполнения вместо одного: во сколько раз быстрее?**
#
# Слова: *thread* здесь — поток выполнения. GIL (*global interpreter lock*) — замок, без
# которого поток не может выполнять байт-код Python. Он один на всю программу.

# %% [markdown] lang="en"
# # 4. Threads, and one lock for the whole program
#
# *35 minutes. Prepares `TODO(4.4)`; `lab4 explain threads` says what will be checked.*
#
# “Threads are useless in Python: the GIL.” “Threads make programs faster.” You will hear both, and
# both from people who are sure. **Four threads instead of one: how many times faster?**
#
# Words: the GIL (*global interpreter lock*) is the lock that a thread holds while it runs Python's
# bytecode. There is one for the whole program.

# %%
import sys

sys.path.insert(0, "..")  # where the helpers lie
import socket
import subprocess
import threading

from lab4nb import Lab, Timeline, bars, checks, compare, gantt

# %% [markdown] lang="ru"
# Две работы. `wait` ждёт в `recv` байта, который собеседник пришлёт через 0,2 с. `count` считает
# в цикле.

# %% [markdown] lang="en"
# Two kinds of work. `wait` waits in `recv` for a byte that its partner will send after 0.2 s.
# `count` computes in a loop.


# %%
def wait():
    mine, theirs = socket.socketpair()
    with mine, theirs:
        partner = threading.Timer(0.2, theirs.sendall, [b"!"])
        partner.start()
        mine.recv(1)
        partner.join()


# %%
def count(n=1_000_000):
    while n:
        n -= 1


# %% [markdown] lang="ru"
# Кто сколько работал, запоминает `timeline`:

# %% [markdown] lang="en"
# `timeline` remembers who worked for how long:


# %%
def noted(work, timeline, name):
    with timeline.span(name, work.__name__):
        work()


# %% [markdown] lang="ru"
# Четыре раза подряд, всё в главном потоке выполнения:

# %% [markdown] lang="en"
# Four times in a row, all in the main thread:


# %%
def in_turn(work, timeline):
    for number in range(4):
        noted(work, timeline, f"main {number + 1}")


# %% [markdown] lang="ru"
# И в четырёх потоках выполнения. Сначала запустить всех, потом дождаться всех.

# %% [markdown] lang="en"
# And in four threads. First start them all, then wait for them all.


# %%
def in_threads(work, timeline):
    names = [f"thread {number + 1}" for number in range(4)]
    threads = [threading.Thread(target=noted, args=(work, timeline, name)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# %% [markdown] lang="ru"
# ## Предскажите
#
# Четыре работы по очереди занимают четыре отрезка времени. А в четырёх потоках выполнения? Впишите
# отдельно для ожидания и для счёта (1 — вчетверо быстрее, 4 — ничего не изменилось).

# %% [markdown] lang="en"
# ## Predict
#
# Four pieces of work, one after the other, take four units of time. And in four threads? Write a
# number for waiting and one for computing (1: four times as fast, 4: no change).

# %%
guess_wait = ...
guess_count = ...

# %% [markdown] lang="ru"
# ## Запустите
#
# Каждый опыт — трижды, берём самый быстрый: другие программы тоже хотят процессор.

# %% [markdown] lang="en"
# ## Run
#
# Each experiment three times, and we take the fastest: other programs want the processor, too.


# %%
def best_of_three(way, work):
    runs = [Timeline() for _ in range(3)]
    for timeline in runs:
        timeline.start()
        way(work, timeline)
    return min(runs, key=lambda timeline: timeline.end)


# %% [markdown] lang="ru"
# Две работы, два способа:

# %% [markdown] lang="en"
# Two kinds of work, two ways:

# %%
runs = {
    (work, way): best_of_three(way, work) for work in (wait, count) for way in (in_turn, in_threads)
}
seconds = {(work.__name__, way.__name__): run.end for (work, way), run in runs.items()}

# %%
parts = {
    work: 4 * seconds[work, "in_threads"] / seconds[work, "in_turn"] for work in ("wait", "count")
}
compare(guess_wait, round(parts["wait"]))

# %%
compare(guess_count, round(parts["count"]))

# %% [markdown] lang="ru"
# В секундах:

# %% [markdown] lang="en"
# In seconds:

# %%
bars.two_by_two(seconds)

# %% tags=["invariant"]
assert seconds["wait", "in_threads"] < seconds["wait", "in_turn"] / 2
assert seconds["count", "in_threads"] > seconds["count", "in_turn"] / 2

# %% [markdown] lang="ru"
# ## Объясните
#
# Посмотрите, что делал каждый поток выполнения. Сначала ожидание:

# %% [markdown] lang="en"
# ## Explain
#
# Look at what each thread did. Waiting first:

# %%
gantt.draw(runs[wait, in_threads])

# %% [markdown] lang="ru"
# Ждут все разом: `recv` перед тем, как заснуть, **отпускает GIL**. А теперь счёт:

# %% [markdown] lang="en"
# All wait together: before it goes to sleep, `recv` **releases the GIL**. Now computing:

# %%
gantt.draw(runs[count, in_threads])

# %% [markdown] lang="ru"
# Все четыре «работают» всё время, и каждый — вчетверо медленнее: GIL ходит по кругу, примерно по
# 5 мс в одни руки (`sys.getswitchinterval()`). Ускорения нет, а за передачу GIL ещё и платят. В
# сборке Python *без* GIL, с буквой `t` в номере, было бы иначе. Но чат почти ничего не считает: он
# ждёт в `accept` и `recv`. Для ожидания потоки выполнения и придуманы.
#
# ## Три ловушки
#
# **Скобки.** Какой поток выполнения вызовет `who`? Впишите имя: `"MainThread"` или `"Thread"`.

# %% [markdown] lang="en"
# All four “work” all the time, each four times as slowly: the GIL goes round, some 5 ms to each
# (`sys.getswitchinterval()`). Nothing is gained, and to pass the GIL on has a price. In a build of
# Python *without* the GIL, with a `t` in its number, it would be different. But a chat hardly
# computes: it waits in `accept` and `recv`. Waiting is what threads are for.
#
# ## Three traps
#
# **Brackets.** Which thread will call `who`? Write its name: `"MainThread"` or `"Thread"`.

# %%
guess_who = ...


# %% [markdown] lang="ru"
# Функция записывает, кто её вызвал:

# %% [markdown] lang="en"
# The function writes down who called it:


# %%
def who(names):
    names.append(threading.current_thread().name)


# %%
names = []
thread = threading.Thread(target=who(names))
thread.start()
thread.join()
compare(guess_who, names[0].split("-")[0])

# %% tags=["invariant"]
assert names == ["MainThread"]

# %% [markdown] lang="ru"
# `who(names)` — это вызов, здесь и сейчас; потоку выполнения досталось `None`. Если бы `who` была
# разговором с клиентом, `accept` пришлось бы подождать.
#
# **Тишина.** Поток выполнения делит на ноль. Что сделает `join()`: `"raise"` или `"return"`?

# %% [markdown] lang="en"
# `who(names)` is a call, here and now; what the thread got was `None`. Had `who` been a conversation
# with a client, `accept` would have had to wait.
#
# **Silence.** A thread divides by zero. What will `join()` do: `"raise"` or `"return"`?

# %%
guess_join = ...

# %%
with Lab() as lab:
    broken = lab.thread(lambda: 1 / 0)
    try:
        joined = "return" if broken.join() is None else "value"
    except ZeroDivisionError:
        joined = "raise"
compare(guess_join, joined)

# %% [markdown] lang="ru"
# Жив ли этот поток выполнения, и что запомнила `Lab`:

# %% [markdown] lang="en"
# Is that thread alive, and what has `Lab` kept?

# %%
broken.is_alive(), lab.errors

# %% tags=["invariant"]
assert joined == "return"
assert [type(error) for error in lab.errors] == [ZeroDivisionError] and not broken.is_alive()

# %% [markdown] lang="ru"
# Поток выполнения умер молча; `Lab` узнал об этом от `threading.excepthook`, а обычная программа
# печатает ошибку в stderr и живёт дальше без него. У чата это выглядит так: Борис на связи, но его
# больше никто не слышит.
#
# **Daemon.** Программа завершается, а в другом её потоке выполнения ещё не сработал `finally`.
# С `daemon=True` слово «goodbye» напечатается: `True` или `False`?

# %% [markdown] lang="en"
# The thread died without a word; `Lab` learnt of it from `threading.excepthook`, while an ordinary
# program prints the error to stderr and lives on without the thread. In a chat it looks like this:
# Boris is connected, and nobody hears him any more.
#
# **Daemon.** A program ends while in another of its threads a `finally` has yet to run. With
# `daemon=True`, will the word “goodbye” be printed: `True` or `False`?

# %%
guess_goodbye = ...

# %% [markdown] lang="ru"
# Конец программы надо смотреть снаружи, поэтому это отдельный процесс:

# %% [markdown] lang="en"
# The end of a program must be seen from outside, so it is a process of its own:

# %%
PROGRAM = """
import threading, time
def work():
    try: time.sleep(0.5)
    finally: print("goodbye")
threading.Thread(target=work, daemon={}).start()
"""


# %%
def last_words(daemon):
    command = [sys.executable, "-c", PROGRAM.format(daemon)]
    return subprocess.run(command, capture_output=True, text=True).stdout


# %%
said = {daemon: last_words(daemon) for daemon in (True, False)}
compare(guess_goodbye, "goodbye" in said[True])

# %% [markdown] lang="ru"
# Что напечатано с `daemon=True` и без:

# %% [markdown] lang="en"
# What was printed with `daemon=True`, and without:

# %%
said

# %% tags=["invariant"]
assert said == {True: "", False: "goodbye\n"}

# %% [markdown] lang="ru"
# Демона обрывают на полуслове: сокеты не закрыты по-людски, файл не дописан. Без `daemon` программа
# дождётся всех — и не закончится никогда, если кто-то стоит в `recv`. Правильный путь — разбудить и
# дождаться (`shutdown` и `join`), о нём ноутбук 3.
#
# ## Измените
#
# Допишите `serve_each`: для каждого клиента запустить поток выполнения, который вызовет
# `talk(client)`, и вернуть список этих потоков. Все разговоры должны идти одновременно.

# %% [markdown] lang="en"
# A daemon is cut off in mid-word: sockets are not closed decently, a file is not written to its end.
# Without `daemon` the program waits for all, and never ends if somebody stands in `recv`. The right
# way is to wake them and to wait (`shutdown` and `join`); see notebook 3.
#
# ## Modify
#
# Complete `serve_each`: for each client start a thread that calls `talk(client)`, and return the
# list of these threads. All conversations must go on at the same time.


# %% tags=["exercise"]
def serve_each(clients, talk):
    return ...


# %% tags=["solution"]
def serve_each(clients, talk):
    threads = [threading.Thread(target=talk, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    return threads


# %%
checks.threads.serve_each(serve_each)

# %% [markdown] lang="ru"
# ## Проверьте
#
# Ваш сервер: сколько потоков выполнения он запустит ради двоих?

# %% [markdown] lang="en"
# ## Check
#
# Your server: how many threads will it start for two people?

# %%
checks.threads.server()

# %% [markdown] lang="ru"
# ## Унесите с собой
#
# - Ждать можно вчетвером, считать — по одному.
# - `target=talk`, без скобок.
# - Исключение в потоке выполнения не видно никому, кроме stderr.
# - Раз GIL всё равно один, может, и замки не нужны? [Проверим](5_scheduler.ipynb).

# %% [markdown] lang="en"
# ## Take away
#
# - Four can wait together; one at a time can compute.
# - `target=talk`, without brackets.
# - An exception in a thread is seen by nobody but stderr.
# - Since there is one GIL, are locks not needed? [Let us see](5_scheduler.ipynb).
