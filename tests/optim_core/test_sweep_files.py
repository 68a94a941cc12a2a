"""A sweep in parts: killed and gone on with, files of other sweeps, damaged files, the command."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optim_core import Job
from optim_core.noise import Noise
from optim_core.optimizers import REGISTRY
from optim_core.sweep import Goal, core, files, sweep
from optim_core.sweep.__main__ import main
from surfaces import REGISTRY as SURFACES

ROOT = Path(__file__).parents[2]
JOB = Job(REGISTRY["momentum"](), SURFACES["himmelblau"](), (0.0, 0.0), 1e-2, 20)
GOAL = Goal(0.0, 1e-3, np.array([[3.0, 2.0], [-2.8, 3.1]]), 0.5)
SHAPE = (30, 40)
VARIED = {"lr": np.geomspace(1e-4, 1e-1, 1200), "start": np.stack([np.linspace(-4, 4, 1200), np.linspace(3, -3, 1200)], axis=1)}
ABOUT = {"link": "?v=1&surface=himmelblau", "run": "1"}
LINK = "https://lab.example.org/maps?v=1&surface=rosenbrock&steps=50&run1=momentum&map=plane&lang=ru"


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five parts instead of one."""
    monkeypatch.setattr(files, "PART", core.CHUNK)


def made(folder: Path) -> Path:
    """A finished file."""
    out = folder / "map.npz"
    files.run(JOB, VARIED, GOAL, SHAPE, out, ABOUT)
    return out


class Stopped(Exception):
    """In the middle."""


def stopped(folder: Path, after: int) -> Path:
    """A sweep stopped after so many parts."""
    out = folder / "map.npz"

    def tell(done: int, total: int) -> None:
        if done > after * core.CHUNK:
            raise Stopped

    with pytest.raises(Stopped):
        files.run(JOB, VARIED, GOAL, SHAPE, out, ABOUT, tell=tell)
    assert not out.exists()
    return out


def test_the_file_says_everything(tmp_path: Path) -> None:
    """What was asked and what came of it, readable by plain NumPy without pickles; nothing is left beside it; a reader may touch its bytes."""
    out = made(tmp_path)
    assert os.listdir(tmp_path) == ["map.npz"]
    saved = files.read(out)
    for ours, theirs in zip(saved.outcome, sweep(JOB, VARIED, GOAL), strict=True):
        assert ours.dtype == theirs.dtype and ours.tobytes() == theirs.tobytes()
    assert saved.shape == SHAPE and saved.goal[:2] == GOAL[:2] and saved.goal.radius == 0.5 and np.array_equal(saved.goal.minima, GOAL.minima)
    assert saved.about.items() >= ABOUT.items() and saved.about.keys() >= {"jax", "numpy", "platform", "format"}
    assert saved.varied.keys() == VARIED.keys() and all(np.array_equal(saved.varied[name], VARIED[name]) for name in VARIED)
    with np.load(out, allow_pickle=False) as plain:
        assert json.loads(plain["about"].item())["run"] == "1" and plain["loss"].shape == (1200,)
    assert files.read(out.read_bytes()).about == saved.about


def test_seeds_and_no_minima(tmp_path: Path) -> None:
    """The other kinds of a map."""
    varied = {"seed": np.arange(24).reshape(12, 2)}
    for minima in (None, np.zeros((0, 2))):
        files.run(JOB._replace(noise=Noise()), varied, Goal(np.nan, 1e-3, minima), (1, 12), tmp_path / "seeds.npz", ABOUT)
        saved = files.read(tmp_path / "seeds.npz")
        assert np.array_equal(saved.varied["seed"], varied["seed"]) and np.isnan(saved.goal.loss)
        assert (saved.goal.minima is None) == (minima is None)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("after", [0, 1, 4])
def test_no_part_is_computed_twice(after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cells that are computed after a stop are those that no part has; the file has the same bytes as in one go."""
    whole = made(tmp_path).read_bytes()
    (tmp_path / "map.npz").unlink()
    out = stopped(tmp_path, after)
    computed: list[float] = []

    def counting(job: Job, varied: Any, goal: Goal, **more: Any) -> Any:
        computed.extend(varied["lr"])
        return sweep(job, varied, goal, **more)

    monkeypatch.setattr(files, "sweep", counting)
    told: list[int] = []
    assert files.run(JOB, VARIED, GOAL, SHAPE, out, ABOUT, tell=lambda done, total: told.append(done)) == (after, 5 - after)
    assert computed == VARIED["lr"][after * core.CHUNK :].tolist()
    assert told == sorted(told) and told[0] == after * core.CHUNK and told[-1] == 1200
    assert out.read_bytes() == whole and os.listdir(tmp_path) == ["map.npz"]


@pytest.mark.usefixtures("small_parts")
def test_a_damaged_part_is_computed_again(tmp_path: Path) -> None:
    """Cut short, changed, or of another shape: it counts as not there."""
    whole = made(tmp_path).read_bytes()
    (tmp_path / "map.npz").unlink()
    out = stopped(tmp_path, 4)
    first, second, third = (out.with_name("map.npz.parts") / f"{number:06d}.npz" for number in range(3))
    first.write_bytes(first.read_bytes()[:-100])
    changed = bytearray(second.read_bytes())
    changed[600] ^= 1
    second.write_bytes(changed)
    with third.open("wb") as file:
        np.savez(file, **{name: part[:-1] for name, part in sweep(JOB, {"lr": VARIED["lr"][:256]}, GOAL)._asdict().items()})
    assert files.run(JOB, VARIED, GOAL, SHAPE, out, ABOUT) == (1, 4)
    assert out.read_bytes() == whole


@pytest.mark.usefixtures("small_parts")
def test_parts_of_another_sweep_are_refused(tmp_path: Path) -> None:
    """Anything the numbers depend on, or what the file says, is another; then the first one can still go on."""
    out = stopped(tmp_path, 2)
    lr = VARIED["lr"].copy()
    lr[1000] = np.nextafter(lr[1000], 1.0)
    others: list[tuple[Job, dict[str, np.ndarray], Goal, tuple[int, int], dict[str, str]]] = [
        (JOB._replace(n_steps=21), VARIED, GOAL, SHAPE, ABOUT),
        (JOB._replace(optimizer=REGISTRY["momentum"](0.91)), VARIED, GOAL, SHAPE, ABOUT),
        (JOB._replace(optimizer=REGISTRY["nesterov"]()), VARIED, GOAL, SHAPE, ABOUT),
        (JOB._replace(noise=Noise()), VARIED, GOAL, SHAPE, ABOUT),
        (JOB, {**VARIED, "lr": lr}, GOAL, SHAPE, ABOUT),
        (JOB, VARIED, GOAL._replace(minima=GOAL.minima[:1]), SHAPE, ABOUT),  # type: ignore[index]
        (JOB, VARIED, GOAL._replace(tolerance=2e-3), SHAPE, ABOUT),
        (JOB, VARIED, GOAL, SHAPE[::-1], ABOUT),
        (JOB, VARIED, GOAL, SHAPE, {**ABOUT, "descent_lab": "9"}),
    ]
    for *asked, about in others:
        with pytest.raises(ValueError, match="parts of another sweep"):
            files.run(*asked, out, about)  # type: ignore[call-arg, arg-type]
    assert files.run(JOB, VARIED, GOAL, SHAPE, out, ABOUT) == (2, 3)


def test_a_strangers_folder_is_left_alone(tmp_path: Path) -> None:
    """One that happens to have the name, and a folder where the file should be."""
    folder = tmp_path / "map.npz.parts"
    folder.mkdir()
    (folder / "letter.txt").write_text("dear")
    with pytest.raises(ValueError, match="parts of another sweep"):
        made(tmp_path)
    assert (folder / "letter.txt").read_text() == "dear"
    (tmp_path / "other").mkdir()
    with pytest.raises(ValueError, match="is a folder"):
        files.run(JOB, VARIED, GOAL, SHAPE, tmp_path / "other", ABOUT)
    with pytest.raises(ValueError, match="one entry each"):
        files.run(JOB, VARIED, GOAL, (30, 41), tmp_path / "x.npz", ABOUT)


# ---------------------------------------------------------------------- what a person may send


def rewritten(content: bytes, **changed: Any) -> bytes:
    """The file with other arrays; None leaves one out."""
    with np.load(io.BytesIO(content)) as plain:
        arrays = {name.replace("__", "."): plain[name] for name in plain.files}
    arrays |= {name.replace("__", "."): value for name, value in changed.items()}
    made = io.BytesIO()
    np.savez_compressed(made, **{name: value for name, value in arrays.items() if value is not None})
    return made.getvalue()


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    """Every array missing, of another kind or size; what it says about itself; pickles; too many cells; a bomb."""
    good = made(tmp_path).read_bytes()
    saved = files.read(rewritten(good))
    w, steps = saved.outcome.w, saved.outcome.reached
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("'loss' is missing", {"loss": None}),
        ("'about' is missing", {"about": None}),
        ("'goal' is missing", {"goal": None}),
        ("'loss' is float32", {"loss": np.zeros(1200, np.float32)}),
        ("'loss' is >f8", {"loss": saved.outcome.loss.astype(">f8")}),
        ("'loss' is float64 of the shape", {"loss": saved.outcome.loss[1:]}),
        ("'w' is float64 of the shape", {"w": w[:, 0]}),
        ("'varied.start' is float64 of the shape", {"varied__start": np.zeros((1200, 3))}),
        ("steps are outside", {"reached": steps - 2}),
        ("steps are outside", {"settled": steps + 200_000}),
        ("1 to 4,000,000 cells", {"shape": np.array([0, 5])}),
        ("1 to 4,000,000 cells", {"shape": np.array([-30, -40])}),
        ("1 to 4,000,000 cells", {"shape": np.array([2**40, 2**40])}),
        ("is float64 of the shape", {"shape": np.array([40, 40])}),
        ("must be above 0", {"goal": np.array([0.0, np.nan, 1.0])}),
        ("does not belong", {"extra": np.zeros(3)}),
        ("not of the format", {"about": np.array(json.dumps({"format": "other"}))}),
        ("not of the format", {"about": np.array(json.dumps([1]))}),
        ("not of the format", {"about": np.array(json.dumps({"format": files.FORMAT, "x": 1}))}),
        ("not of the format", {"about": np.array("{")}),
        ("not of the format", {"about": np.array("[" * 100_000)}),
        ("is not read here", {"loss": np.array([{}] * 1200, dtype=object)}),
        ("is not read here", {"loss": np.zeros(1200, complex)}),
        ("too large", {"loss": np.zeros(8_000_000, np.int8)}),
    ]
    for said, changed in wrong:
        with pytest.raises(ValueError, match=said):
            files.read(rewritten(good, **changed), 4_000_000 if said != "too large" else 10_000)
    with pytest.raises(ValueError, match="1 to 1,199 cells"):
        files.read(good, 1199)
    with pytest.raises(FileNotFoundError):
        files.read(tmp_path / "none.npz")


def test_damage_is_a_value_error(tmp_path: Path) -> None:
    """Cut anywhere, or any byte changed: either a clear error, or the same sweep where the byte says nothing."""
    good = made(tmp_path).read_bytes()
    rng, w = np.random.default_rng(0), files.read(good).outcome.w.tobytes()
    damaged = [b"", b"PK", b"hello", good[:100], good[:-1], good[5:], *(good[:cut] for cut in rng.integers(0, len(good), 40))]
    for place in (*rng.integers(0, len(good), 300), *range(len(good) - 300, len(good))):
        changed = bytearray(good)
        changed[place] ^= 1 << int(rng.integers(8))
        damaged.append(bytes(changed))
    refused = 0
    for content in damaged:
        try:
            saved = files.read(content)
        except ValueError as error:
            assert str(error)
            refused += 1
        else:
            assert saved.outcome.w.tobytes() == w
    assert refused > 400


def test_a_header_that_lies_allocates_nothing() -> None:
    """An array that says it has 2⁴⁰ numbers, and has none."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (2**40,)})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("loss.npy", header.getvalue())
    with pytest.raises(ValueError, match="not all of it is there"):
        files.read(packed.getvalue())


# ---------------------------------------------------------------------- the command


def test_kill_and_go_on(tmp_path: Path) -> None:
    """kill −9 as soon as a part is there; the next run takes it over, and makes the file of an undisturbed one."""
    link = LINK.replace("steps=50", "steps=3000")
    command = [sys.executable, "-m", "optim_core.sweep", link, "--cells", "290", "--out"]  # four parts
    out, parts = tmp_path / "killed.npz", tmp_path / "killed.npz.parts"
    with subprocess.Popen([*command, str(out)], cwd=ROOT, stderr=subprocess.DEVNULL) as started:
        while not list(parts.glob("*.npz")):
            assert started.poll() is None
            time.sleep(0.005)
        os.kill(started.pid, signal.SIGKILL)
    there = len(list(parts.glob("*.npz")))
    assert 1 <= there < 4 and not out.exists()
    said = subprocess.run([*command, str(out)], cwd=ROOT, check=True, capture_output=True, text=True, timeout=120).stderr
    assert f"{there} parts were at hand, {4 - there} were computed" in said and "100%" in said
    assert main([link, "--cells", "290", "--out", str(tmp_path / "whole.npz")]) == 0
    assert out.read_bytes() == (tmp_path / "whole.npz").read_bytes() and not parts.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("hello", "--out", "{out}"), 2, "no experiment"),
        (("surface=booth", "--out", "{out}"), 2, "no map in this link"),
        (("surface=booth&map=plane&steps=many&wibble=1", "--out", "{out}"), 2, "steps = many"),
        (("surface=booth&map=seeds", "--out", "{out}"), 2, "no noise in this link"),
        (("surface=booth&run1=adam&map=plane", "--out", "{out}", "--run", "3"), 2, "1 runs"),
        (("surface=booth&map=plane", "--out", "{out}", "--cells", "1"), 2, "1 is not between 2 and 2000"),
        (("surface=booth&map=plane", "--out", "{out}", "--cells", "x"), 2, "whole number"),
        (("surface=booth&map=plane",), 2, "--out"),
        (("surface=booth&map=plane", "--out", "{out}", "--processes", "2", "--process", "1"), 2, "belong together"),
        (("surface=booth&map=plane", "--out", "{out}", "--processes", "2", "--process", "2", "--coordinator", "a:1"), 2, "belong together"),
        (("surface=booth&map=plane", "--out", "{out}", "--processes", "2", "--process", "1", "--coordinator", "here"), 2, "HOST:PORT"),
        (("surface=booth&map=plane", "--out", "{out}/none/map.npz", "--cells", "5"), 1, "cannot be made"),
    ],
)
def test_mistakes_are_told_without_a_traceback(arguments: tuple[str, ...], code: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and nothing written."""
    given = [argument.format(out=tmp_path / "map.npz") for argument in arguments]
    try:
        returned = main(given)
    except SystemExit as stop:  # argparse's own
        returned = int(str(stop.code))
    told = capsys.readouterr()
    assert returned == code and said in told.err and "Traceback" not in told.err and not told.out
    assert said in told.err.splitlines()[-1]
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", ["plane", "basins", "seeds"])
def test_every_kind_of_map(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The link in the file is the one that was given; the page can ask for the same map by it."""
    noise = "&noise=constant" if kind == "seeds" else ""
    out = tmp_path / "map.npz"
    assert main([LINK.replace("map=plane", f"map={kind}{noise}").removesuffix("&lang=ru"), "--cells", "12", "--out", str(out)]) == 0
    saved = files.read(out)
    assert saved.shape == ((1, 12) if kind == "seeds" else (12, 12)) and f"map={kind}" in saved.about["link"]
    assert {"plane": {"lr", "beta"}, "basins": {"start"}, "seeds": {"seed"}}[kind] == set(saved.varied)
    assert "0 parts were at hand, 1 were computed" in capsys.readouterr().err
