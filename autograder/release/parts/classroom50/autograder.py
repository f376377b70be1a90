"""Grades the submission in the current folder for Classroom 50, and writes result.json there."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

KIT = str(Path(__file__).resolve().parent / "kit")
LANGUAGE = "{language}"
# Or else a pip.py or an autograder/ in the current folder, which is a student's, would be run.
ISOLATED = ["-I", "-m"]


def main() -> int:
    """Install the grader for this once; return the exit status of its grading."""
    with tempfile.TemporaryDirectory() as folder:
        python = str(Path(folder, "bin", "python"))
        subprocess.run([sys.executable, *ISOLATED, "venv", folder], check=True)
        subprocess.run([python, *ISOLATED, "pip", "install", "-q", "-e", KIT], check=True)
        command = [python, *ISOLATED, "autograder.batch.platform"]
        command += ["classroom50", str(Path.cwd()), "result.json"]
        return subprocess.run(command, env=os.environ | {"LAB4_LANG": LANGUAGE}).returncode


if __name__ == "__main__":
    sys.exit(main())
