"""What came back from the browser, read with suspicion: anyone can send anything over a websocket.

The component's state is `{"message": {"actions": [[seq, kind, …], …], "have": [hash, …], "dragging": bool}}`. These functions are pure and never raise;
what does not have that shape is dropped. `outbox.js` is the other end.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

MOST_ACTIONS = 64
LONGEST_TEXT = 300
MOST_KEPT = 12  # as many as wire.js keeps: of what is not said here, the newest is sent again with every move
_LARGEST = 2**53  # the integers that JavaScript counts exactly
_SHAPES: dict[str, tuple[type, ...]] = {
    "set": (str, str),
    "add": (str,),
    "hide": (int, int),
    "duplicate": (int,),
    "remove": (int,),
    "reset": (int,),
    "best": (int,),
    "draw": (int, str),
    "cell": (int, int, int, int),
}


class Action(NamedTuple):
    """One edit by a person.

    Attributes:
        seq: its place in the order of edits.
        kind: `set` (key, text exactly as typed), `add` (option key), `hide` (run, 1 to hide or 0 to show), `duplicate`, `remove`, `reset`, `best` (run),
            `draw` (run, "step: factor, …"), `cell` (run, cells a side, column, row).
        args: as the kind has them; texts are not validated, run indices are not negative.
    """

    seq: int
    kind: str
    args: tuple[str | int, ...]


def fresh(state: object, acknowledged: int) -> tuple[list[Action], int]:
    """The edits not seen yet, in order, and the number to acknowledge in the next payload.

    Args:
        state: the raw component state, as the session holds it.
        acknowledged: the last number acknowledged, 0 at first.
    """
    actions: list[Action] = []
    listed = _message(state).get("actions")
    for item in islice(listed if isinstance(listed, list) else [], MOST_ACTIONS):
        if not isinstance(item, (list, tuple)) or not item or not _is_int(item[0]) or not acknowledged < item[0] < _LARGEST:
            continue
        acknowledged = item[0]  # a malformed edit is answered too, or the browser would send it for ever
        if len(item) > 1 and isinstance(item[1], str) and _fits(_SHAPES.get(item[1]), item[2:]):
            actions.append(Action(item[0], item[1], tuple(item[2:])))
    return actions, acknowledged


def have(state: object) -> frozenset[str]:
    """The content addresses of the arrays the browser still holds, for `wire.pack`."""
    listed = _message(state).get("have")
    return (
        frozenset(text for text in islice(listed, MOST_KEPT) if isinstance(text, str) and len(text) <= LONGEST_TEXT)
        if isinstance(listed, list)
        else frozenset()
    )


def spoken(state: object) -> int:
    """When the component last spoke, in the order of all messages; 0 if it never did."""
    at = _message(state).get("at")
    return at if isinstance(at, int) and not isinstance(at, bool) and 0 <= at < _LARGEST else 0


def dragging(state: object) -> bool:
    """Whether the person's hand is still on it, so that links need not be rewritten yet."""
    return _message(state).get("dragging") is True


def _message(state: object) -> Mapping[object, object]:
    message = state.get("message") if isinstance(state, Mapping) else None
    return message if isinstance(message, Mapping) else {}


def _is_text(value: str) -> bool:
    """Half of a surrogate pair is no text: it could not be sent back."""
    return value.isprintable() or not any("\ud800" <= character <= "\udfff" for character in value)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _fits(shape: tuple[type, ...] | None, args: object) -> bool:
    if shape is None or not isinstance(args, (list, tuple)) or len(args) != len(shape):
        return False
    return all(
        (isinstance(value, str) and len(value) <= LONGEST_TEXT and _is_text(value)) if kind is str else (_is_int(value) and 0 <= value < _LARGEST)
        for kind, value in zip(shape, args, strict=True)
    )
