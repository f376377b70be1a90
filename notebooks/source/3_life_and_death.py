# %% [markdown] lang="ru"
# # 3. Жизнь и смерть соединения
#
# *40 минут. Готовит к `TODO(4.10)`; что проверят, скажет `lab4 explain no_spin`.*
#
# Борис вышел из чата, и вентилятор сервера взвыл: процессор занят на 100 %. Сервер ничего не считает
# и никому не отвечает. Он **читает**. Что можно читать у того, кто ушёл, — и так быстро?

# %% [markdown] lang="en"
# # 3. Life and death of a connection
#
# *40 minutes. Prepares `TODO(4.10)`; `lab4 explain no_spin` says what will be checked.*
#
# Boris left the chat, and the server's fan began to howl: 100 % of the processor. The server computes
# nothing and answers nobody. It **reads**. What is there to read from somebody who has gone, and so
# fast?

# %%
import sys

sys.path.insert(0, "..")  # where the helpers lie
import socket
import time

from lab4nb import Lab, checks, compare, states
from lab4nb.lab import reset, wait_until_arrived

# %% [markdown] lang="ru"
# ## Предскажите
#
# Борис закрыл соединение. Анна вызывает `recv` снова и снова, десятую долю секунды. Сколько раз
# `recv` вернётся: `"never"` — будет ждать, `"once"`, `"thousands"`?

# %% [markdown] lang="en"
# ## Predict
#
# Boris closed the connection. Anna calls `recv` again and again for a tenth of a second. How often
# will `recv` return: `"never"` (it will wait), `"once"`, `"thousands"`?

# %%
guess = ...

# %% [markdown] lang="ru"
# ## Запустите

# %% [markdown] lang="en"
# ## Run

# %%
got, end = [], time.perf_counter() + 0.1
with Lab() as lab:
    anna, boris = lab.pair()
    boris.close()
    while time.perf_counter() < end:
        got.append(anna.recv(1024))

# %%
compare(guess, "once" if len(got) == 1 else "thousands")

# %% [markdown] lang="ru"
# Сколько раз и что именно:

# %% [markdown] lang="en"
# How often, and what:

# %%
len(got), set(got)

# %% tags=["invariant"]
assert len(got) > 1000 and set(got) == {b""}

# %% [markdown] lang="ru"
# ## Объясните
#
# `b""` — не «пусто, зайдите позже». Это **конец потока байтов**, и он никуда не денется: каждый
# следующий `recv` вернёт его снова, сразу. Цикл `while True: data = sock.recv(1024)` превращается
# в печку. (А когда просто тихо, `recv` *ждёт*.)
#
# Посмотрим на конец глазами ядра. Закрываются две половины соединения, по очереди:

# %% [markdown] lang="en"
# ## Explain
#
# `b""` is not “empty, come back later”. It is **the end of the stream**, and it stays there: every
# further `recv` returns it again, at once. The loop `while True: data = sock.recv(1024)` becomes a
# stove. (When it is merely quiet, `recv` *waits*.)
#
# Let us look at the end as the kernel sees it. The two halves of a connection close one by one:

# %%
with Lab() as lab:
    anna, boris = lab.pair()
    life = states.Life(anna)
    life.note("connect")
    anna.shutdown(socket.SHUT_WR)
    life.note("anna.shutdown")
    boris.sendall("я ещё говорю".encode())
    late_words = anna.recv(1024).decode()
    boris.close()
    life.note("boris.close")
    anna.close()
    life.note("anna.close")

# %% [markdown] lang="ru"
# Столбец — вызов, строка — что после него говорит ядро об одном конце.

# %% [markdown] lang="en"
# A column is a call, a row is what the kernel says of one end after it.

# %%
states.draw(life)

# %% [markdown] lang="ru"
# А это Анна услышала уже *после* своего `shutdown`:

# %% [markdown] lang="en"
# And this Anna heard *after* her `shutdown`:

# %%
late_words

# %% tags=["invariant"]
assert late_words == "я ещё говорю"
if sys.platform == "linux":
    assert [step[1:] for step in life.steps] == [
        ("ESTABLISHED", "ESTABLISHED"),
        ("FIN_WAIT2", "CLOSE_WAIT"),
        ("TIME_WAIT", "—"),
        ("TIME_WAIT", "—"),
    ]

# %% [markdown] lang="ru"
# Анна сказала «у меня всё» (FIN), но Борис ещё говорил, и она слышала: это **полузакрытие**. А в конце
# того, кто закрыл *первым*, ядро держит в `TIME_WAIT` около минуты, хотя сокета уже нет: вдруг
# последнее подтверждение потеряется. К этому вернёмся.
#
# ## Невежливые
#
# Анна написала Борису, он *не прочитал* и закрыл соединение обычным `close()`. Что получит Анна из
# `recv`: `"end"` (то есть `b""`) или `"error"`?

# %% [markdown] lang="en"
# Anna said “that is all from me” (FIN), but Boris went on, and she heard him: a **half-close**. And at
# the end the kernel keeps whoever closed *first* in `TIME_WAIT` for about a minute, although the
# socket is no more: the last acknowledgement might get lost. We shall come back to that.
#
# ## The impolite
#
# Anna wrote to Boris, he did *not read* it and closed the connection by a plain `close()`. What will
# Anna get from `recv`: `"end"` (that is `b""`) or `"error"`?

# %%
guess_unread = ...


# %% [markdown] lang="ru"
# Борис уходит каким-нибудь способом. Что видит Анна?

# %% [markdown] lang="en"
# Boris leaves in some way. What does Anna see?


# %%
def what_anna_sees(leave, unread=b""):
    with Lab() as lab:
        anna, boris = lab.pair()
        if unread:
            anna.sendall(unread)
            wait_until_arrived(boris, len(unread))
        leave(boris)
        try:
            return "end" if anna.recv(1024) == b"" else "text"
        except ConnectionResetError:
            return "error"


# %%
compare(guess_unread, what_anna_sees(socket.socket.close, unread=b"hello"))

# %% [markdown] lang="ru"
# Три способа рядом:

# %% [markdown] lang="en"
# Three ways side by side:

# %%
{
    "close": what_anna_sees(socket.socket.close),
    "close, unread": what_anna_sees(socket.socket.close, unread=b"hello"),
    "crash": what_anna_sees(reset),
}

# %% tags=["invariant"]
assert what_anna_sees(socket.socket.close) == "end"
assert what_anna_sees(socket.socket.close, unread=b"hello") == "error"
assert what_anna_sees(reset) == "error"

# %% [markdown] lang="ru"
# Закрыть, не прочитав, — для TCP обрыв (RST): данные пропали, и другой стороне об этом говорят
# прямо. Так уходит любой клиент, которому в этот миг писали. Поэтому `ConnectionResetError` — не
# экзотика, а будни.
#
# Теперь пишем ушедшему. Борис закрыл соединение, Анна вызывает `sendall` раз за разом, с паузами.
# Какой по счёту вызов упадёт?

# %% [markdown] lang="en"
# To close without reading is an abort for TCP (RST): data is lost, and the other side is told so.
# Every client leaves like this if somebody was just writing to it. So `ConnectionResetError` is not
# exotic, it is everyday life.
#
# Now we write to somebody who has gone. Boris closed the connection, Anna calls `sendall` again and
# again, with pauses. Which call will fail?

# %%
guess_send = ...

# %% [markdown] lang="ru"
# Пауза нужна, чтобы ответ ядра с той стороны успел прийти:

# %% [markdown] lang="en"
# The pause lets the answer of the other side's kernel arrive:

# %%
sends = 0
with Lab() as lab:
    anna, boris = lab.pair()
    boris.close()
    try:
        while sends < 10:
            sends += 1
            anna.sendall(b"are you there?")
            time.sleep(0.05)
    except OSError as error:
        failed = type(error).__name__
compare(guess_send, sends)

# %% [markdown] lang="ru"
# Чем кончился последний вызов:

# %% [markdown] lang="en"
# How the last call ended:

# %%
failed

# %% tags=["invariant"]
assert sends == 2 and failed in ("BrokenPipeError", "ConnectionResetError")

# %% [markdown] lang="ru"
# Первый «прошёл»: `sendall` удался — значит, байты *легли в буфер*, а не дошли. Ответом был RST, и о
# нём узнал второй вызов. В чате второй вызов делает чужой, ни в чём не виноватый поток выполнения.
#
# ## Разбудить спящего
#
# Поток выполнения стоит в `recv`. Что его разбудит из другого потока: `"close"`, `"shutdown"`,
# `"both"`?

# %% [markdown] lang="en"
# The first one “worked”: that `sendall` succeeds means that bytes *are in a buffer*, not that they
# arrived. The answer was an RST, and the second call met it. In a chat the second call is made by
# somebody else's thread, an innocent one.
#
# ## Waking a sleeper
#
# A thread stands in `recv`. What wakes it from another thread: `"close"`, `"shutdown"`, `"both"`?

# %%
guess_wake = ...


# %% [markdown] lang="ru"
# Один поток выполнения засыпает в `recv`, другой его будит:

# %% [markdown] lang="en"
# One thread falls asleep in `recv`, another wakes it:


# %%
def wakes(call):
    with Lab() as lab:
        anna, _boris = lab.pair()
        sleeper = lab.thread(lambda: anna.recv(1024))
        time.sleep(0.1)  # let it fall asleep
        call(anna)
        sleeper.join(0.5)
        return not sleeper.is_alive()


# %%
woken = {
    "close": wakes(socket.socket.close),
    "shutdown": wakes(lambda sock: sock.shutdown(socket.SHUT_RDWR)),
}
compare(guess_wake, "both" if all(woken.values()) else next(call for call in woken if woken[call]))

# %% tags=["invariant"]
assert woken == {"close": False, "shutdown": True} or sys.platform != "linux"

# %% [markdown] lang="ru"
# В Linux `close` лишь отпускает номер сокета; тот, кто уже спит в `recv`, спит дальше. Остановка
# сервера — это `shutdown` каждому сокету, потом `join` каждому потоку выполнения.
#
# ## Порт, который не отпускают
#
# Сервер остановили — он закрыл соединения *первым* — и тут же запускают снова на том же порту.
# Без `SO_REUSEADDR` это удастся: `True` или `False`?

# %% [markdown] lang="en"
# On Linux `close` only lets go of the socket's number; whoever sleeps in `recv` already sleeps on.
# To stop a server means `shutdown` for each socket, then `join` for each thread.
#
# ## The port that is not let go
#
# A server was stopped, it closed the connections *first*, and is started again at once on the same
# port. Without `SO_REUSEADDR`, will that work: `True` or `False`?

# %%
guess_port = ...


# %% [markdown] lang="ru"
# Слушающий сокет, с опцией или без:

# %% [markdown] lang="en"
# A listening socket, with the option or without:


# %%
def open_port(port, reuse):
    listener = socket.socket()
    if reuse:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener


# %% [markdown] lang="ru"
# Сервер впускает одного, закрывает *первым* и снова просит тот же порт:

# %% [markdown] lang="en"
# A server lets one in, closes *first*, and asks for the same port again:


# %%
def restart_works(reuse):
    with open_port(0, reuse) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            listener.accept()[0].close()
            client.recv(1)
    try:
        open_port(port, reuse).close()
    except OSError:
        return False
    return True


# %%
again = {reuse: restart_works(reuse) for reuse in (False, True)}
compare(guess_port, again[False])

# %% [markdown] lang="ru"
# Без опции и с ней:

# %% [markdown] lang="en"
# Without the option and with it:

# %%
again

# %% tags=["invariant"]
assert again == {False: False, True: True} or sys.platform != "linux"

# %% [markdown] lang="ru"
# Виноват `TIME_WAIT` с картинки выше: порт «занят» минуту. `SO_REUSEADDR` *до* `bind` говорит: знаю,
# пустите.
#
# ## Измените
#
# Допишите `how_it_ended`: прочитать всё до конца и вернуть `"left"`, если Борис ушёл по-людски, или
# `"broke"`, если соединение оборвалось.

# %% [markdown] lang="en"
# It is the `TIME_WAIT` of the picture above: the port is “taken” for a minute. `SO_REUSEADDR` *before*
# `bind` says: I know, let me in.
#
# ## Modify
#
# Complete `how_it_ended`: read all there is to the end and return `"left"` if Boris left decently, or
# `"broke"` if the connection broke.


# %% tags=["exercise"]
def how_it_ended(sock):
    return ...


# %% tags=["solution"]
def how_it_ended(sock):
    try:
        while sock.recv(1024):
            pass
    except OSError:
        return "broke"
    return "left"


# %%
checks.life.how_it_ended(how_it_ended)

# %% [markdown] lang="ru"
# ## Проверьте
#
# Ваш сервер переживёт уходящих (`TODO(4.10)`)? И собственную остановку?

# %% [markdown] lang="en"
# ## Check
#
# Will your server outlive those who leave (`TODO(4.10)`)? And its own stop?

# %%
checks.life.leavers()

# %% [markdown] lang="ru"
# Остановка и новый запуск:

# %% [markdown] lang="en"
# A stop and a new start:

# %%
checks.life.restart()

# %% [markdown] lang="ru"
# ## Унесите с собой
#
# - `b""` — конец, навсегда. Цикл кончается.
# - Уходят по-разному: FIN, RST. Для чата и то и другое — «вышел».
# - Удачный `send` ничего не обещает.
# - Будит `shutdown`, не `close`; порт возвращает `SO_REUSEADDR`.
#
# Дальше: [зачем потоки выполнения, если GIL один](4_threads_and_gil.ipynb).

# %% [markdown] lang="en"
# ## Take away
#
# - `b""` is the end, for ever. The loop ends.
# - There are several ways to leave: FIN, RST. To a chat both mean “gone”.
# - A successful `send` promises nothing.
# - It is `shutdown` that wakes, not `close`; `SO_REUSEADDR` gives the port back.
#
# Next: [why have threads, if there is one GIL](4_threads_and_gil.ipynb).
