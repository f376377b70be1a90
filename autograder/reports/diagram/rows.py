"""Makes rows of events: messages on their way, notes on a lifeline, and what never came.

Rules:
1. Rows keep the order of the transcript. What is put into an earlier row must not overtake
   anything on its own lifeline: on each of them the order stays what it was. What a client of the
   kit reads within a few milliseconds it has read at once.
2. One line to several people is one row. A read that took one write stands in the row of that
   write if it came soon after; else it has a row of its own.
3. A message that nobody has read goes nowhere (`to` is empty).
"""

from __future__ import annotations

import errno
from collections import Counter, defaultdict

from autograder.grading.result import CheckResult
from autograder.harness.passage import SCREEN
from autograder.i18n import _, ngettext
from autograder.reports.diagram import about, streams
from autograder.reports.diagram.events import (
    KIT,
    Event,
    Lane,
    around,
    called,
    program_of,
    read,
    shown,
)
from autograder.reports.diagram.step import Step

AT_ONCE_S = 0.05  # what is read so soon is drawn as read at once
MOMENT_S = 0.005
LOOK_BACK = 40  # rows
SCREEN_LANE = Lane("screen", SCREEN)


class Rows:
    """The rows of one check.

    Attributes:
        program: The lifeline of the program under test.
        focus: What stands in the line that the failure is about; empty if it is about none.
        everybody: All lifelines of clients and threads, in order of appearance.
        steps: The rows.
    """

    def __init__(self, check: CheckResult) -> None:
        self._events = read(check)
        self.program = Lane("program", program_of(self._events) or _("server"))
        missing, offending = about.passage(check.missing), about.passage(check.offending)
        self.focus = (missing or offending or about.Passage("", "")).text
        self._screen = missing is not None and missing.to == SCREEN
        self.steps: list[Step] = []
        self._latest: dict[Lane, int] = {}  # the last row of each lifeline
        self._ends = self._known_ends()
        self._reads = Counter(self._ends.values())  # how many writes each read has taken
        self._late: dict[int, list[Step]] = defaultdict(list)  # messages, by the read to come
        for place, event in enumerate(self._events):
            self._take(place, event)
        if offending:
            about.mark(self.steps, self._lane(offending.to), offending.text, self.program)
        if missing:
            about.add_missing(self.steps, self._lane(missing.to), missing.text, self.program)
        found = (lane for event in self._events for lane in self._lanes_of(event))
        self.everybody = list(dict.fromkeys(found))

    def _lane(self, who: str) -> Lane:
        if who == SCREEN and self._screen:
            return SCREEN_LANE
        return self.program if who == self.program.name else Lane("client", who)

    def _lanes_of(self, event: Event) -> list[Lane]:
        if event.kind == "thread":
            return [Lane("thread", event.thread)]
        return [] if event.kind == "console" or event.who == KIT else [self._lane(event.who)]

    def _known_ends(self) -> dict[int, int | None]:
        """Return `streams.ends`, but of no early event that it was not read.

        What lies between the early events about the line in question and the rest is left out.
        """
        in_the_rest = (n for n, e in enumerate(self._events) if self.focus not in e.text)
        first = next(in_the_rest, 0) if self.focus else 0
        return {
            place: streams.SOMEWHERE if end is None and place < first else end
            for place, end in streams.ends(self._events).items()
        }

    # -- rows of events

    def _take(self, place: int, event: Event) -> None:
        if place in self._reads:  # of a message that has a row already
            self._end(place, event)
        elif place in self._ends:
            self._begin(place, event)
        elif event.kind == "thread":
            self._call(event)
        elif event.kind == "sent":
            self._say(event, self._lane(event.who), [self.program])
        elif event.kind == "received":
            self._say(event, self.program, [self._lane(event.who)])
        elif event.kind == "console" and event.text.strip():
            self._print(event)
        elif event.who == KIT and event.kind == "event":
            self.steps.append(Step("gap", event.t, None, shown(event.text)))
        elif event.kind == "event":
            self._note(event, self._lane(event.who), event.text)

    def _call(self, event: Event) -> None:
        """Note a call of a thread that is no message: it failed, or ended, or began something."""
        if event.call in streams.WRITES and event.size == 0:
            return  # nothing was written
        said = event.text.strip()
        if event.size is not None and event.size < 0:
            said = errno.errorcode.get(-event.size, str(event.size))
        elif event.call in streams.READS and event.size == 0:
            said = "b''"
        peer = f" · {called(self._lane(event.peer))}" if event.peer else ""
        words = f"{event.call}{peer}{f': {said}' if said else ''}"
        self._note(event, Lane("thread", event.thread), words)

    def _print(self, event: Event) -> None:
        if self._screen:
            self._say(event, self.program, [SCREEN_LANE])
            return
        if self._ends:  # the calls of its threads tell the same, and more exactly
            return
        count = sum(1 for line in event.text.splitlines() if line.strip())
        said = _("prints: {text}").format(text=event.text.strip())
        if count > 1:
            said = ngettext("prints {count} line", "prints {count} lines", count)
            said = said.format(count=count)
        row = Step("print", event.t, self._lane(event.who), shown(said))
        row.role = "about" if self.focus and self.focus in event.text else ""
        self._add(row)

    def _begin(self, place: int, event: Event) -> None:
        """Add a message of which it is known whether and when it is read."""
        inward = event.kind == "sent"
        lane = self._lane(event.who) if inward else Lane("thread", event.thread)
        other = self._server_of(event.who) if inward else self._lane(event.peer)
        end = self._ends[place]
        if end is None:
            self._say(event, lane, []).toward = other
            return
        if end == streams.SOMEWHERE:
            self._say(event, lane, [other])
            return
        reader = self._events[end]
        to = self._lanes_of(reader)[0]
        wait_s = 0.0 if event.t is None or reader.t is None else reader.t - event.t
        calm = not any(to in self._lanes_of(e) for e in self._events[place + 1 : end])
        # A call is noted when it returns: its bytes may have been seen to arrive before that. How
        # many lines one recv has taken tells something of the program, not of the kit's clients.
        alone = self._reads[end] == 1 or not inward
        at_once = wait_s < AT_ONCE_S and calm and alone
        if end < place or at_once or (not inward and wait_s < MOMENT_S):
            self._say(event, lane, [to], where=reader.line)
            return
        step = self._say(event, lane, [])
        step.toward = to
        self._late[end].append(step)

    def _server_of(self, client: str) -> Lane:
        """Return the thread that would have to read from a client, if that is known."""
        own = [e for e in self._events if e.peer == client and e.call not in streams.WRITES]
        nearest = ([e for e in own if e.call in streams.READS] or own)[:1]
        return Lane("thread", nearest[0].thread) if nearest else self.program

    def _end(self, place: int, event: Event) -> None:
        """Add the row of a read, if there are messages that do not end in their own row."""
        late = self._late.get(place)
        if not late:
            return
        (lane,) = self._lanes_of(event)
        count = ngettext("{count} message at once", "{count} messages at once", len(late))
        said = count.format(count=len(late)) if len(late) > 1 else ""
        words = " · ".join(part for part in (event.call, said) if part)
        row = self._add(Step("read", event.t, lane, shown(words), where=shown(event.line)))
        for step in late:
            step.to, step.toward, step.read = [lane], None, row

    def _say(self, event: Event, lane: Lane, to: list[Lane], where: str = "") -> Step:
        text, more = around(event.text, self.focus)
        step = Step("message", event.t, lane, shown(text), to, where=shown(event.line or where))
        step.more = more
        step.pieces = dict.fromkeys(to or [lane], shown(event.text))
        if self.focus and self.focus in event.text:
            step.role = "about"
        return self._merged(step) or self._add(step)

    def _merged(self, step: Step) -> Step | None:
        """Let an earlier row tell it too, if that is the same line to somebody else."""
        lane, text = step.lane, step.text
        since = max((self._latest.get(one, -1) for one in step.to), default=len(self.steps))
        for place in range(len(self.steps) - 1, max(since, len(self.steps) - LOOK_BACK), -1):
            row = self.steps[place]
            alike = (row.kind, row.lane, row.text) == ("message", lane, text)
            # The line in question is the same line in whatever piece it comes.
            if alike and row.to and (step.role or row.more == step.more):
                row.to += step.to
                row.pieces |= step.pieces
                self._latest |= dict.fromkeys(step.to, place)
                return row
        return None

    def _note(self, event: Event, lane: Lane, text: str) -> None:
        self._add(Step("note", event.t, lane, shown(text), where=shown(event.line)))

    def _add(self, step: Step) -> Step:
        self._latest |= dict.fromkeys(step.lanes(), len(self.steps))
        self.steps.append(step)
        return step
