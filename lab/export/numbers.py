"""Numbers that read back exactly, with where they come from, and the names of the files."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import platform
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

import numpy as np

from lab import __version__
from lab.experiment import Experiment
from lab.runs import written_chance, written_run
from optim_core.hyper import hypers

if TYPE_CHECKING:
    from lab.compute import Picture


class Linked(Protocol):
    """What has a link: an experiment, a study."""

    def to_query(self) -> dict[str, str]:
        """Every value as text."""


VECTORS = ("grad", "raw_grad", "query", "update", "effective_lr")
KEYS = {
    "run": "its number in the link, from 1",
    "optimizer": "its key in the link",
    "t": "step; w and loss are those after t steps, t = 0 is the start",
    "lr": "learning rate of the step from t to t+1; empty in the last row, like all that follow the loss",
    "w": "the point, w1 and w2; on a curve of one parameter w1 alone",
    "loss": "L(w)",
    "grad": "the gradient of that step, taken at query, as the optimizer was given it",
    "raw_grad": "the same before clipping, noise included",
    "query": "where it was taken; for look-ahead optimizers another point than w",
    "update": "what that step added to w",
    "settings": "all that is the run's own, by its keys in the link",
    "fan": "of many seeds: the median loss after t steps, its 10 % and 90 % quantiles, and every seed's last loss",
    "effective_lr": "the factor each coordinate of the gradient, or of its average, was multiplied by",
    "inner": "what else that step computed on the way, by the optimizer's own names",
    "state": "what the optimizer carries after t steps, by its own names",
}
"""What every key means; part of the files, in English like the keys."""


def columns(n: int) -> tuple[str, ...]:
    """The names of the columns of a CSV, for points of n coordinates."""
    each = range(1, n + 1)
    return ("run", "optimizer", "t", "lr", *(f"w{i}" for i in each), "loss", *(f"{name}{i}" for name in VECTORS for i in each))


def trajectories_csv(picture: Picture) -> str:
    """Every run of a picture, hidden ones included: one row a step and run, numbers in the shortest form that reads back exactly.

    Lines that begin with # say where the numbers come from: the link, the versions, the meaning of the columns.
    """
    text = io.StringIO()
    text.writelines(f"# {key}: {value}\n" for key, value in origin(picture.experiment).items())
    text.writelines(f"# column {key}: {meaning}\n" for key, meaning in KEYS.items() if key not in ("inner", "state", "settings", "fan"))
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns(len(picture.experiment.start)))
    for index, (run, path) in enumerate(zip(picture.experiment.runs, picture.paths, strict=True), 1):
        now = [*path.w.T, path.loss]
        vectors = path.step._asdict() | {"raw_grad": path.raw_grad}
        step = [vectors[name][:, i] for name in VECTORS for i in range(path.w.shape[1])]
        lr = [*path.lr.tolist(), ""]
        rows = zip(lr, *(column.tolist() for column in now), *([*column.tolist(), ""] for column in step), strict=True)
        writer.writerows((index, run.key, t, *row) for t, row in enumerate(rows))
    return text.getvalue()


def trajectories_json(picture: Picture) -> str:
    """The same as strict JSON, with hyper-parameters and the optimizers' states. What is not finite is "Infinity", "-Infinity" or "NaN", in quotes."""
    runs = [
        {
            "run": index,
            "optimizer": run.key,
            "lr": run.lr,
            "hyperparameters": {name: float(getattr(run.optimizer, name)) for name in hypers(run.optimizer)},
            "settings": dict(written_run(run, f"run{index}")),
            "hidden": run.hidden,
            "fan": None if fan is None else {"seeds": len(fan.w), "median": fan.median, "low": fan.low, "high": fan.high, "last_loss": fan.last_loss},
            "trajectory": {"w": path.w, "loss": path.loss, "lr": path.lr, **path.step._asdict(), "raw_grad": path.raw_grad, "state": path.state},
        }
        for index, (run, path, fan) in enumerate(zip(picture.experiment.runs, picture.paths, picture.fans, strict=True), 1)
    ]
    head = (
        origin(picture.experiment)
        | {"noise": dict(written_chance(picture.experiment.chance))}
        | {"not finite": 'written as "Infinity", "-Infinity" or "NaN"', "keys": KEYS}
    )
    return json.dumps(plain({**head, "runs": runs}), allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def file_name(experiment: Experiment, suffix: str) -> str:
    """Short, safe everywhere, and different for different experiments: descent-lab_rosenbrock_adam-momentum_1a2b3c4d.png."""
    return named(experiment, experiment.surface_key, [run.key for run in experiment.runs], suffix)


def named(asked: Linked, what: str, optimizers: Iterable[str], suffix: str) -> str:
    """A file's name from the ground that is trained or walked on, the optimizers' keys and the link."""
    digest = hashlib.sha256(link(asked).encode()).hexdigest()[:8]
    stem = re.sub(r"[^a-z0-9_-]", "", f"{what}_{'-'.join(dict.fromkeys(optimizers))}".lower())[:60].rstrip("_-")
    return f"descent-lab_{stem}_{digest}.{suffix}"


def link(asked: Linked) -> str:
    """What was asked for as the address bar has it, from the question mark on."""
    return "?" + urlencode(asked.to_query())


def origin(asked: Linked) -> dict[str, str]:
    """Where numbers come from: the link and the versions."""
    versions = {"python": platform.python_version(), "jax": version("jax"), "numpy": version("numpy")}
    return {"Descent Lab": __version__, "link": link(asked), **versions}


def plain(value: Any) -> Any:
    """Dicts, lists, texts, whole and finite numbers; a NamedTuple becomes a dict."""
    if isinstance(value, np.ndarray):
        return value.tolist() if np.isfinite(value).all() else plain(value.tolist())
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
