"""A map from a file is the map that the page would have computed, and no file from anywhere can say otherwise."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest

from lab import atlas
from lab.experiment import Experiment
from lab.opening import opened
from optim_core.hyper import TextError
from optim_core.sweep import files, sweep

QUERY = {"surface": "himmelblau", "start": "0,0", "steps": "40", "run1": "momentum", "run1.lr": "0.01", "map": "plane"}


def written(folder: Path, cells: int = 30, link: str | None = None, run: str = "1") -> Path:
    e = Experiment.from_query(QUERY)[0]
    asked = atlas.request(e, 0, cells)
    outcome = sweep(asked.job, asked.varied, asked.goal)
    about = {"format": files.FORMAT, "link": "?" + urlencode(e.to_query()) if link is None else link, "run": run}
    files.save(folder / "map.npz", files.Saved(about, asked.varied, asked.goal, asked.shape, outcome))
    return folder / "map.npz"


def test_a_file_is_the_map_of_its_link(tmp_path: Path) -> None:
    e, board = opened(written(tmp_path).read_bytes())
    mine = atlas.board(Experiment.from_query(QUERY)[0], 0, 30)
    assert e == Experiment.from_query(QUERY)[0] and board.run == 0 and board.cells == 30
    np.testing.assert_array_equal(board.verdict, mine.verdict)
    np.testing.assert_array_equal(board.outcome.loss, mine.outcome.loss)
    assert atlas.same_question(e, e.set("run1.lr", "0.02")[0], 0) and not atlas.same_question(e, e.set("steps", "41")[0], 0)


OTHERS = ["", "?map=plane", "?surface=booth&map=plane", "?v=1&" + urlencode({**QUERY, "map.x.low": "0.001"}), "?surface=nowhere&map=plane"]


@pytest.mark.parametrize("link", OTHERS)
def test_a_link_that_the_runs_do_not_belong_to_is_refused(link: str, tmp_path: Path) -> None:
    with pytest.raises(TextError):
        opened(written(tmp_path, link=link).read_bytes())


@pytest.mark.parametrize("run", ["", "0", "9", "-1", "x", "²"])
def test_a_run_that_the_link_lacks_is_refused(run: str, tmp_path: Path) -> None:
    with pytest.raises(TextError):
        opened(written(tmp_path, run=run).read_bytes())


@pytest.mark.parametrize("content", [b"", b"PK", b"\0" * 1000, b"not a file"])
def test_what_is_no_map_is_refused(content: bytes) -> None:
    with pytest.raises(TextError, match="no map"):
        opened(content)
