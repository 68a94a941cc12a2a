"""From a cut to a survey: what is computed is what the core says, kept once, and told how far it can be trusted."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest

from lab import compute, lessons, slices
from lab.cut import Cut
from lab.reliefs import LINE, centre_of, ground_of, looked
from optim_core.landscape import curvature, explained, heights, project
from tests.unoptimised import unoptimised

SMALL = {"data": "circle", "data.size": "60", "layers": "5", "epochs": "8", "cut.cells": "21"}
TWO = {**SMALL, "b.init.seed": "2"}


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    with unoptimised():
        yield


def cut(query: dict[str, str]) -> Cut:
    made, problems = Cut.from_query(query)
    assert not problems
    return made


def survey(query: dict[str, str]) -> slices.Survey:
    return slices.survey(cut(query))


@pytest.mark.parametrize("plane", ["path", "filters", "random", "hessian", "line", "weights"])
def test_the_centre_is_the_trained_loss_and_the_path_ends_there(plane: str) -> None:
    made = survey({**SMALL, "cut": plane})
    (relief,), record = made.reliefs, made.lesson.runs[0].record
    (track,) = relief.tracks
    middle = relief.heights.loss[relief.y == 0.0, relief.x == 0.0]
    np.testing.assert_allclose([middle[0], track.true.loss[-1], track.drawn.loss[-1]], record.train_loss[-1], rtol=1e-12)
    np.testing.assert_allclose(track.shadow.at[-1], 0.0, atol=1e-12)
    assert relief.heights.loss.shape == (21, 21) and not made.draft


def test_rows_are_the_second_direction() -> None:
    """heights[j, i] is at (x[i], y[j])."""
    made = survey(SMALL)
    (relief,), run = made.reliefs, made.lesson.runs[0]
    ground = ground_of(run, "running")
    there = np.array([[relief.x[3], relief.y[17]]])
    alone = heights(ground, relief.plane.centre, run.record.stats[-1], relief.plane.directions, there)
    for values, one in zip(relief.heights, alone, strict=True):
        assert values[17, 3] == pytest.approx(one[0], rel=1e-12)


def test_the_loss_where_the_path_is_drawn_is_that_of_the_projected_weights() -> None:
    made = survey({**SMALL, "cut": "filters", "cut.seed": "4"})
    (relief,), run = made.reliefs, made.lesson.runs[0]
    (track,) = relief.tracks
    nearest = relief.plane.centre + project(relief.plane, run.record.w).at @ relief.plane.directions
    whole = heights(ground_of(run, "running"), np.zeros_like(relief.plane.centre), run.record.stats[-1], nearest, np.eye(len(nearest)))
    np.testing.assert_allclose(track.drawn.loss, whole.loss, rtol=1e-9)
    assert track.explained == explained(relief.plane, run.record.w)


def test_every_training_has_a_landscape_or_all_share_one() -> None:
    apart, together = survey(TWO), survey({**TWO, "cut.together": "1"})
    assert [relief.run for relief in apart.reliefs] == [0, 1] and [len(relief.tracks) for relief in apart.reliefs] == [1, 1]
    (relief,) = together.reliefs
    assert [track.run for track in relief.tracks] == [0, 1]
    first, second = (run.record for run in together.lesson.runs)
    assert relief.tracks[0].true.loss[-1] == pytest.approx(first.train_loss[-1], rel=1e-12)
    assert relief.tracks[1].true.loss[-1] == pytest.approx(second.train_loss[-1], rel=1e-12)  # its own, whatever the picture shows
    other = survey({**TWO, "c.activations": "relu", "cut.together": "1"})
    assert [track.run for track in other.reliefs[0].tracks] == [0, 1]  # other weights cannot be drawn on it


def test_between_two_trainings_the_plane_holds_both_and_the_beginning() -> None:
    made = survey({**TWO, "cut": "between"})
    first, second = (run.record for run in made.lesson.runs)
    for relief in made.reliefs:
        points = project(relief.plane, np.stack([first.w[-1], second.w[-1], made.lesson.runs[relief.run].record.w[0]]))
        np.testing.assert_allclose(points.distance, 0.0, atol=1e-9)
        assert (points.at.min(axis=0) > [relief.x[0], relief.y[0]]).all() and (points.at.max(axis=0) < [relief.x[-1], relief.y[-1]]).all()
    line = next(line for line in made.lines if line.kind == "between")
    ends = [float(line.heights.loss[line.x == place][0]) for place in (0.0, 1.0)]
    np.testing.assert_allclose(ends, [first.train_loss[-1], second.train_loss[-1]], rtol=1e-9)


MIXED = {**TWO, "c.layers": "4"}
"""The third training's weights mean something else."""


def test_a_training_with_other_weights_has_no_plane_between() -> None:
    made = survey({**MIXED, "cut": "between"})
    assert [relief.run for relief in made.reliefs] == [0, 1] and not made.draft
    last = survey({**SMALL, "b.layers": "4", "c.init.seed": "2", "cut": "between"})
    assert [relief.run for relief in last.reliefs] == [0, 2] and {line.run for line in last.lines if line.kind == "between"} == {2}


def test_a_landscape_is_that_of_its_trainings_places() -> None:
    """The same two trainings as A and C, then as A and B: a track names the place of its training."""
    first = survey({**SMALL, "b.layers": "4", "c.init.seed": "2", "cut.together": "1"})
    then = survey({**TWO, "cut.together": "1"})
    assert [track.run for track in first.reliefs[0].tracks] == [0, 2] and [track.run for track in then.reliefs[0].tracks] == [0, 1]


def test_lines_go_through_the_weights_they_name() -> None:
    made = survey(TWO)
    lines = {(line.kind, line.run): line for line in made.lines}
    assert set(lines) == {(kind, run) for kind in ("first", "second", "gradient", "training") for run in (0, 1)} | {("between", 1)}
    for (kind, run), line in lines.items():
        record = made.lesson.runs[run].record
        if kind == "training":
            ends = [float(line.heights.loss[line.x == place][0]) for place in (0.0, 1.0)]
            np.testing.assert_allclose(ends, record.train_loss[[0, -1]], rtol=1e-9)
            assert len(line.x) >= LINE and line.x[0] < 0.0 and line.x[-1] > 1.0
        elif kind != "between":
            assert line.heights.loss[line.x == 0.0][0] == pytest.approx(record.train_loss[-1], rel=1e-12)
    downhill = lines["gradient", 0]
    middle = int(np.flatnonzero(downhill.x == 0.0)[0])
    assert downhill.heights.loss[middle + 1] < downhill.heights.loss[middle] < downhill.heights.loss[middle - 1]


def test_reach_moves_the_ends_and_not_the_centre() -> None:
    near, far = survey(SMALL).reliefs[0], survey({**SMALL, "cut.reach": "3"}).reliefs[0]
    assert np.ptp(far.x) == pytest.approx(3 * np.ptp(near.x)) and far.heights.loss.max() > near.heights.loss.max()
    np.testing.assert_array_equal(far.plane.directions, near.plane.directions)


def test_curvature_is_that_of_the_full_batch_along_the_path() -> None:
    made = survey({**SMALL, "run": "gradient_descent", "cut.panel": "curvature"})
    (found,), (limit,), run = made.curvatures, made.limits, made.lesson.runs[0]
    rows = looked(run)
    assert limit is not None
    np.testing.assert_allclose(limit, 2.0 / run.recipe.run.lr)
    again = curvature(ground_of(run, "running"), run.record.w[rows[[-1]]], run.record.at[rows[[-1]]])
    assert found.leading[-1] == pytest.approx(again.leading[0]) and found.at[-1] == run.record.n_steps
    assert survey({**SMALL, "cut.panel": "curvature"}).limits == (None,)  # of Adam no bound is known
    assert len(survey({**SMALL, "cut.panel": "smoothness"}).smoothness[0].beta) == len(rows)


def test_one_that_diverges_is_seen_from_where_it_was_still_a_number() -> None:
    """Nothing is clipped: the picture's centre is the last checkpoint before, and the later ones keep their true losses."""
    made = survey({**SMALL, "data": "plane", "activations": "relu", "layers": "6,6", "run": "gradient_descent", "run.lr": "10", "epochs": "30"})
    record, (relief,) = made.lesson.runs[0].record, made.reliefs
    middle = centre_of(record)
    assert middle < len(record.at) - 1 and np.isfinite(relief.heights.loss[relief.y == 0.0, relief.x == 0.0]).all()
    batch_losses = np.append(record.loss, record.train_loss[-1])[record.at]
    assert batch_losses[middle] <= 1e6 * batch_losses[0] and not batch_losses[middle + 1] <= 1e6 * batch_losses[0]  # within an epoch, too
    assert relief.tracks[0].until == middle and relief.tracks[0].explained == explained(relief.plane, record.w[: middle + 1])
    np.testing.assert_array_equal(relief.plane.centre, record.w[middle])
    assert not np.isfinite(relief.tracks[0].true.loss[-1]) or relief.tracks[0].true.loss[-1] > 1e6 * record.train_loss[0]


def test_a_limit_is_told_where_theory_knows_it() -> None:
    """Neither of clipped nor of noisy gradients; during a warm-up from η = 0 nothing is unstable."""
    plain = {**SMALL, "run": "gradient_descent", "cut.panel": "curvature"}
    assert survey({**plain, "run.clip": "norm"}).limits == (None,) and survey({**plain, "sigma": "0.1"}).limits == (None,)
    (limit,) = survey({**plain, "run.warmup": "linear"}).limits
    assert limit is not None and limit[0] == np.inf and np.isfinite(limit[1:]).all()


def test_the_landscapes_of_a_draft_are_kept_whatever_the_panel() -> None:
    """So that the former picture can stay while another training runs."""
    whole = cut({**SMALL, "cut.cells": "51", "cut.seed": "78", "cut": "random"})
    assert not slices.kept(whole)
    slices.survey(whole)
    assert slices.kept(whole) and slices.kept(dataclasses.replace(whole, panel="curvature"))
    assert slices.drafted(whole) and not slices.kept(dataclasses.replace(whole, seed=79))


def test_a_draft_is_coarse_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    fine = cut({**SMALL, "cut.cells": "51", "cut.seed": "77", "cut": "filters"})
    lessons.prepare_all(fine.study, lambda done, total: None)
    draft = slices.survey(fine, draft=True)
    assert draft.draft and draft.reliefs[0].heights.loss.shape == (21, 21)
    told: list[int] = []
    slices.prepare(fine, lambda done, total: told.append(done))
    assert slices.at_hand(fine) and slices.ready(fine) and told == sorted(told) and told[-1] <= 100
    assert not slices.survey(fine, draft=True).draft  # the fine one is at hand
    monkeypatch.setattr(compute, "_values", type(compute._values)(compute.CACHE_BYTES, getsizeof=lambda entry: entry[1]))
    assert not slices.at_hand(fine) and not slices.ready(fine)


def test_looked_at_in_another_way_nothing_is_computed_anew() -> None:
    fine = cut(SMALL)
    other = dataclasses.replace(fine, part="valid", view="space", study=dataclasses.replace(fine.study, axis="linear", at=3))
    assert slices.question(fine) == slices.question(other)
    assert slices.survey(fine).reliefs[0] is slices.survey(other).reliefs[0]
    assert slices.question(fine) != slices.question(dataclasses.replace(fine, reach=2.0))
