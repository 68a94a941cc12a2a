"""The browser components and their Python face: `panel`, the cards with the sliders, `stage`, the map, curves, player and table, and `atlas`, many runs;
of networks `training` and `landscape`.

Everything shown is computed in Python; the scripts beside this file draw, play, drag and collect edits. A page does, once a run:

    actions, ack = live.fresh(state, ack)          # `state` is what the session holds under the component's key; any junk is survived
    live.stage({"ack": ack, …}, key="stage", height=560, have=live.have(state), on_change=…)

Panel payload: `ack`, `labels` (PANEL_LABELS, translated), optional `height` (px; on a wide page the curve and the cards, which scroll, fill it), `groups`,
    `add`, `full`, optional `rate`
    group    {id, title, swatch: {color, dash, marker} | None, rule: [MathML], note: str | None, run: int | None, hidden: bool, base: η₀ as a number,
              actions: ["best", "draw", "hide", "duplicate", "reset", "remove"], controls}; `rule` is trusted markup of our own,
              everything else is shown as plain text; "draw", the pencil, needs `base` and `rate`
    control  {key, kind, symbol, name, help, value: str, error: str | None, note: str | None}, and of the kind
              "number"  low, high, scale: "linear" | "log" | "complement_log" | "integer_log"
              "choice"  options: [{key, title}], strong: bool, where it begins a section of the card
              "point"   two coordinates in one text
              "text"    a formula, in a row of its own, of at most 300 characters
              "switch"  value "0" or "1"
              "rule"    {key, kind, rule: [MathML]} only: formulas between the controls, nothing to set
    add      {label, options: [{key, title}]} | None;  full: str | None, why no more can be added
    rate     {figure, runs: [{color, dash, hidden, rate: (T,)}], height: px, 200 if absent} | None: η_t above the cards, with the player's cursor; `runs` in the
             order of `group.run`

Stage payload: `ack`, `labels` (STAGE_LABELS, translated), `theme` ("light" | "dark"), `figures` {map or space, and of curve, norm, rate those there are},
    `start` [x, y], `view_domain` {w1: [a, b], w2: [c, d]}, `runs`, `n_steps`, `table` {columns, rows: [{run, swatch, label, cells}]},
    each row about the run with index `run`, `notes` [str], sentences under the table
    figure   {data, layout} with NumPy arrays (`wire.Kept` for the contour). In the map the trace named "start" is the ring; in space the trace named
             "cursor" is moved by the player. A trace belongs to run i when its `meta` is {"run": i} (in space such a trace has one point a step); without
             any such, every trace with lines is a path. Traces "tail:…", "fan:…", "clipped:…" and "exits" go with the paths: dimmed by the player, hidden
             during a drag. In curve, norm and rate index i stands at x = i; a trace of line shape "hv" keeps the dots on its treads.
    run      {label, color, dash, marker, hidden, w1, w2, loss, height, stop: int | None, n}, optional norm, rate (T,), fan {w1, w2: (seeds, points)} | None
             with nan where a path ends, clipped: int array | None, evaluations (T+1,) where the curve is drawn over them,
             tangent {at, slope, step: (T,), label} on a curve of one parameter, where w1 is w, w2 the loss, and the payload's `line` {w, loss} the curve.
             `height`, `norm` and `rate` are what the y axis of curve, norm and rate has, for the dots at the cursor.
             While the hand drags, fan and clipped steps are drawn by us, so every seed once, as in the trace.

Atlas payload: `ack`, `labels` (ATLAS_LABELS, translated), `theme`, `figure`, `height` (px), `notes` [str], `best` {run, cells, column, row, label} | None,
    `panels`, one for each map in the figure
    panel    {run, cells: a side, xaxis, yaxis: names in the layout, values, apart: indices of traces, scaling: of the values, "linear",
             "log" (exponents of ten) or "signed" (sign(x) log₁₀(1 + |x|)), zero: int array | None, 1 where the value is 0 all the
             same, x, y: (cells,), at: [column, row] of the present values,
             index: int array | None, told instead of the value, words {value, not_yet, diverged}}

Training payload: `ack`, `labels` (TRAINING_LABELS, translated), `theme`, `height`, `figures` {curve, norm, and of accuracy, rate those there are}, whose x axes
    count iterations of the training that has the most, `n_steps` N and `per_epoch` of that one, `at`, `ends`: colours of the lowest and highest value,
    `classes` [{color, marker}], `runs`, `findings` [{color, text}], `table`, `notes` as in the stage
    run      {label, color, dash, marker, hidden, n: its iterations, per_epoch, frames: iterations of the checkpoints (F,), loss (n,), kind: "plane" |
             "principal" | "line", view {x, y}, names: of the axes, cells, levels, low, high, seen: bytes (F, cells²), row after row from below: class·levels +
             certainty, or 0 … 255 from low to high where levels is 0, lost: bytes (F,), 1 where it is not a number, line {x (m,), y (F, m)},
             points {x, y, learns (n,)}, targets (n,), labels: of the classes, strips, net {sizes, shown: neurons of every layer, titles: of the layers,
             names: of the inputs and of the outputs that are drawn, weights (F, edges), biases (F, neurons)}, edges and neurons layer after layer}
    strip    {kind, layer, title, low, high, counts: bytes (F, bins)}

Landscape payload: `ack`, `labels` (LANDSCAPE_LABELS, translated), `n_steps`, `per_epoch`, `at`, `ends`, `classes`, `theme`, `height`, `runs` without `strips`
    and `net`, `findings`, `table`, `notes` as in the training, `maps`, one to four, and `panels`
    map      {title, swatch: {color, dash, marker} | None, figure, space: bool, tracks: [{run, x, y, z: (F,), z None on a plane}]}; point f of a track is that
             of checkpoint f of its run; the figure draws whole paths faintly, we draw what lies behind the cursor; in space the player moves the trace named
             "cursor", which has one point a track, in their order, and shows no point whose z is not finite. A map whose right margin is wider is so much wider
    panel    {name, title, figure, time: bool}; where `time`, x counts iterations of the training that has the most, and a hand on it moves the player

Edits come back as `Action(seq, kind, args)`: ("set", key, text), ("set", "start", "x,y"), ("add", option), ("hide", run, 0 or 1), ("duplicate", run),
("remove", run), ("reset", run), ("best", run), ("cell", run, cells, column, row), ("draw", run, "step: factor, …"), a staircase of η/η₀ that
`optim_core.schedules.piecewise` reads.

Panel and stage share one module in the browser, and in it the player's step (timeline.js): the server hears nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lab.live import assets, wire
from lab.live.assets import offline_html
from lab.live.labels import ATLAS_LABELS, LANDSCAPE_LABELS, PANEL_LABELS, STAGE_LABELS, TRAINING_LABELS
from lab.live.outbox import Action, dragging, fresh, have, spoken
from lab.live.wire import Kept

__all__ = [
    "ATLAS_LABELS", "LANDSCAPE_LABELS", "PANEL_LABELS", "STAGE_LABELS", "TRAINING_LABELS", "Action", "Kept", "atlas", "dragging", "fresh", "have", "landscape",
    "offline_html", "panel", "spoken", "stage", "training",
]  # fmt: skip

_NONE: frozenset[str] = frozenset()


def atlas(payload: Mapping[str, Any], *, key: str, height: int, on_change: Callable[[], None] | None = None, have: frozenset[str] = _NONE) -> None:
    """Mount or update the map of many runs; `height` in px, on a wide page."""
    assets.component("atlas")(key=key, data=wire.pack({**payload, "height": height}, have), on_message_change=on_change or _nothing)


def landscape(payload: Mapping[str, Any], *, key: str, height: int, on_change: Callable[[], None] | None = None, have: frozenset[str] = _NONE) -> None:
    """Mount or update the landscapes; `height` is that of one row of them and the player together in px, on a wide page."""
    assets.component("landscape")(key=key, data=wire.pack({**payload, "height": height}, have), on_message_change=on_change or _nothing)


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
    """Mount or update map, player, curves, table and notes; `height` is that of map, player and curves together in px, on a wide page."""
    assets.component("stage")(key=key, data=wire.pack({**payload, "height": height}, have), on_message_change=on_change or _nothing)


def training(payload: Mapping[str, Any], *, key: str, height: int, on_change: Callable[[], None] | None = None, have: frozenset[str] = _NONE) -> None:
    """Mount or update the trainings; `height` is that of pictures and player together in px, on a wide page."""
    assets.component("training")(key=key, data=wire.pack({**payload, "height": height}, have), on_message_change=on_change or _nothing)


def _nothing() -> None:
    """A state key exists only where a callback is given."""
