"""The two browser components and their Python face: `panel`, the cards with the sliders, and `stage`, the map, curve, player and table.

Everything shown is computed in Python; the scripts beside this file draw, play, drag and collect edits. A page does, once a run:

    actions, ack = live.fresh(state, ack)          # `state` is what the session holds under the component's key; any junk is survived
    live.stage({"ack": ack, …}, key="stage", height=560, have=live.have(state), on_change=…)

Panel payload: `ack`, `labels` (PANEL_LABELS, translated), optional `height` (px; on a wide page the cards scroll inside it), `groups`, `add`, `full`.
    group    {id, title, swatch: {color, dash, marker} | None, rule: [MathML], note: str | None, run: int | None, hidden: bool,
              actions: ["hide", "duplicate", "reset", "remove"], controls}; `rule` is trusted markup of our own, everything else is shown as plain text
    control  {key, kind: "number" | "choice" | "point", symbol, name, help, value: str, low, high, scale: "linear" | "log" | "complement_log" |
              "integer_log", options: [{key, title}], error: str | None}
    add      {label, options: [{key, title}]} | None;  full: str | None, why no more can be added

Stage payload: `ack`, `labels` (STAGE_LABELS, translated), `theme` ("light" | "dark"), `figures` {map or space, curve}, `start` [x, y],
    `view_domain` {w1: [a, b], w2: [c, d]}, `runs`, `n_steps`, `table` {columns, rows: [{run, swatch, label, cells}]},
    each row about the run with index `run`
    figure   {data, layout} with NumPy arrays (`wire.Kept` for the contour). In the map the trace named "start" is the ring; in space the trace named
             "cursor" is moved by the player. A trace belongs to run i when its `meta` is {"run": i} (in space such a trace has one point a step); without
             any such, every trace with lines is a path. Traces "tail:…" and "exits" go with the paths: dimmed by the player, hidden during a drag.
    run      {label, color, dash, marker, hidden, w1, w2, loss, height, stop: int | None, n}; `height` is the loss as the curve's y axis has it

Edits come back as `Action(seq, kind, args)`: ("set", key, text), ("set", "start", "x,y"), ("add", option), ("hide", run, 0 or 1), ("duplicate", run),
("remove", run), ("reset", run).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lab.live import assets, wire
from lab.live.assets import offline_html
from lab.live.labels import PANEL_LABELS, STAGE_LABELS
from lab.live.outbox import Action, dragging, fresh, have, spoken
from lab.live.wire import Kept

__all__ = ["PANEL_LABELS", "STAGE_LABELS", "Action", "Kept", "dragging", "fresh", "have", "offline_html", "panel", "spoken", "stage"]

_NONE: frozenset[str] = frozenset()


def panel(payload: Mapping[str, Any], *, key: str, on_change: Callable[[], None] | None = None, have: frozenset[str] = _NONE) -> None:
    """Mount or update the cards.

    Args:
        payload: as in the module's docstring.
        key: the component's key; its state arrives in the session under it.
        on_change: called before the rerun that an edit causes.
        have: `live.have(state)`, so that kept arrays are not sent again.
    """
    assets.component("panel")(key=key, data=wire.pack(payload, have), on_message_change=on_change or _nothing)


def stage(payload: Mapping[str, Any], *, key: str, height: int, on_change: Callable[[], None] | None = None, have: frozenset[str] = _NONE) -> None:
    """Mount or update map, player, curve and table; `height` is that of map, player and curve together in px, on a wide page."""
    assets.component("stage")(key=key, data=wire.pack({**payload, "height": height}, have), on_message_change=on_change or _nothing)


def _nothing() -> None:
    """A state key exists only where a callback is given."""
