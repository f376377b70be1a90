"""`lab4 notebooks` opens JupyterLab at the notebooks of a language, or says what is missing."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest

from autograder import notebooks


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr(notebooks, "NEEDED", ("json", "nosuchpackage"))
    with pytest.raises(notebooks.CannotOpen) as caught:
        notebooks.open_lab("en")
    said = str(caught.value)
    assert "the notebooks need nosuchpackage, not installed yet" in said
    assert f"{sys.executable} -m pip install -e" in said
    assert "[notebooks]" in said


def test_a_kit_without_notebooks_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    with pytest.raises(notebooks.CannotOpen, match="has no notebooks"):
        notebooks.open_lab("ru")


def wait_for_page(url: str) -> int:
    """Ask until somebody answers; return the status."""
    tick, last = threading.Event(), time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=60) as page:
                return page.status
        except urllib.error.URLError:  # nobody listens yet
            assert time.monotonic() < last, url
            tick.wait(0.1)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGTERM to send")
def test_it_opens_the_first_notebook_of_the_language(tmp_path):
    environment = {**os.environ, "BROWSER": "true", "JUPYTER_RUNTIME_DIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "autograder.cli", "notebooks", "--lang", "ru"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env=environment,
    ) as process:
        too_long = threading.Timer(80, process.kill)
        too_long.start()
        try:
            url = re.compile(r"http://\S+/lab/tree/notebooks/ru/0_blocked_server\.ipynb\S*")
            (found,) = itertools.islice(filter(None, map(url.search, process.stdout)), 1)
            # It names the page before its loop runs, and a SIGTERM in between would be lost.
            assert wait_for_page(found[0]) == 200
            process.terminate()
            process.communicate(timeout=60)
        finally:
            too_long.cancel()
            process.kill()
