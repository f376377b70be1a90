"""Makes a page of a template: everything in one file, and all that it is told made harmless.

Two walls stand before what a student's program printed. Each value that a template shows goes
through `harmless.plain` and is then escaped for HTML, whether its author thought of it or not. And
a policy forbids the page to load anything, and to run any script but the one that we wrote.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autograder import i18n
from autograder.reports import facts, harmless

TEMPLATES = Path(__file__).with_name("templates")


def _finalize(value: object) -> object:
    """Return what may be shown of a value; Jinja escapes it afterwards."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return harmless.plain(value)
    return value


_environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    finalize=_finalize,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters |= {"line": harmless.line, "plain": harmless.plain}
_environment.globals |= {
    "_": i18n._,
    "ngettext": i18n.ngettext,
    "MARKS": facts.MARKS,
    "WORDS": facts.WORDS,
}


def render(template: str, *, script: str = "", **told: object) -> str:
    """Return a page in the language in force.

    Args:
        template: The name of its file.
        script: The name of the file of its script; empty for a page without one.
        told: What the template shows.
    """
    code = _own(script) if script else ""
    return _environment.get_template(template).render(
        language=i18n.language(),
        policy=_policy(code),
        style=Markup(_own("style.css")),
        script=Markup(code),
        **told,
    )


def _own(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    """Return a Content-Security-Policy: nothing from outside, no script but this one.

    Styles may stand in attributes: bars have their lengths there, and diagrams their colours.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = f"'sha256-{digest}'" if script else "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )
