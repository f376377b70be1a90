"""Replaces a file in one step: a reader sees the old one or the new one, never a part."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Put `data` where the file at `path` is, or will be.

    Raises:
        OSError: the folder does not exist, the disk is full; the old file is then untouched.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        # Not tempfile's: that would be closed to others, whatever the umask says.
        with draft.open("xb") as file:
            file.write(data)
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    except BaseException as error:
        draft.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)  # nobody else knows of the draft
        raise
