"""The part of a cluster: what a Dask worker does with one submission, as on this machine."""

from __future__ import annotations

import multiprocessing
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

from autograder import fence, i18n
from autograder.batch import job, workers
from autograder.batch.job import Job
from autograder.batch.run import ATTEMPTS, MOST_SUBMISSION_S
from autograder.batch.settings import Settings, files_of, kit
from autograder.batch.workers import Lost
from autograder.fence import Tier
from autograder.grading.result import Result
from autograder.i18n import _
from autograder.intake import Entry


@dataclass(frozen=True)
class Parcel:
    """One submission, with all that a machine needs to grade it.

    Attributes:
        work: Relative path → content.
        rubric: The same of the folder with the file of points, and its name there.
        kit: Of `settings.kit`, where the parcel comes from.
    """

    key: str
    work: dict[str, bytes]
    rubric: tuple[dict[str, bytes], str]
    seed: int
    language: str
    tier: Tier
    kit: dict[str, str]

    @classmethod
    def of(cls, one: Job) -> Parcel:
        """Wrap up a job."""
        folder, settings = one.entry.folder, one.settings
        assert folder is not None
        return cls(
            one.entry.key,
            _packed(folder),
            (_packed(settings.rubric.parent), settings.rubric.name),
            settings.seed,
            settings.language,
            settings.tier,
            kit(),
        )

    def unwrap(self, folder: Path) -> Job:
        """Lay the job out in an empty folder."""
        files, name = self.rubric
        work, rubric = folder / "work", folder / "rubric"
        _unpack(self.work, work)
        _unpack(files, rubric)
        entry = Entry(self.key, self.key, self.key, folder=work)
        settings = Settings(rubric / name, self.seed, self.language, self.tier)
        return Job(entry, settings, folder / "draft.json")


def _packed(folder: Path) -> dict[str, bytes]:
    return {path.as_posix(): (folder / path).read_bytes() for path in files_of(folder)}


def _unpack(files: dict[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@dataclass(frozen=True)
class Machine:
    """What a worker of the cluster is like.

    Attributes:
        name: Of its computer.
        kit: Of `settings.kit`.
        tier: Its best sandbox.
        apart: Whether programs with the same port can run there at once.
        daemon: Whether it may not start processes.
    """

    name: str
    kit: dict[str, str]
    tier: Tier
    apart: bool
    daemon: bool

    def unfit(self, wanted: dict[str, str], tier: Tier | None = None) -> str | None:
        """Return why it must not grade what another machine wants graded; None if it may.

        Args:
            wanted: The kit of the other machine.
            tier: The sandbox to take; None if that is still to be found.
        """
        if self.kit != wanted:
            return _(
                "{name} has another version of the kit or of its checks: install the same there"
            ).format(name=self.name)
        if not self.apart:
            return _(
                "{name} gives programs no network of their own, so that they would disturb each "
                "other: take it out of the cluster"
            ).format(name=self.name)
        if tier and tier.confined and self.tier.name != tier.name:
            return _("{name} has no sandbox of the kind {tier}, but {own}").format(
                name=self.name, tier=tier.name, own=self.tier.name
            )
        return None


def here() -> Machine:
    """Return what this machine is like; asked of each worker of a cluster."""
    daemon = multiprocessing.current_process().daemon
    apart = not daemon and workers.can_be_kept_apart()
    return Machine(socket.gethostname(), kit(), fence.best(), apart, daemon)


def grade(parcel: Parcel) -> Result | Lost:
    """Grade one submission in a process of its own; called on a worker of a cluster."""
    i18n.set_language(parcel.language)
    if why := here().unfit(parcel.kit, parcel.tier):
        return Lost(why)
    with tempfile.TemporaryDirectory(prefix="lab4-remote-") as folder:
        wanted = parcel.unwrap(Path(folder))
        done = workers.run(job.grade, [wanted], 1, most_s=MOST_SUBMISSION_S, attempts=ATTEMPTS)
        ((_wanted, found),) = done
        return job.fault(wanted, found.why) if isinstance(found, Lost) else found
