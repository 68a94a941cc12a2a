"""Numbers of landscapes that read back exactly: everything as npz, the grids and the paths as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lab.export.numbers import named, origin, plain
from lab.slice_types import Survey
from lab.study import LETTERS

GRID = ("landscape", "i", "j", "a1", "a2", "loss", "valid_loss", "accuracy", "valid_accuracy")
PATH = (
    "landscape", "run", "iteration", "a1", "a2", "distance", "ratio", "true_loss", "drawn_loss", "true_valid_loss", "drawn_valid_loss", "true_accuracy",
    "drawn_accuracy", "true_valid_accuracy", "drawn_valid_accuracy",
)  # fmt: skip
KEYS = {
    "landscape": "the training whose loss it is: a, or a variant, b to d; its centre are the last weights, of one that diverged the last before that",
    "run": "the training whose path it is",
    "i": "column of the grid, from 0; j is the row",
    "a1": "coordinate along the first direction: the weights are centre + a1 d1 + a2 d2",
    "a2": "coordinate along the second direction",
    "loss": "loss of the objects to learn from, without penalties and dropout; valid_loss is that of the objects that only judge",
    "accuracy": "share of objects whose class is right; nan for values; valid_accuracy is that of the objects that only judge",
    "iteration": "of the training, at whose weights the row is",
    "distance": "from these weights to the nearest point of the plane, which is at (a1, a2)",
    "ratio": "of the way from the centre to these weights the length that lies in the plane, as a share",
    "true_loss": "loss at these weights, by their own running statistics or, where cut.norm is batch, those of the objects; likewise what begins with true",
    "drawn_loss": "loss at (a1, a2), which is what the picture shows there; likewise what begins with drawn",
}
"""What every column means; part of the files, in English like the keys."""
ARRAYS = {
    "a_x": "coordinates of the columns of the landscape of training a, (m,); a_y those of its rows; b to d are the variants",
    "a_loss": "heights, row j and column i at (x[i], y[j]), (m, m); likewise a_valid_loss, a_accuracy, a_valid_accuracy",
    "a_centre": "weights at (0, 0), (P,)",
    "a_directions": "d1 and d2, (2, P)",
    "a_path_b_at": "coordinates (a1, a2) in the landscape of a at which the checkpoints of training b are drawn, (F, 2)",
    "a_path_b_iterations": "their iterations, (F,)",
    "a_path_b_distance": "how far from there they are, (F,)",
    "a_path_b_ratio": KEYS["ratio"],
    "a_path_b_true_loss": "loss at the checkpoints, (F,); likewise the other three",
    "a_path_b_drawn_loss": "loss where they are drawn, (F,); likewise the other three",
    "line_gradient_a_x": "places along the negative gradient from the centre of a, (m,); other lines are first, second, training and between",
    "line_gradient_a_loss": "loss there, (m,); likewise the other three",
    "curvature_a_leading": "largest eigenvalues of the Hessian on the path of a, (F, k), at the iterations `at`; likewise the other arrays",
    "limit_a": "sharpness above which a step of a is unstable, at the same points",
    "smoothness_a_beta": "of the loss along the gradient on the path of a, at the iterations `at`; likewise the other arrays",
}
"""What the names of the arrays mean."""


def survey_file(survey: Survey, suffix: str) -> str:
    """Short, safe everywhere, and different for different choices: descent-lab_moons_landscape_1a2b3c4d.csv."""
    return named(survey.cut, survey.cut.study.recipe.data_key, ["landscape"], suffix)


def grid_npz(survey: Survey) -> bytes:
    """Everything of a survey, as an archive that `numpy.load` reads without pickle.

    What is in it is what the page has: lines, curvature and smoothness where they are its panel. `about` is a text of JSON with the link, the versions, the
    plane of every landscape and the meaning of the names in `ARRAYS`.
    """
    arrays: dict[str, np.ndarray] = {}
    for relief in survey.reliefs:
        own = LETTERS[relief.run]
        grid = {"x": relief.x, "y": relief.y, **relief.heights._asdict(), "centre": relief.plane.centre, "directions": relief.plane.directions}
        arrays |= _named(own, grid)
        for track in relief.tracks:
            told = {**track.shadow._asdict(), **_named("true", track.true._asdict()), **_named("drawn", track.drawn._asdict())}
            arrays |= _named(f"{own}_path_{LETTERS[track.run]}", told | {"iterations": survey.lesson.runs[track.run].record.at})
    for line in survey.lines:
        arrays |= _named(f"line_{line.kind}_{LETTERS[line.run]}", {"x": line.x, **line.heights._asdict()})
    for letter, curvature, limit in zip(LETTERS, survey.curvatures, survey.limits, strict=False):
        arrays |= _named(f"curvature_{letter}", curvature._asdict()) | ({} if limit is None else {f"limit_{letter}": limit})
    for letter, smoothness in zip(LETTERS, survey.smoothness, strict=False):
        arrays |= _named(f"smoothness_{letter}", smoothness._asdict())
    made = io.BytesIO()
    np.savez_compressed(made, about=np.array(_about(survey)), **arrays)  # type: ignore[arg-type]  # its stub takes the next argument for this one
    return made.getvalue()


def grid_csv(survey: Survey) -> str:
    """The heights of every landscape, a row a point, numbers in the shortest form that reads back exactly. Lines that begin with # say what they are."""
    return _csv(survey, GRID, _points(survey))


def path_csv(survey: Survey) -> str:
    """Where the checkpoints of every training are drawn, how far from the plane they are, and the loss here and there: a row a checkpoint."""
    return _csv(survey, PATH, _checkpoints(survey))


def _points(survey: Survey) -> Iterator[tuple[Any, ...]]:
    for relief in survey.reliefs:
        heights = [values.tolist() for values in relief.heights]
        for j, second in enumerate(relief.y.tolist()):
            for i, first in enumerate(relief.x.tolist()):
                yield (LETTERS[relief.run], i, j, first, second, *(values[j][i] for values in heights))


def _checkpoints(survey: Survey) -> Iterator[tuple[Any, ...]]:
    for relief in survey.reliefs:
        for track in relief.tracks:
            iterations = survey.lesson.runs[track.run].record.at
            pairs = [values for both in zip(track.true, track.drawn, strict=True) for values in both]
            columns = [iterations, *track.shadow.at.T, track.shadow.distance, track.shadow.ratio, *pairs]
            names = LETTERS[relief.run], LETTERS[track.run]
            yield from ((*names, *row) for row in zip(*(column.tolist() for column in columns), strict=True))


def _csv(survey: Survey, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> str:
    text = io.StringIO()
    text.writelines(f"# {key}: {value}\n" for key, value in origin(survey.cut).items())
    text.writelines(f"# column {key}: {meaning}\n" for key, meaning in KEYS.items() if key in columns)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def _about(survey: Survey) -> str:
    landscapes = [
        {"landscape": LETTERS[relief.run], "plane": relief.plane.kind, "explained": {LETTERS[track.run]: track.explained for track in relief.tracks}}
        for relief in survey.reliefs
    ]
    runs = {letter: learned.recipe.to_query() for letter, learned in zip(LETTERS, survey.lesson.runs, strict=False)}
    told = {**origin(survey.cut), "landscapes": landscapes, "trainings": runs, "arrays": ARRAYS, "columns": KEYS}
    return json.dumps(plain(told), allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _named(before: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {f"{before}_{name}": np.asarray(array) for name, array in arrays.items()}
