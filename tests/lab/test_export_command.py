"""`python -m lab.export` in a process of its own: every format, warnings in the reader's language, no traceback for a person's mistake."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab import compute, export
from lab.experiment import Experiment
from lab.export.__main__ import main

ROOT = Path(__file__).parents[2]
LINK = "https://lab.example.org/trajectories?v=1&surface=booth&steps=20&run1=adam&run1.lr=0.3&run2=momentum&lang=ru"
SHORT = ["--width", "320", "--height", "240", "--fps", "5", "--seconds", "2"]


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "lab.export", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120)


def picture() -> compute.Picture:
    return compute.picture(Experiment.from_query(dict(part.split("=") for part in LINK.partition("?")[2].split("&") if "lang" not in part))[0])


def test_csv_from_a_process_of_its_own(tmp_path: Path) -> None:
    """The whole way: a full address in, the app's own file out, nothing said, no Streamlit loaded."""
    out = tmp_path / "race.csv"
    done = command(LINK, "--format", "csv", "--out", str(out))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert out.read_text("utf-8") == export.trajectories_csv(picture())
    code = "import sys, lab.export.__main__; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_warnings_are_in_the_chosen_language(tmp_path: Path) -> None:
    out = tmp_path / "race.json"
    done = command("surface=booth&steps=many&wibble=1", "--format", "json", "--out", str(out), "--lang", "ru")
    assert done.returncode == 0 and json.loads(out.read_text("utf-8"))["runs"]
    assert "Часть ссылки" in done.stderr and "steps = many" in done.stderr and "wibble" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("hello", "--format", "csv", "--out", "{out}"), 2, "no experiment"),
        (("surface=booth", "--format", "docx", "--out", "{out}"), 2, "invalid choice"),
        (("surface=booth", "--format", "gif", "--out", "{out}", "--fps", "1000"), 2, "1000 is not between 1 and 50"),
        (("surface=booth", "--format", "gif", "--out", "{out}", "--fps", "x"), 2, "whole number"),
        (("surface=booth&run1=newton", "--format", "py", "--out", "{out}", "--library", "torch"), 1, "no optimizer with this formula"),
        (("surface=booth&run1=adam", "--format", "py", "--out", "{out}", "--run", "4"), 1, "1 runs"),
        (("surface=booth", "--format", "csv", "--out", "{out}/none/x.csv"), 1, "cannot be written"),
        (("surface=booth", "--format", "gif", "--out", "{out}", "--width", "1900", "--height", "1200", "--fps", "50", "--seconds", "60"), 1, "too many pixels"),
    ],
)
def test_mistakes_are_told_without_a_traceback(arguments: tuple[str, ...], code: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = [argument.format(out=tmp_path / "file") for argument in arguments]
    try:
        returned = main(given)
    except SystemExit as stop:  # argparse's own
        returned = int(str(stop.code))
    told = capsys.readouterr()
    assert returned == code and said in told.err and "Traceback" not in told.err and not told.out
    assert not (tmp_path / "file").exists()


@pytest.mark.parametrize("format", ["svg", "html", "gif", "mp4", "webm", "zip", "py", "ipynb"])
def test_every_format(format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / f"made.{format}"
    assert main([LINK, "--format", format, "--out", str(out), *(SHORT if format in ("gif", "mp4", "webm", "zip") else []), "--figure", "curve"]) == 0
    assert capsys.readouterr().err == ""
    begins = {"svg": b"<svg", "html": b"<!doctype html>", "gif": b"GIF89a", "webm": b"\x1aE\xdf\xa3", "zip": b"PK", "py": b'"""', "ipynb": b"{"}
    data = out.read_bytes()
    assert data.startswith(begins[format]) if format != "mp4" else data[4:8] == b"ftyp"
    if format == "zip":
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
        assert names == [f"frame_{number:04d}.png" for number in range(15)]
    if format == "gif":
        with Image.open(out) as image:
            assert np.asarray(image.convert("RGB")).shape == (240, 320, 3)
