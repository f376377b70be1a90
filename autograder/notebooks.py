"""`lab4 notebooks`: opens the walkthroughs in JupyterLab."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from autograder.grading.request import ROOT
from autograder.i18n import _

NEEDED = ("jupyterlab", "ipywidgets", "matplotlib")  # the extra `notebooks`
FIRST = "0_blocked_server.ipynb"


class CannotOpen(Exception):
    """The notebooks cannot be opened; the message says why and what to do."""


def open_lab(language: str) -> int:
    """Run JupyterLab with the first notebook open until it is ended; return its exit status.

    Its root is the whole kit: a student edits the programs in the same window.

    Raises:
        CannotOpen: there are no notebooks, or no JupyterLab.
    """
    page = Path("notebooks") / language / FIRST
    if not (ROOT / page).is_file():
        raise CannotOpen(_("this copy of the kit has no notebooks"))
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        raise CannotOpen(
            _("the notebooks need {packages}, not installed yet. Install: {command}").format(
                packages=", ".join(missing),
                command=f"{sys.executable} -m pip install -e '{ROOT}[notebooks]'",
            )
        )
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={ROOT}",
        f"--LabApp.default_url=/lab/tree/{page.as_posix()}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container there is nobody else
        command.append("--allow-root")
    return _run(command)


def _run(command: list[str]) -> int:
    if os.name == "posix":
        os.execv(sys.executable, command)  # every signal is for JupyterLab itself
    return subprocess.call(command)
