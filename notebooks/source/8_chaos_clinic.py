# %% [markdown] lang="ru"
# # 8. Приём больных
#
# *40 минут. Готовит к уровню 3; что проверят, скажет `lab4 explain silent_client` и другие.*
#
# К вам привели шесть серверов. Каждый написан разумным человеком, каждый «у меня работал», у каждого
# ровно одна болезнь. **Кода вы не увидите**: врач тоже не читает ДНК. У вас есть анализы.

# %% [markdown] lang="en"
# # 8. The doctor is in
#
# *40 minutes. Prepares level 3; `lab4 explain silent_client` and others say what is checked.*
#
# Six servers were brought to you. Each was written by a reasonable person, each “worked for me”, each
# has exactly one illness. **You will not see the code**: a doctor does not read DNA either. What you
# have is examinations.

# %%
import sys

sys.path.insert(0, "..")  # where the helpers lie
from lab4nb import checks, clinic, compare

# %% [markdown] lang="ru"
# | анализ | что делают с сервером |
# |---|---|
# | `"talk"` | трое говорят по очереди, остальные слушают |
# | `"pieces"` | то же, но `recv` возвращает по одному байту: имеет право |
# | `"leave"` | первый уходит, остальные говорят дальше |
# | `"numbers"` | первый уходит; так ли зовут оставшихся, как раньше |
# | `"silent"` | кто-то подключился и молчит; приходят ещё двое |
# | `"slow"` | Егор не читает; остальные говорят много |
# | `"rest"` | один ушёл, все молчат; сколько процессора тратит сервер |
#
# Каждый анализ — настоящий запуск: отдельный процесс, настоящие сокеты, та же программа, что ставит
# вам баллы.
#
# ## Предскажите
#
# Сколько из шести больных пройдут `"talk"` — обычный разговор, каким вы и проверяли свой сервер?

# %% [markdown] lang="en"
# | examination | what is done to the server |
# |---|---|
# | `"talk"` | three talk in turn, the others listen |
# | `"pieces"` | the same, but `recv` returns one byte at a time, as it may |
# | `"leave"` | the first leaves, the others talk on |
# | `"numbers"` | the first leaves; are the others still called as before? |
# | `"silent"` | somebody connects and says nothing; two more come |
# | `"slow"` | Egor does not read; the others say a lot |
# | `"rest"` | one has left, all are silent; how much of the processor does it use? |
#
# Each examination is a real run: a process of its own, real sockets, the same program that gives you
# points.
#
# ## Predict
#
# How many of the six will pass `"talk"`, an ordinary conversation such as you tried your server with?

# %%
guess = ...

# %% [markdown] lang="ru"
# ## Запустите

# %% [markdown] lang="en"
# ## Run

# %%
talks = {number: clinic.examine(number, "talk") for number in range(1, 7)}
compare(guess, sum(report.healthy for report in talks.values()))

# %% [markdown] lang="ru"
# История первого больного:

# %% [markdown] lang="en"
# The story of the first patient:

# %%
talks[1]

# %% tags=["invariant"]
assert len(talks) == 6
assert all(report.healthy for report in talks.values())

# %% [markdown] lang="ru"
# ## Объясните
#
# Все шестеро здоровы — на обычном разговоре. Болезнь видна только тогда, когда делаешь то, что
# *имеет право* случиться, но случается редко: байты пришли по одному, кто-то ушёл, кто-то молчит.
# Поэтому «я проверил» — не довод, пока не сказано, *что* проверяли.
#
# Первый анализ закажем вместе. Последние две строки говорят, чего ждали и что вышло. Ниже — что было
# на проводе: время идёт вниз, у каждого своя вертикаль. Синяя стрелка — путь строки, о которой речь,
# пунктир — то, что так и не пришло. Под рисунком можно раскрыть, где стоял каждый поток выполнения.

# %% [markdown] lang="en"
# ## Explain
#
# All six are well, in an ordinary conversation. An illness shows only when you do what *may* happen
# but seldom does: bytes come one by one, somebody leaves, somebody is silent. So “I tested it” is no
# argument until you say *what* you tested.
#
# Let us order the first examination together. The last two lines say what was expected and what came.
# Below is what was on the wire: time runs down, everybody has a lifeline. Blue arrows are the way of
# the line in question, a dashed one never came. Below it you can unfold where each thread stood.

# %%
clinic.examine(3, "leave")

# %% [markdown] lang="ru"
# ## Измените
#
# Теперь вы. Меняйте номер и анализ, пока не поймёте каждого. Одного анализа на больного мало: два
# симптома могут иметь одну причину.

# %% [markdown] lang="en"
# ## Modify
#
# Your turn. Change the number and the examination until you understand each of them. One examination
# each is not enough: two symptoms may have one cause.

# %%
clinic.examine(2, "talk")

# %% [markdown] lang="ru"
# Когда поймёте, впишите диагноз вместо `...`. Двух диагнозов из списка нет ни у кого.
#
# | диагноз | болезнь |
# |---|---|
# | `"recv"` | один `recv` считают одним сообщением |
# | `"door"` | имя спрашивают у двери, в цикле с `accept` |
# | `"wait"` | ждут под замком того, кто не читает |
# | `"spin"` | `b""` не считают уходом |
# | `"place"` | номер — это место в списке |
# | `"twice"` | замок берут дважды |
# | `"echo"` | автору возвращают его слова |
# | `"torn"` | строка уходит двумя `sendall` |

# %% [markdown] lang="en"
# When you know, write the diagnosis in place of `...`. Two of the list nobody has.
#
# | diagnosis | illness |
# |---|---|
# | `"recv"` | one `recv` is taken for one message |
# | `"door"` | the name is asked for at the door, in the loop with `accept` |
# | `"wait"` | who does not read is waited for under the lock |
# | `"spin"` | `b""` is not taken for a leave |
# | `"place"` | the number is a place in a list |
# | `"twice"` | the lock is taken twice |
# | `"echo"` | authors get their own words back |
# | `"torn"` | a line goes out in two `sendall` |

# %% tags=["exercise"]
chart = {1: ..., 2: ..., 3: ..., 4: ..., 5: ..., 6: ...}

# %% tags=["solution"]
chart = {number: clinic.disease(number) for number in range(1, 7)}

# %% [markdown] lang="ru"
# ## Проверьте

# %% [markdown] lang="en"
# ## Check

# %%
checks.clinic.diagnoses(chart)

# %% tags=["outcome"]
revealing = {number: clinic.examine(number, clinic.REVEALS[chart[number]]) for number in chart}
assert not any(report.healthy for report in revealing.values())
assert len(set(chart.values())) == 6

# %% [markdown] lang="ru"
# А теперь ваш сервер: все семь анализов подряд, до первой жалобы.

# %% [markdown] lang="en"
# And now your own server: all seven examinations, up to the first complaint.

# %%
checks.clinic.mine()

# %% [markdown] lang="ru"
# ## Унесите с собой
#
# - «Работает» — это «пережил то, что с ним делали».
# - Ищите не строчку, а симптом: кто ждёт, кого ждёт, что лежит непрочитанным.
# - У вас есть тот же прибор, что у проверяющего: `lab4 check --watch`.

# %% [markdown] lang="en"
# ## Take away
#
# - “It works” means “it has survived what was done to it”.
# - Look for the symptom, not for the line: who waits, for whom, what lies unread.
# - You have the same instrument as your examiner: `lab4 check --watch`.
