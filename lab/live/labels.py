"""Every word that the components show by themselves, marked for the translators.

A page sends `labels={name: translate(text) for name, text in STAGE_LABELS.items()}`; the placeholders in braces are filled in the browser.
"""

from __future__ import annotations

from typing import Final

from optim_core.hyper import N_

PANEL_LABELS: Final = {
    "panel": N_("Runs and their settings"),
    "hide": N_("Hide"),
    "show": N_("Show"),
    "duplicate": N_("Duplicate"),
    "reset": N_("Reset"),
    "remove": N_("Remove"),
    "slider": N_("{name}, slider"),
    "problem": N_("Check this:"),
    "rate": N_("Learning rate at each step"),
    "best": N_("Best values by theory"),
    "draw": N_("Draw η by hand"),
    "draw_help": N_("Draw η by hand, with a mouse or a finger. From the keyboard: type it in the text box of the card."),
    "draw_hint": N_("Draw η from left to right; the pencil once more leaves"),
    "no_plotly": N_("The drawing library did not load. Check the connection and reload the page."),
}

ATLAS_LABELS: Final = {
    "atlas": N_("Map of many runs"),
    "atlas_hint": N_("Point at a cell to read it; click, drag or use the arrow keys to run it."),
    "zoom_in": N_("Zoom in"),
    "zoom_out": N_("Zoom out"),
    "zoom_reset": N_("Reset the view"),
    "image": N_("Save as an image"),
    "no_plotly": N_("The drawing library did not load. Check the connection and reload the page."),
}

STAGE_LABELS: Final = {
    "stage": N_("Map, loss curve and player"),
    "map": N_("Map of the loss with the paths of the runs"),
    "curve": N_("Loss at each step"),
    "norm": N_("Gradient norm at each step"),
    "rate": N_("Learning rate at each step"),
    "curvature": N_("Largest curvature at each step"),
    "start": N_("Starting point {x}, {y}. Move it with the arrow keys."),
    "play": N_("Play"),
    "pause": N_("Pause"),
    "first": N_("First step"),
    "back": N_("One step back"),
    "forward": N_("One step forward"),
    "last": N_("Last step"),
    "scrub": N_("Step"),
    "step": N_("step {t} / {n}"),
    "speed": N_("Speed"),
    "copy": N_("Copy link"),
    "copied": N_("Link copied"),
    "not_copied": N_("Copy it from the address bar"),
    "at_cursor": N_("L at step {t}"),
    "run": N_("Run"),
    "table": N_("Results"),
    "zoom_in": N_("Zoom in"),
    "zoom_out": N_("Zoom out"),
    "zoom_reset": N_("Reset the view"),
    "image": N_("Save as an image"),
    "inspector": N_("Inside one step"),
    "inspect": N_("Run to look into"),
    "inspect_hint": N_("Choose a run, then stop the player at a step: here stand its rule, the numbers in it, and what the optimizer carries."),
    "inside": N_("What the optimizer carries, step by step"),
    "inside_step": N_("From step {t} to step {next}"),
    "no_plotly": N_("The drawing library did not load. Check the connection and reload the page."),
    "no_webgl": N_("This browser has no WebGL, so the surface in space cannot be drawn. The map shows the same paths."),
}

TRAINING_LABELS: Final = {
    **{name: STAGE_LABELS[name] for name in ("play", "pause", "first", "last", "speed", "copy", "copied", "not_copied", "run", "table", "norm", "rate")},
    **{name: STAGE_LABELS[name] for name in ("zoom_in", "zoom_out", "zoom_reset", "image", "no_plotly")},
    "training": N_("What the network says, curves and player"),
    "back": N_("One iteration back"),
    "forward": N_("One iteration forward"),
    "epoch_back": N_("One epoch back"),
    "epoch_forward": N_("One epoch forward"),
    "scrub": N_("Iteration"),
    "step": N_("iteration {t} / {n} · epoch {epoch}"),
    "picture": N_("picture: iteration {t}"),
    "region": N_("What the network says over the data"),
    "curve": N_("Loss after each epoch"),
    "accuracy": N_("Accuracy after each epoch"),
    "at_cursor": N_("batch loss at the cursor"),
    "network": N_("The network: a line is a weight, the thicker the larger; dashed ones are negative"),
    "more": N_("+{count} more"),
    "strips": N_("Weights, activations and gradients over time"),
    "strips_hint": N_("From left to right time, from bottom to top the values; on the right how they are spread at the cursor."),
    "diverged": N_("not a number here"),
    "outside": N_("the curve is outside the picture"),
}  # fmt: skip

LANDSCAPE_LABELS: Final = {
    **{name: STAGE_LABELS[name] for name in ("play", "pause", "first", "last", "speed", "copy", "copied", "not_copied", "run", "table")},
    **{name: STAGE_LABELS[name] for name in ("zoom_in", "zoom_out", "zoom_reset", "image", "no_plotly", "no_webgl")},
    **{name: TRAINING_LABELS[name] for name in ("back", "forward", "epoch_back", "epoch_forward", "scrub", "step", "region", "at_cursor")},
    **{name: TRAINING_LABELS[name] for name in ("diverged", "outside")},
    "landscape": N_("Landscape of the loss, what the network says, and player"),
    "map": N_("Landscape of the loss with the paths of the trainings"),
    "regions": N_("What the networks say"),
    "picture": N_("iteration {t}"),
    "panels": N_("Numbers along the paths"),
    "beyond": N_("hollow: outside the picture"),
    "absent": N_("not on the surface here"),
}
