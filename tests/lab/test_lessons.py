"""Lessons: pictures say what the network says, histograms count what is there, findings name what the record shows and nothing else."""

import dataclasses
import re
from collections.abc import Iterator

import numpy as np
import pytest

from lab import jobs, lessons
from lab.findings import findings
from lab.lesson_pictures import BINS, CELLS
from lab.lessons import course, label, lesson, trained
from lab.study import Study
from lab.widgets.lesson import lesson_payload
from optim_core.csv_table import read_csv
from optim_core.networks import Layer, Network, Training, outputs
from optim_core.tables import Uploaded
from tests.unoptimised import unoptimised


@pytest.fixture(scope="module", autouse=True)
def quick_to_compile() -> Iterator[None]:
    with unoptimised():
        yield


def study_of(**query: str) -> Study:
    study, problems = Study.from_query({"epochs": "20", "batch": "50", "data.size": "100"} | query)
    assert problems == []
    return study


def places(ends: tuple[float, float]) -> np.ndarray:
    """The middles of the picture's cells along one side."""
    return np.array([ends[0] + (ends[1] - ends[0]) * (i + 0.5) / CELLS for i in range(CELLS)])


@pytest.mark.parametrize("query", [{}, {"head": "softmax"}, {"data": "blobs", "data.classes": "5"}, {"data": "blobs", "norm": "batch"}])
def test_regions_are_what_the_network_says_at_each_cell(query: dict[str, str]) -> None:
    """Class and certainty of some cells, from `outputs` at their middles; one step of the byte is the most that may differ."""
    run = lesson(study_of(**query)).runs[0]
    classes, levels = run.data.classes, 256 // run.data.classes
    x, y = places(run.plane.x), places(run.plane.y)
    for frame in (0, len(run.record.at) // 2, -1):
        cells = [(row, column) for row in range(0, CELLS, 7) for column in range(0, CELLS, 5)]
        said = np.asarray(outputs(run.network, run.record.w[frame], run.record.stats[frame], np.array([[x[column], y[row]] for row, column in cells])))
        chances = np.hstack([1 - said, said]) if said.shape[1] == 1 else said
        for (row, column), chance in zip(cells, chances, strict=True):
            code = int(run.seen[frame, row, column])
            sure = np.sort(chance)[-1] - np.sort(chance)[-2] > 1e-9
            assert not sure or code // levels == chance.argmax()
            certainty = (chance.max() - 1 / classes) / (1 - 1 / classes)
            assert abs(code % levels - certainty * (levels - 1)) <= 0.51


def test_values_over_two_inputs_and_over_one() -> None:
    run = lesson(study_of(data="plane")).runs[0]
    x, y = places(run.plane.x), places(run.plane.y)
    said = float(np.asarray(outputs(run.network, run.record.w[-1], run.record.stats[-1], np.array([[x[3], y[40]]])))[0, 0])
    assert run.seen[-1, 40, 3] == round(min(max((said - run.low) / (run.high - run.low), 0), 1) * 255)
    line = lesson(study_of(data="sine")).runs[0]
    said = np.asarray(outputs(line.network, line.record.w[5], line.record.stats[5], line.line_x[:, None]))[:, 0]
    np.testing.assert_allclose(line.lines[5], said, rtol=1e-12)
    assert line.seen.shape == (len(line.record.at), 0, 0) and line.plane.kind == "line"


def test_many_columns_are_seen_in_the_plane_of_their_two_principal_components() -> None:
    run = lesson(study_of(data="iris", standardise="1")).runs[0]
    assert run.plane.kind == "principal" and 0.9 < run.plane.share < 1.0
    centred = run.data.x - run.data.x.mean(axis=0)
    assert np.isclose(run.plane.points.var(axis=0).sum() / centred.var(axis=0).sum(), run.plane.share)


def test_histograms_count_every_number_once() -> None:
    run = lesson(study_of(layers="6,5")).runs[0]
    assert sorted({(h.kind, h.layer) for h in run.histograms}) == [
        *[("activations", layer) for layer in (0, 1)], *[("gradients", layer) for layer in (0, 1, 2)], *[("weights", layer) for layer in (0, 1, 2)],
    ]  # fmt: skip
    for histogram in run.histograms:
        assert histogram.counts.shape == (len(run.record.at), BINS)
        np.testing.assert_allclose(histogram.counts.sum(axis=1), 1.0)
    weights = next(h for h in run.histograms if (h.kind, h.layer) == ("weights", 1))
    part = next(p for p in run.network.parts if (p.name, p.layer) == ("W", 1))
    expected = np.histogram(run.record.w[7, part.where], weights.edges)[0] / np.prod(part.shape)
    np.testing.assert_allclose(weights.counts[7], expected, atol=1e-12)


def test_a_draft_has_the_last_picture_and_the_whole_record() -> None:
    study = study_of(**{"run.lr": "0.0123"})
    draft, full = lesson(study, draft=True).runs[0], lesson(study).runs[0]
    again = lesson(study, draft=True).runs[0]
    for run in (draft, again):
        assert len(run.seen) == 1 and len(run.record.loss) == len(full.record.loss)
        np.testing.assert_array_equal(run.seen[0], full.seen[-1])
    assert len(full.seen) == len(full.record.at)


def test_a_variant_is_trained_as_a_study_of_its_own_would_be() -> None:
    both = lesson(study_of().add("batch"))
    alone = lesson(study_of(batch="1" if both.runs[1].recipe.batch == 1 else str(both.runs[1].recipe.batch)))
    np.testing.assert_array_equal(both.runs[1].record.loss, alone.runs[0].record.loss)
    assert label(both.study, 0) == "A" and label(both.study, 1).startswith("B: batch size = ")
    assert both.runs[0].record.per_epoch == 1


def test_noise_and_clip_reach_the_training() -> None:
    plain, noisy, clipped = (trained(study_of(**query).recipe)[1] for query in ({}, {"sigma": "0.5"}, {"run": "gradient_descent", "run.clip": "norm"}))
    assert not np.array_equal(plain.loss, noisy.loss) and np.isfinite(clipped.loss).all()
    data, asked = course(study_of(**{"run.clip": "norm"}).recipe)
    assert asked.clip is not None and asked.batch == 0 and len(data.train) == 50


# ---------------------------------------------------------------------- findings


def said(**query: str) -> str:
    return " ".join(lesson(study_of(**query)).runs[0].findings)


def test_what_the_record_shows_is_named() -> None:
    assert "all 6 neurons are equal" in said(layers="6", init="constant")
    assert "dead" in said(**{"layers": "8", "activations": "relu", "run": "gradient_descent", "run.lr": "10", "epochs": "30"})
    assert "saturated" in said(**{"layers": "8", "activations": "sigmoid", "init": "normal", "init.sigma": "10"})
    assert "Vanishing" in said(layers="8,8,8,8,8,8", activations="sigmoid")
    assert "no longer a finite number" in said(**{"data": "plane", "run": "gradient_descent", "run.lr": "10", "layers": "none", "epochs": "200"})
    overfit = said(**{"data": "circle", "data.size": "60", "data.noise": "0.5", "layers": "32,32", "epochs": "300", "run.lr": "0.03", "batch": "100"})
    assert "Overfitting" in overfit
    assert "would have stopped after epoch" in said(**{"data.noise": "0.5", "layers": "32,32", "epochs": "300", "run.lr": "0.03", "patience": "20"})
    assert "would not have stopped" in said(patience="500")


def test_nothing_is_named_that_the_record_does_not_show() -> None:
    assert said(**{"data": "gauss", "layers": "4", "epochs": "20"}) == ""


def _record(valid: list[float], train: list[float]) -> Training:
    epochs = np.arange(len(valid))
    zeros = np.zeros(len(valid))
    w = np.random.default_rng(0).standard_normal((1, 17))
    best = int(np.argmin(valid))
    return Training(
        1, np.ones(9), np.ones(9), np.ones(9), np.array([0]), w, np.zeros((1, 0)), epochs, np.array(train), np.array(valid), zeros, zeros, best, w[0], w[0]
    )


def test_early_stopping_is_read_from_the_validation_loss() -> None:
    """Lowest after epoch 2; three epochs later patience 3 is over, whatever comes afterwards."""
    record = _record([5, 4, 1, 2, 2, 2, 0.5], [5, 4, 3, 2, 1, 1, 1])
    network = Network(2, (Layer(4, "tanh"),), 1, "sigmoid", "binary")
    recipe = dataclasses.replace(study_of().recipe, patience=3)
    (message, details), *_rest = findings(recipe, network, record, (np.zeros((1, 4, 3)),), np.ones(2))
    assert "would have stopped" in message and (details["epoch"], details["kept"]) == (5, 2)
    (message, _details), *_rest = findings(dataclasses.replace(recipe, patience=4), network, record, (np.zeros((1, 4, 3)),), np.ones(2))
    assert "would not have stopped" in message


# ---------------------------------------------------------------------- background


def test_a_long_training_is_run_in_pieces_that_can_be_cancelled() -> None:
    study = study_of(**{"layers": "64,64,64", "batch": "100", "epochs": "2000", "data.size": "2000"})
    assert not lessons.ready(study) and lessons.ready(study_of())
    seen: list[tuple[int, int]] = []

    def tell(done: int, total: int) -> None:
        seen.append((done, total))
        if len(seen) == 2:
            raise jobs.Cancelled

    with pytest.raises(jobs.Cancelled):
        lessons.prepare_all(study, tell)
    assert seen[0][1] == 20_000 and 0 < seen[0][0] < seen[1][0] < 200 and not lessons.at_hand(study)


def test_progress_counts_all_trainings_together() -> None:
    study = study_of(epochs="11", **{"init.seed": "77"}).add("init.seed")
    seen: list[tuple[int, int]] = []
    lessons.prepare_all(study, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (22, 22) and [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert lessons.at_hand(study)


def test_findings_are_sentences_with_all_their_details() -> None:
    text = said(layers="6", init="constant")
    assert not re.search(r"[{}]", text)


# ---------------------------------------------------------------------- what would be said wrongly


def test_batch_norm_is_looked_at_as_in_a_step() -> None:
    """By running statistics that have seen no batch the gradient of six sigmoid layers would vanish; by the batch it does not."""
    assert "Vanishing" not in said(layers="8,8,8,8,8,8", activations="sigmoid", norm="batch")


def test_a_skip_connection_neither_saturates_nor_revives() -> None:
    """What it adds is no activation: tanh stays within ±1, and a dead ReLU is dead."""
    run = lesson(study_of(layers="8,8,8", residual="1")).runs[0]
    ranges = [histogram.edges[[0, -1]] for histogram in run.histograms if histogram.kind == "activations"]
    assert all(low >= -1.0 and high <= 1.0 for low, high in ranges)
    assert "dead" in said(**{"layers": "8,8", "activations": "relu", "residual": "1", "run": "gradient_descent", "run.lr": "10", "epochs": "30"})


def test_equal_neurons_of_maxout_are_counted_as_neurons() -> None:
    assert "all 6 neurons are equal" in said(layers="6", activations="maxout", init="zero")
    assert "equal" not in said(layers="6", activations="maxout")
    assert "equal" not in said(layers="6", activations="maxout", init="constant")  # rounding decides between equal pieces, and the neurons part


def test_a_loss_that_stays_did_not_rise() -> None:
    assert "rose" not in said(layers="4", init="zero")


def test_a_second_choice_is_named() -> None:
    """An optimizer's own learning rate belongs to it and is told; a seed or a schedule beside it is another choice."""
    study = study_of(run="adam").add("run")
    assert label(study, 1) == "B: optimizer = GD, learning rate = 0.1"
    assert study.differences(1) == ("run",)
    more, problems = Study.from_query(study.to_query() | {"b.run.schedule": "cosine", "b.init.seed": "3", "b.init": "he"})
    assert problems == [] and set(more.differences(1)) == {"run", "run.schedule", "init", "init.seed"}


def test_patience_is_read_and_trains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first = lesson(study_of(**{"init.seed": "31"})).runs[0]
    monkeypatch.setattr(lessons, "train", lambda *_: pytest.fail("trained again"))
    again = lesson(study_of(**{"init.seed": "31", "patience": "5"})).runs[0]
    assert again.record is first.record and any("patience of 5" in finding for finding in again.findings)


def test_numbers_that_float64_can_hardly_tell_apart_have_a_picture() -> None:
    rows = "".join(f"{1e17 + 16 * (i % 2):.0f},{i},{'ab'[i % 2]}\n" for i in range(12))
    table = Uploaded(read_csv(rows.encode()))
    study, _problems = Study.from_query({"data": "own", "epochs": "2"}, table)
    plane = lesson(study).runs[0].plane
    assert plane.x[1] > plane.x[0] and plane.y[1] > plane.y[0]


def test_trainings_of_as_many_epochs_share_them_and_others_share_their_steps() -> None:
    """The clock of the player and of every figure over time."""
    epochs = lesson(study_of(epochs="6", **{"b.batch": "5"}))
    told = lesson_payload(epochs, "light", str)
    assert told["n_steps"] == max(run.record.n_steps for run in epochs.runs) and told["per_epoch"] == max(run.record.per_epoch for run in epochs.runs)
    assert [run["per_epoch"] for run in told["runs"]] == [run.record.per_epoch for run in epochs.runs] and "{epoch}" in told["labels"].value["step"]
    steps = lesson(study_of(epochs="6", **{"b.batch": "2000", "b.epochs": "50"}))
    first, second = (run.record for run in steps.runs)
    told = lesson_payload(steps, "light", str)
    assert told["n_steps"] == max(first.n_steps, second.n_steps) and told["per_epoch"] == 1 and "{epoch}" not in told["labels"].value["step"]
    for name, figure in told["figures"].items():
        assert max(trace["x"].max() for trace in figure["data"]) <= told["n_steps"], name
        assert figure["layout"]["xaxis"]["range"][1] == told["n_steps"]
