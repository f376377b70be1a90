"""Runs one check of an earlier result again: the same work, seed, language and points."""

from __future__ import annotations

import difflib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from autograder import fence, i18n
from autograder.grading import rubric, session
from autograder.grading.request import Progress, Request, Tell
from autograder.grading.result import CheckResult, Result
from autograder.grading.submission import NotGradable, content_digest, look_into
from autograder.harness.isolation import own_network
from autograder.i18n import _


class ReplayError(Exception):
    """There is nothing to replay; the message says why and what to do."""


@dataclass(frozen=True)
class Replay:
    """One check of a result, and the work that it was about.

    Attributes:
        result: What was seen then.
        check: The part about the check.
        path: Where the work is now.
        changed: Whether it is another by now.
        named: Whether somebody has said where it is.
    """

    result: Result
    check: CheckResult
    path: Path
    changed: bool
    named: bool

    @property
    def origin(self) -> str:
        """Where it is, for people: a work of a class is run from a copy."""
        known = self.result.submission
        laid_out = "source" in known and not self.named
        return str(known["source"] if laid_out else self.path)

    @classmethod
    def of(cls, result: Result, check: str, path: Path | None, staging: Path) -> Replay:
        """Find the check and the work.

        Args:
            result: The result of an earlier run.
            check: The id of the check.
            path: The folder of the work; None if it is where it was.
            staging: A folder in which a work of a class is laid out as it was graded.

        Raises:
            ReplayError: one of them is not there.
            OSError: the work cannot be laid out.
        """
        found = next((known for known in result.checks if known.id == check), None)
        if found is None:
            raise ReplayError(_no_such_check(result, check))
        folder = path or _where_it_was(result, staging)
        try:
            digest = content_digest(folder, look_into(folder))
        except NotGradable as error:
            raise ReplayError(str(error)) from error
        except OSError as error:
            raise ReplayError(
                _("{path} cannot be read ({error}): look at its rights").format(
                    path=error.filename or folder, error=error.strerror
                )
            ) from error
        changed = digest != result.submission.get("sha256")
        return cls(result, found, folder, changed, path is not None)

    def run(self, listener: Progress, tell: Tell, rubric_file: Path, held: bool) -> Replayed:
        """Run the check, and what it needs, as it was run then.

        Args:
            listener: See `session.grade`.
            tell: See `session.grade`.
            rubric_file: The points.
            held: Whether somebody may look at a step for as long as they like.

        Raises:
            ReplayError: the rubric does not have the check any more.
            FenceError: the work was run behind a fence, and there is none here.
        """
        if self.check.id not in rubric.load(rubric_file).points:
            told = _("{path} has no points for {check}: name the rubric of that run by --rubric")
            raise ReplayError(told.format(path=rubric_file, check=self.check.id))
        environment = self.result.environment
        if environment.get("sandbox", fence.T0.name) != fence.T0.name:
            own_network()
            fence.enter(fence.best())
        request = Request(
            self.path,
            None,
            environment.get("seed"),
            rubric_file,
            None,
            i18n.language(),
            only=self.check.id,
            held=held,
        )
        graded = session.grade(request, listener, tell)
        now = next((known for known in graded.checks if known.id == self.check.id), None)
        if now is None:
            raise ReplayError(graded.reason or _("the check did not run"))
        spoken = environment.get("language", i18n.language())
        return Replayed(self.check, now, spoken == i18n.language())


@dataclass(frozen=True)
class Replayed:
    """A check then and now.

    Attributes:
        same_language: Whether their words can be compared.
    """

    then: CheckResult
    now: CheckResult
    same_language: bool = True

    @property
    def same(self) -> bool:
        """Whether it ended alike."""
        if not self.same_language:
            return self.then.status == self.now.status
        return self.now.ended_as(self.then)


def _where_it_was(result: Result, staging: Path) -> Path:
    """Return the folder that a result names, or of a class, that of the work laid out again.

    Raises:
        ReplayError: it names none, or none that is here.
        OSError: the work cannot be laid out.
    """
    own, source = (result.submission.get(name) for name in ("path", "source"))
    if own and Path(own).is_dir():
        return Path(own)
    if source and importlib.util.find_spec("autograder.intake"):  # a students' kit is without it
        again = importlib.import_module("autograder.intake.again")
        if found := again.lay_out(result.submission, staging):
            return Path(found)
    where = own or source
    if not where:
        raise ReplayError(_("the result does not say where the work is: name its folder by --path"))
    raise ReplayError(
        _("the work is not in {path} any more: name its folder by --path").format(path=where)
    )


def _no_such_check(result: Result, check: str) -> str:
    known = [one.id for one in result.checks]
    near = difflib.get_close_matches(check, known) or known
    return _("the result has no check called {name}: it has {known}").format(
        name=check, known=", ".join(near) or _("none")
    )
