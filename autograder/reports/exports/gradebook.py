"""The grades that a gradebook gets for results, or why it gets none."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from autograder.grading.result import Result
from autograder.i18n import _, ngettext
from autograder.reports.exports.feedback import name_of
from autograder.reports.exports.sheet import Sheet
from autograder.reports.harmless import line

CENT = Decimal("0.01")


class WithheldError(Exception):
    """No grade may be written; the message says whose, and why."""


def number(text: str) -> Decimal | None:
    """Return the number in a cell, whichever decimal sign the country has, or None."""
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def shown(value: Decimal) -> str:
    """Return a number without zeros that say nothing."""
    text = f"{value.quantize(CENT, ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".")


def grade(result: Result, maximum: Decimal | None, scaled: bool) -> str:
    """Return the grade of a result.

    Args:
        result: What was found.
        maximum: What the gradebook counts up to, None where it does not say.
        scaled: Whether the points are brought to that maximum.

    Raises:
        WithheldError: there is no grade, or not one that the gradebook would take.
    """
    name, reason = name_of(result), line(result.reason or "")
    if result.outcome == "grader_fault":
        raise WithheldError(
            _("{name}: the grader itself failed, so the grade stays as it is: {reason}").format(
                name=name, reason=reason
            )
        )
    if result.outcome == "not_gradable":
        raise WithheldError(
            _("{name} is not gradable, so the grade stays as it is: {reason}").format(
                name=name, reason=reason
            )
        )
    value = Decimal(result.score)
    if scaled:
        if maximum is None or not result.max_score:
            raise WithheldError(
                _("{name}: there is no maximum to scale to, so no grade was written").format(
                    name=name
                )
            )
        value = value * maximum / result.max_score
    if maximum is not None and value > maximum:
        raise WithheldError(
            _(
                "{name}: {grade} is more than the maximum of {maximum}, so no grade was "
                "written; let the grades be scaled"
            ).format(name=name, grade=shown(value), maximum=shown(maximum))
        )
    return shown(value)


@dataclass
class Gradebook:
    """A sheet that grades are entered into, and what an instructor has to know of them.

    Attributes:
        sheet: What is filled in.
        column: Where its grades stand.
        scaled: Whether points are brought to the maximum.
        notes: What was found so far, a sentence each.
    """

    sheet: Sheet
    column: int
    scaled: bool
    notes: list[str]
    _entered: int = 0
    _replaced: int = 0
    _maxima: set[Decimal] = field(default_factory=set)
    _most: set[Decimal] = field(default_factory=set)

    def enter(self, result: Result, row: int, maximum: Decimal | None) -> bool:
        """Write a grade and return True, or a note why it stays as it is and return False."""
        try:
            new = grade(result, maximum, self.scaled)
        except WithheldError as why:
            self.notes.append(str(why))
            return False
        before = number(self.sheet.row(row)[self.column])
        self._entered += 1
        self._replaced += before is not None and before != Decimal(new)
        self._maxima |= {maximum} if maximum is not None else set()
        self._most.add(Decimal(result.max_score))
        self.sheet.set(row, self.column, new)
        return True

    def close(self) -> tuple[str, ...]:
        """Return all notes, with those on the whole at the end."""
        text = ngettext("{count} grade was entered", "{count} grades were entered", self._entered)
        notes = [*self.notes, text.format(count=self._entered)]
        if self._replaced:
            text = ngettext(
                "{count} grade of the worksheet was replaced by another one",
                "{count} grades of the worksheet were replaced by other ones",
                self._replaced,
            )
            notes.append(text.format(count=self._replaced))
        if self._maxima and not self.scaled and self._maxima != self._most:
            text = _(
                "the worksheet counts up to {maximum}, the results up to {most}; the points were "
                "written as they are, not scaled"
            )
            maximum, most = (", ".join(map(shown, sorted(m))) for m in (self._maxima, self._most))
            notes.append(text.format(maximum=maximum, most=most))
        return tuple(notes)
