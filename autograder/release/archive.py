"""Writes a zip archive: the same files make the same bytes, whenever and wherever."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

from autograder.grading import atomic

Files = Mapping[str, bytes]  # path in the archive, with /, → content
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first date that a zip archive knows
UNIX = 3
SCRIPT = b"#!"  # a file that begins so can be run


def write(path: Path, files: Files) -> None:
    """Write the archive in one step.

    Raises:
        OSError: it cannot be written; an old file is then untouched.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            about = zipfile.ZipInfo(name, LONG_AGO)
            about.compress_type = zipfile.ZIP_DEFLATED
            about.create_system = UNIX  # else Windows makes another archive, without rights
            mode = 0o755 if files[name].startswith(SCRIPT) else 0o644
            about.external_attr = (stat.S_IFREG | mode) << 16
            archive.writestr(about, files[name])
    atomic.write(path, packed.getvalue())
