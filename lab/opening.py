"""Opening a map that `python -m optim_core.sweep` has written: the experiment it belongs to, and its board."""

from __future__ import annotations

import numpy as np

from lab import atlas
from lab.boards import Board
from lab.experiment import Experiment
from lab.link import query_of
from optim_core.hyper import N_, TextError
from optim_core.sweep import files

MOST = 1_000_000
"""Cells of the largest map that a page opens."""
MEGABYTES = 64


def opened(content: bytes) -> tuple[Experiment, Board]:
    """Read a file of a map. It comes from anywhere: its link is read like any other, and the runs in it must be those that the link asks for.

    Args:
        content: the file's bytes.

    Raises:
        TextError: it is no such file, damaged, too large, or not of the map that it says it is.
    """
    try:
        saved = files.read(content, MOST)
    except ValueError as error:
        raise TextError(N_("This is no map that can be opened here: {why}"), why=str(error)) from error
    experiment, problems = Experiment.from_query(query_of(saved.about.get("link", "")))
    run = saved.about.get("run", "")
    index = int(run) - 1 if run.isascii() and run.isdigit() else -1
    if problems or experiment.chart is None or not 0 <= index < len(experiment.runs):
        raise TextError(N_("The link in this file is not understood."))
    asked = atlas.request(experiment, index, saved.shape[1])
    same = asked.shape == saved.shape and asked.varied.keys() == saved.varied.keys()
    if not same or not all(np.array_equal(values, saved.varied[name]) for name, values in asked.varied.items()):
        raise TextError(N_("The runs in this file are not those of its link."))
    return experiment, atlas.made(experiment, index, asked._replace(goal=saved.goal), saved.outcome)
