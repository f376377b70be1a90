"""Makes rows of events: messages on their way, notes on a lifeline, and what never came.

Rules:
1. Rows keep the order of the transcript. What is put into an earlier row must not overtake
   anything on its own lifeline: on each of them the order stays what it was.
2. One line to several people is one row. A read that took one write stands in the row of that
   write if it came soon after; else it has a row of its own.
3. A message that nobody has read goes nowhere (`to` is empty).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

from autograder.grading.result import CheckResult
from autograder.harness.passage import SCREEN
from autograder.i18n import _, ngettext
from autograder.reports.diagram import streams
from autograder.reports.diagram.events import KIT, Event, Lane, around, program_of, read, shown

AT_ONCE_S = 0.05  # what is read so soon is drawn as read at once
LOOK_BACK = 40  # rows
MOST_FOCUS = 500  # characters
SCREEN_LANE = Lane("screen", SCREEN)


@dataclass(eq=False)
class Step:
    """One row.

    Attributes:
        kind: `message`, `missing` (never came), `note`, `print` (a note of what the program
            printed), `read` (the end of messages of earlier rows), or `gap` (a remark).
        lane: Who sends, or whose note it is; None for a gap.
        to: Who gets it.
        toward: Who did not get it, if `to` is empty.
        read: The row in which it is read, if that is another one.
        role: `about` if the failure is about this line, `wrong` if it should not be there.
        where: The place in the program.
        more: How many lines came in the same piece besides.
        pieces: All of that piece, as each receiver got it.
        times: For how many of the same kind it stands.
    """

    kind: str
    t: float | None
    lane: Lane | None
    text: str
    to: list[Lane] = field(default_factory=list)
    toward: Lane | None = None
    read: Step | None = None
    role: str = ""
    where: str = ""
    more: int = 0
    pieces: dict[Lane, str] = field(default_factory=dict)
    times: int = 1

    def lanes(self) -> list[Lane]:
        """Return every lifeline that takes part."""
        ends = [self.lane, *self.to, self.toward]
        return [lane for lane in ends if lane]


class Rows:
    """The rows of one check.

    Attributes:
        program: The lifeline of the program under test.
        focus: What stands in the line that the failure is about; empty if it is about none.
        everybody: All lifelines of clients, in order of appearance.
        steps: The rows.
    """

    def __init__(self, check: CheckResult) -> None:
        self._events = read(check)
        self.program = Lane("program", program_of(self._events) or _("server"))
        missing, offending = _passage(check.missing), _passage(check.offending)
        self.focus = (missing or offending or ("", ""))[1]
        self._screen = missing is not None and missing[0] == SCREEN
        self.steps: list[Step] = []
        self._latest: dict[Lane, int] = {}  # the last row of each lifeline
        self._ends = streams.ends(self._events)
        self._reads = Counter(self._ends.values())  # how many writes each read has taken
        self._late: dict[int, list[Step]] = defaultdict(list)  # messages, by the read to come
        for place, event in enumerate(self._events):
            self._take(place, event)
        if offending:
            self._mark(*offending)
        if missing:
            self._add_missing(*missing)
        found = (lane for event in self._events for lane in self._lanes_of(event))
        self.everybody = [lane for lane in dict.fromkeys(found) if lane.kind == "client"]

    def _lane(self, who: str) -> Lane:
        if who == SCREEN and self._screen:
            return SCREEN_LANE
        return self.program if who == self.program.name else Lane("client", who)

    def _lanes_of(self, event: Event) -> list[Lane]:
        if event.kind == "thread":
            return [Lane("thread", event.thread)]
        return [] if event.kind == "console" or event.who == KIT else [self._lane(event.who)]

    # -- rows of events

    def _take(self, place: int, event: Event) -> None:
        if place in self._reads:  # of a message that has a row already
            self._end(place, event)
        elif place in self._ends:
            self._begin(place, event)
        elif event.kind == "thread":
            peer = f" · {event.peer}" if event.peer else ""
            said = f": {event.text.strip()}" if event.text.strip() else ""
            self._note(event, Lane("thread", event.thread), f"{event.call}{peer}{said}")
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

    def _print(self, event: Event) -> None:
        if self._screen:
            self._say(event, self.program, [SCREEN_LANE])
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
        reader = self._events[end]
        to = self._lanes_of(reader)[0]
        soon = event.t is None or reader.t is None or reader.t - event.t < AT_ONCE_S
        calm = not any(to in self._lanes_of(e) for e in self._events[place + 1 : end])
        # A call is noted when it returns: its bytes may have been seen to arrive before that.
        if end < place or (self._reads[end] == 1 and soon and calm):
            self._say(event, lane, [to], where=reader.line)
            return
        step = self._say(event, lane, [])
        step.toward = to
        self._late[end].append(step)

    def _server_of(self, client: str) -> Lane:
        """Return the thread that would have to read from a client, if that is known."""
        calls = [event for event in self._events if event.kind == "thread"]
        own = [event for event in calls if event.peer == client]
        reading = [event for event in own if event.call in streams.READS]
        nearest = (reading or own or calls)[:1]
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

    # -- what the failure is about

    def _mark(self, to: str, text: str) -> None:
        """Mark the last message to `to` that is the offending one; add it if it is not there."""
        lane = self._lane(to)
        for place in range(len(self.steps) - 1, -1, -1):
            step = self.steps[place]
            if step.role == "about" and lane in step.to:
                if len(step.to) > 1:  # to the others it came rightly
                    step.to.remove(lane)
                    step = replace(step, to=[lane], pieces={lane: step.pieces.pop(lane)})
                    self.steps.insert(place + 1, step)
                step.role = "wrong"
                return
        self.steps.append(Step("message", None, self.program, shown(text), [lane], role="wrong"))

    def _add_missing(self, to: str, text: str) -> None:
        """Add what never came, from the thread that had read it, if that is known."""
        had = [lane for step in self.steps if step.role == "about" for lane in step.to]
        had += [step.toward for step in self.steps if step.role == "about" and step.toward]
        source = next((lane for lane in had if lane.kind == "thread"), self.program)
        said = _("never came: {text}").format(text=text) if text else _("nothing came")
        lane = self._lane(to)
        self.steps.append(Step("missing", None, source, shown(said), [lane]))


def _passage(value: object) -> tuple[str, str] | None:
    """Return (receiver, text) of what a result says of a line, or None."""
    if not isinstance(value, dict):
        return None
    to, text = value.get("to"), value.get("text")
    if not (isinstance(to, str) and isinstance(text, str)):
        return None
    return to[:MOST_FOCUS], text[:MOST_FOCUS]
