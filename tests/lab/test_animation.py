"""The film: every container opens, with the frames and the size that were asked for; what it shows is the run."""

from __future__ import annotations

import io
import itertools
import subprocess
import threading
import time
import zipfile

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from lab import jobs
from lab.animation import FILMS, Film, Options, film
from lab.canvas import Canvas
from lab.compute import Picture, picture
from lab.experiment import Experiment
from lab.i18n import translator
from lab.plane import drawn_points

SMALL = Options(width=322, height=241, fps=10, seconds=2)


def shown(**query: str) -> Picture:
    return picture(Experiment.from_query({"steps": "20", **query})[0])


def quiet(done: int, total: int) -> None:
    """Nobody listens."""


def probed(data: bytes, suffix: str, tmp_path: object) -> str:
    """What ffmpeg says of a file."""
    path = f"{tmp_path}/film.{suffix}"
    with open(path, "wb") as file:
        file.write(data)
    return subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-i", path, "-f", "null", "-"], capture_output=True, text=True, check=True).stderr


@pytest.mark.parametrize("format", FILMS)
def test_every_container_opens(format: Film, tmp_path: object) -> None:
    """Twenty frames and ten more that hold the last; odd sides lose a pixel."""
    told: list[tuple[int, int]] = []
    data = film(shown(), format, SMALL, "light", str, lambda done, total: told.append((done, total)))
    assert told[0] == (0, 30) and told[-1] == (30, 30) and [done for done, _ in told] == sorted(done for done, _ in told)
    if format == "gif":
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == (322, 240)
            durations = []
            for frame in range(image.n_frames):  # type: ignore[attr-defined]
                image.seek(frame)
                durations.append(image.info["duration"])
            assert set(durations[:-1]) == {100} and sum(durations) == 3000, "equal frames are one that lasts longer"
    elif format == "zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert len(archive.namelist()) == 30 and archive.testzip() is None
            assert Image.open(io.BytesIO(archive.read("frame_0029.png"))).size == (322, 240)
    else:
        said = probed(data, format, tmp_path)
        assert ("h264" if format == "mp4" else "vp9") in said and "322x240" in said and "10 fps" in said and "00:00:03.00" in said


@pytest.mark.parametrize(
    "query", [{}, {"surface": "himmelblau", "theory": "1"}, {"surface": "parabola"}, {"surface": "kink", "against": "evaluations"}, {"stop": "update"}]
)
def test_the_points_glide_along_the_recorded_path(query: dict[str, str]) -> None:
    """At a step the tip of every visible run stands on the recorded point, between two steps between them; the ground does not move."""
    of = shown(**query)
    canvas = Canvas(of, 320, 240, "dark", translator("ru"))
    frames = [canvas.at(position) for position in (0.0, 3.0, 3.5)]
    assert frames[0].shape == (240, 320, 3) and all((a != b).any() for a, b in itertools.pairwise(frames))
    for run, record in zip(canvas.runs, of.paths, strict=True):
        tip = np.array([float(part[0]) for part in run[4].get_data()])
        wanted = (drawn_points(record)[3] + drawn_points(record)[4]) / 2
        if of.experiment.surface.domain.contains(wanted[None]).all():
            assert np.allclose(tip, wanted)
    assert np.array_equal(canvas.at(3.0), frames[1])


def test_a_run_that_leaves_is_drawn_until_it_leaves() -> None:
    """It is not held back at the border: its last drawn point lies outside."""
    of = shown(run1="gradient_descent", **{"run1.lr": "5"})
    canvas = Canvas(of, 320, 240, "light", str)
    canvas.at(20.0)
    tip = np.array([float(part[0]) for part in canvas.runs[0][4].get_data()])
    assert not of.experiment.surface.domain.contains(tip[None]).any()


@pytest.mark.parametrize(("option", "value"), [("width", 159), ("height", 5000), ("fps", 0), ("seconds", 61)])
def test_options_are_bounded(option: str, value: int) -> None:
    with pytest.raises(ValueError, match=option):
        film(shown(), "gif", Options(**{option: value}), "light", str, quiet)
    with pytest.raises(ValueError, match="frames"):
        Options(width=1920, height=1920, fps=50, seconds=60).check()


@pytest.mark.parametrize("fps", [7, 24, 30, 50])
def test_a_gif_is_as_long_as_asked(fps: int) -> None:
    made = Image.open(io.BytesIO(film(shown(), "gif", Options(160, 160, fps, 2), "light", str, quiet)))
    lasts = []
    for index in range(made.n_frames):
        made.seek(index)
        lasts.append(made.info["duration"])
    assert abs(sum(lasts) / 1000 - Options(160, 160, fps, 2).frames / fps) < 0.011 and min(lasts) >= 20


def wait_for(job: jobs.Job) -> None:
    end = time.monotonic() + 30
    while not job.over:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_job_tells_is_cancelled_and_fails() -> None:
    """Progress while it runs; the end of one that nobody wants; the word for one that cannot be."""
    begun, go = threading.Event(), threading.Event()

    def slow(tell: jobs.Tell) -> bytes:
        tell(1, 3)
        begun.set()
        go.wait(10)
        tell(2, 3)
        return b"made"

    def broken(tell: jobs.Tell) -> bytes:
        raise RuntimeError("no codec")

    first, second, third = (jobs.EXPORTS.start(name, make) for name, make in (("a", slow), ("b", slow), ("c", broken)))
    begun.wait(10)
    assert (first.state, first.done, first.total, second.state) == ("running", 1, 3, "waiting")
    second.cancel()
    go.set()
    for job in (first, second, third):
        wait_for(job)
    assert [job.state for job in (first, second, third)] == ["done", "cancelled", "failed"]
    assert (first.result, second.result, third.result) == (b"made", None, None)


def test_the_queue_is_bounded() -> None:
    go = threading.Event()

    def slow(tell: jobs.Tell) -> bytes:
        go.wait(10)
        return b""

    queued = [jobs.EXPORTS.start("x", slow) for _ in range(jobs.EXPORTS.most)]
    with pytest.raises(jobs.Busy):
        jobs.EXPORTS.start("x", slow)
    go.set()
    for job in queued:
        wait_for(job)
    wait_for(jobs.EXPORTS.start("x", lambda tell: b""))


def test_a_film_can_be_cancelled_in_the_middle() -> None:
    """ffmpeg ends with it."""

    def stop(done: int, total: int) -> None:
        if done == 5:
            raise jobs.Cancelled

    with pytest.raises(jobs.Cancelled):
        film(shown(), "mp4", SMALL, "light", str, stop)
