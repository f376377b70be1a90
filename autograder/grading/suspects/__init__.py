"""Places in a student's source that are worth a look when a check has failed.

A pattern in the source is no proof that it is the cause, so each sentence says only what the line
does; which patterns matter to which check is a table at the end.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

from autograder.grading.suspects import flow, sharing, text
from autograder.grading.suspects.reading import Found

MOST_SHOWN = 3  # of one check
MOST_SOURCE = 1 << 20  # bytes


def look(script: Path, check: str) -> list[str]:
    """Return `FILE:LINE: ...` sentences about what may explain the failure of a check.

    Args:
        script: The program that failed it; one that cannot be parsed has no suspects.
        check: Its id.
    """
    try:
        with script.open("rb") as file:
            tree = ast.parse(file.read(MOST_SOURCE))
        found = [
            (getattr(node, "lineno", 0), sentence)
            for pattern in PATTERNS.get(check, ())
            for node, sentence in pattern(tree)
        ]
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    return [f"{script.name}:{line}: {sentence}" for line, sentence in sorted(set(found))][
        :MOST_SHOWN
    ]


Pattern = Callable[[ast.AST], Found]
SHARING: tuple[Pattern, ...] = (
    *(sharing.changes_without_lock, sharing.walks_what_changes),
    *(sharing.leaves_out_the_next, sharing.locks_of_their_own),
)
PATTERNS: dict[str, tuple[Pattern, ...]] = {
    "relay": (flow.called_target, flow.joins_at_once),
    "relay_back": (flow.called_target, flow.joins_at_once),
    "broadcast": (flow.called_target, sharing.leaves_out_the_next),
    "text_intact": (text.decoded_at_once, text.one_recv),
    "client_prints_while_typing": (
        *(flow.reads_in_turn, flow.called_target, flow.joins_at_once),
        *(sharing.asks_inside_lock, text.begins_a_line),
    ),
    "client_sends_typed": (flow.reads_in_turn, flow.called_target, flow.joins_at_once),
    "sender_named": (text.list_positions,),
    "ids_stable": (text.list_positions,),
    "leave_notice": (flow.swallows,),
    "leave_survived": (sharing.leaves_out_the_next, flow.swallows),
    "reset_survived": (sharing.leaves_out_the_next, sharing.kept_after_error, flow.swallows),
    "no_spin": (flow.swallows,),
    "silent_client": (flow.called_target,),
    "framing_split": (text.decoded_at_once, text.one_recv),
    "framing_merged": (text.one_recv,),
    "time_prefix": (text.unpadded,),
    "races": SHARING,
    "crowd": SHARING,
    "slow_reader": (sharing.leaves_out_the_next, sharing.sends_inside_lock),
    "no_deadlock": (sharing.sends_inside_lock, sharing.kept_after_error),
    "stops_cleanly": (flow.catches_everything,),
}
