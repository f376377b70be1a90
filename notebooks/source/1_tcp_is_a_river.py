# %% [markdown] lang="ru"
# # 1. TCP — река
#
# *40 минут. Готовит к `TODO(4.2)`; что проверят, скажет `lab4 explain framing_merged`.*
#
# Анна отправляет Борису пять сообщений, вызвав `sendall` пять раз. Борис читает их через `recv`.
# Ничего не потерялось, ошибок нет. **Сколько раз Борису придётся вызвать `recv`?**
#
# О словах. По-русски «поток» — это и *thread*, и *stream*. В этих ноутбуках *thread* — **поток
# выполнения**, а *stream* — **поток байтов**. Этот ноутбук о втором.

# %% [markdown] lang="en"
# # 1. TCP is a river
#
# *40 minutes. Prepares `TODO(4.2)`; `lab4 explain framing_merged` says what will be checked.*
#
# Anna sends Boris five messages by calling `sendall` five times. Boris reads them with `recv`.
# Nothing is lost, there is no error. **How often does Boris have to call `recv`?**
#
# A word about words: a **stream** of bytes and a **thread** of execution are two things. (Russian
# has one word for both, so Russian speakers, beware.) This notebook is about the stream.

# %%
import sys

sys.path.insert(0, "..")  # where the helpers lie
from lab4nb import Lab, checks, compare, strips
from lab4nb.lab import wait_until_arrived

# %% [markdown] lang="ru"
# ## Предскажите
#
# Пять сообщений уже лежат у Бориса в системе, он вызывает `recv(1024)` один раз. Сколько сообщений
# вернёт этот вызов? Впишите число вместо `...` **до** того, как пойдёте дальше.

# %% [markdown] lang="en"
# ## Predict
#
# All five messages lie in Boris's system already; he calls `recv(1024)` once. How many messages
# does that call return? Write a number in place of `...` **before** you go on.

# %%
guess = ...

# %% [markdown] lang="ru"
# ## Запустите
#
# `Lab` даёт настоящее TCP-соединение с самим собой: два сокета, два буфера в ядре системы, порт,
# который выбрала система. Когда `with` кончается, всё закрывается.

# %% [markdown] lang="en"
# ## Run
#
# `Lab` gives you a real TCP connection to yourself: two sockets, two buffers in the kernel, a port
# that the system chose. When the `with` ends, all is closed.

# %%
messages = [text.encode() for text in ("Привет!", "Это Анна.", "Чай?", "В семь.", "Жду")]
with Lab() as lab:
    anna, boris = lab.pair()
    for message in messages:
        anna.sendall(message)
    wait_until_arrived(boris, sum(map(len, messages)))
    chunk = boris.recv(1024)

# %% [markdown] lang="ru"
# Вот что было в ведре:

# %% [markdown] lang="en"
# This is what was in the bucket:

# %%
chunk.decode()

# %%
compare(guess, sum(message in chunk for message in messages))

# %% tags=["invariant"]
assert chunk == b"".join(messages)

# %% [markdown] lang="ru"
# Сверху — что отправлено, снизу — что принёс `recv`. Рамки — границы кусков.

# %% [markdown] lang="en"
# Above what was sent, below what `recv` brought. Frames are the borders of the pieces.

# %%
strips.river(messages, [chunk])

# %% [markdown] lang="ru"
# ## Объясните
#
# Границ между сообщениями нет — их не потеряли, их **никогда не было**. `sendall` вливает байты в
# реку, `recv` зачерпывает ведром: сколько набралось, столько и достал. TCP обещает ровно три
# вещи: байты придут *все*, *по одному разу* и *по порядку*. О сообщениях он ничего не знает.
#
# А если Борис читает, пока Анна ещё пишет? Теперь он в своём потоке выполнения и вызывает `recv`
# сразу. Повторим опыт 200 раз.

# %% [markdown] lang="en"
# ## Explain
#
# There are no borders between the messages. They were not lost: they **never were there**.
# `sendall` pours bytes into a river, `recv` dips a bucket in: it gets what is there. TCP promises
# exactly three things: *all* bytes come, *once* each, *in order*. It has never heard of messages.
#
# What if Boris reads while Anna still writes? Now he has a thread of his own and calls `recv` at
# once. Let us repeat that 200 times.


# %%
def read_all(sock, chunks):
    while data := sock.recv(1024):
        chunks.append(data)


# %% [markdown] lang="ru"
# Один опыт: Анна шлёт, Борис тем временем читает. Возвращаем его куски.

# %% [markdown] lang="en"
# One experiment: Anna sends, Boris reads meanwhile. We return his pieces.


# %%
def one_run():
    chunks = []
    with Lab() as lab:
        anna, boris = lab.pair()
        reader = lab.thread(read_all, boris, chunks)
        for message in messages:
            anna.sendall(message)
        anna.close()
        reader.join()
    return chunks


# %% [markdown] lang="ru"
# Предскажите: сколько *разных* ответов даст один и тот же код за 200 запусков? (1 — если число
# вызовов `recv` всегда одно и то же.)

# %% [markdown] lang="en"
# Predict: how many *different* answers will this same code give in 200 runs? (1, if the number of
# `recv` calls is always the same.)

# %%
guess_answers = ...

# %%
runs = [one_run() for _ in range(200)]
counts = [len(chunks) for chunks in runs]
compare(guess_answers, len(set(counts)))

# %% [markdown] lang="ru"
# Как часто выходил каждый ответ:

# %% [markdown] lang="en"
# How often each answer came:

# %%
strips.histogram(counts, "river.recvs_in_a_run")

# %% tags=["invariant"]
assert all(b"".join(chunks) == b"".join(messages) for chunks in runs)
assert len(runs) == 200 and 1 <= min(counts) <= max(counts) <= 5

# %% [markdown] lang="ru"
# Ответ зависит от того, кого и когда остановил планировщик, то есть от погоды. Отсюда самая злая
# ошибка в чатах: программа, которая считает один `recv` одним сообщением, **работает на вашем
# компьютере** и ломается на защите. «Запустил — работает» ничего не доказывает, если ответ меняется
# от запуска к запуску.
#
# ## Буква, разрезанная пополам
#
# Ведро может зачерпнуть и меньше, чем сообщение. `recv(n)` — это *не больше n байтов*; о буквах
# сокет не знает тоже. Сколько байтов в букве «я»?

# %% [markdown] lang="en"
# The answer depends on whom the scheduler stopped and when: on the weather. Hence the nastiest bug
# of chats: a program that takes one `recv` for one message **works on your laptop** and breaks
# when you show it. “I ran it, it works” proves nothing if the answer changes from run to run.
#
# ## A letter cut in two
#
# A bucket may also take less than a message. `recv(n)` means *at most n bytes*, and a socket knows
# no letters either. How many bytes has the letter “я” (the last one of the Russian alphabet)?

# %%
"я".encode(), "z".encode(), "🙂".encode()

# %% [markdown] lang="ru"
# Предскажите, что напечатает `decode` для первого `recv(1024)`, если отправлено 1023 латинских «a»
# и одна «я»: `"text"` или `"error"`?

# %% [markdown] lang="en"
# Predict what `decode` makes of the first `recv(1024)` if 1023 times “a” and one “я” were sent:
# `"text"` or `"error"`?

# %%
guess_decode = ...

# %% [markdown] lang="ru"
# Два вызова `recv(1024)` подряд:

# %% [markdown] lang="en"
# Two calls of `recv(1024)`:

# %%
long_line = "a" * 1023 + "я"
with Lab() as lab:
    anna, boris = lab.pair()
    anna.sendall(long_line.encode())
    wait_until_arrived(boris, 1025)
    pieces = [boris.recv(1024), boris.recv(1024)]

# %% [markdown] lang="ru"
# Длина каждого куска и его последние три байта:

# %% [markdown] lang="en"
# The length of each piece, and its last three bytes:

# %%
[(len(piece), piece[-3:]) for piece in pieces]

# %%
try:
    came, what = "text", pieces[0].decode()
except UnicodeDecodeError as error:
    came, what = "error", error.reason
compare(guess_decode, came)

# %% [markdown] lang="ru"
# Что именно не понравилось `decode`:

# %% [markdown] lang="en"
# What exactly `decode` did not like:

# %%
what

# %% tags=["invariant"]
assert (came, what) == ("error", "unexpected end of data")
assert [len(piece) for piece in pieces] == [1024, 1]

# %% [markdown] lang="ru"
# 1025 байтов, из них половина «я» в первом ведре, половина — во втором. С текстом латиницей вы бы
# этого не заметили никогда; по-русски это вопрос времени. Ниже то же на коротком тексте: `recv(7)`
# режет через раз. Пустой прямоугольник ▯ — половина буквы.

# %% [markdown] lang="en"
# 1025 bytes: half of “я” in the first bucket, half in the second. With English text you would never
# notice; with Russian it is a matter of time. Below the same with a short text: `recv(7)` cuts
# letters again and again. An empty box ▯ is half a letter.


# %%
def dip(text, size):
    with Lab() as lab:
        anna, boris = lab.pair()
        anna.sendall(text.encode())
        anna.close()
        return list(iter(lambda: boris.recv(size), b""))


# %%
strips.river(["Привет, Борис!".encode()], dip("Привет, Борис!", 7))

# %% tags=["invariant"]
assert len(dip("Привет, Борис!", 7)) == 4

# %% [markdown] lang="ru"
# ## Измените
#
# Подберите в ячейке выше такое `size`, чтобы *ни одна* буква не была разрезана. Потом замените
# первую букву на латинскую «P» и посмотрите, что стало с вашим числом. Размера, который подходит
# всегда, нет: резать будет не `size`, а сеть.
#
# Значит, декодировать надо иначе. Допишите функцию: ей дают куски байтов в том виде, в каком их
# вернул `recv`, она возвращает текст.

# %% [markdown] lang="en"
# ## Modify
#
# In the cell above, find a `size` with which *no* letter is cut. Then replace the first letter by a
# Latin “P” and see what becomes of your number. There is no size that always fits: it will not be
# `size` that cuts, but the network.
#
# So decoding must be done differently. Complete the function: it gets pieces of bytes just as
# `recv` returned them, and returns the text.


# %% tags=["exercise"]
def decode_all(pieces):
    return ...


# %% tags=["solution"]
def decode_all(pieces):
    return b"".join(pieces).decode()


# %% [markdown] lang="ru"
# ## Проверьте
#
# Ячейка разрежет одну строку с кириллицей и эмодзи во всех местах подряд.

# %% [markdown] lang="en"
# ## Check
#
# The cell cuts one line with Cyrillic and emoji at every place.

# %%
checks.river.decode_all(decode_all)

# %% [markdown] lang="ru"
# ## Унесите с собой
#
# - Один `send` — не один `recv`. Ни больше, ни меньше, ни столько же: как придётся.
# - Сначала собрать байты, потом декодировать.
# - То, что сработало один раз, могло сработать случайно.
#
# Где же в реке кончается сообщение? Договоримся сами: об этом [ноутбук 2](2_framing.ipynb).

# %% [markdown] lang="en"
# ## Take away
#
# - One `send` is not one `recv`. Not more, not less, not the same: as it happens.
# - Collect bytes first, decode then.
# - What worked once may have worked by chance.
#
# So where in the river does a message end? We shall agree on that ourselves:
# [notebook 2](2_framing.ipynb).
