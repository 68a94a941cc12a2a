"""The player as a film: GIF, MP4, WebM, or its frames as PNG files.

The frames come from `lab.canvas`, the containers from Pillow, zipfile and the ffmpeg of imageio-ffmpeg.
"""

from __future__ import annotations

import io
import itertools
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import imageio_ffmpeg
import numpy as np
from PIL import Image

from lab.canvas import Canvas
from lab.figures.style import Theme
from lab.jobs import Tell

if TYPE_CHECKING:
    from lab.compute import Picture

Film = Literal["gif", "mp4", "webm", "zip"]
FILMS: tuple[Film, ...] = ("gif", "mp4", "webm", "zip")
SIDES, RATES, LENGTHS = (160, 1920), (1, 50), (1, 60)
"""Smallest and largest width and height in px, frames a second, and length in s."""
MOST_PIXELS = 600_000_000
"""Of all frames together; a longer or larger film is refused."""
_CODECS: dict[Film, tuple[str, list[str]]] = {
    "mp4": ("libx264", ["-crf", "20", "-preset", "veryfast", "-movflags", "+faststart"]),
    "webm": ("libvpx-vp9", ["-crf", "34", "-b:v", "0", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1"]),
}


@dataclass(frozen=True)
class Options:
    """Of a film.

    Attributes:
        width, height: in px, within `SIDES`; odd ones lose a pixel, because video codecs want even ones.
        fps: frames a second, within `RATES`.
        seconds: the length of the run, within `LENGTHS`; the last frame stands for a second more.
    """

    width: int = 960
    height: int = 720
    fps: int = 20
    seconds: int = 6

    def check(self) -> None:
        """Refuse what is out of range.

        Raises:
            ValueError: with the name, the value and the range.
        """
        for name, (low, high) in (("width", SIDES), ("height", SIDES), ("fps", RATES), ("seconds", LENGTHS)):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} = {getattr(self, name)!r} is outside [{low}, {high}]")
        if self.pixels > MOST_PIXELS:
            raise ValueError(f"width · height · frames = {self.pixels} is more than {MOST_PIXELS}")

    @property
    def even_width(self) -> int:
        """Of the frames; a lost pixel is taken away."""
        return self.width // 2 * 2

    @property
    def even_height(self) -> int:
        """Of the frames."""
        return self.height // 2 * 2

    @property
    def pixels(self) -> int:
        """Of all frames together."""
        return self.width * self.height * self.frames

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return max(2, self.fps * self.seconds) + self.fps


def film(picture: Picture, format: Film, options: Options, theme: Theme, _: Callable[[str], str], tell: Tell) -> bytes:
    """Make a film of the player.

    Args:
        picture: what to show.
        format: one of `FILMS`.
        options: size, speed and length.
        theme: light or dark.
        _: translates what is written on it.
        tell: is told of every frame, and may raise to stop.

    Raises:
        ValueError: an option is out of range.
    """
    options.check()
    canvas = Canvas(picture, options.even_width, options.even_height, theme, _)
    return filmed(lambda share: canvas.at(picture.experiment.n_steps * share), format, options, tell)


def filmed(at: Callable[[float], np.ndarray], format: Film, options: Options, tell: Tell) -> bytes:
    """Make a film of anything that can be drawn at any share of its way.

    Args:
        at: a share from 0 to 1 → the frame, `(even_height, even_width, 3)` bytes. In the last one everything is drawn: its colours are those of a GIF.
        format: one of `FILMS`.
        options: size, speed and length.
        tell: is told of every frame, and may raise to stop.

    Raises:
        ValueError: an option is out of range.
    """
    options.check()
    frames = _frames(at, options, tell)
    if format == "gif":
        return _gif(frames, at(1.0), options)
    return _zip(frames) if format == "zip" else _video(frames, format, options)


def _frames(at: Callable[[float], np.ndarray], options: Options, tell: Tell) -> Iterator[np.ndarray]:
    """Every frame; they are spread evenly, and what is drawn glides between its steps, as in the player."""
    moving = options.frames - options.fps
    for frame in range(options.frames):
        tell(frame, options.frames)
        yield at(min(1.0, frame / (moving - 1)))
    tell(options.frames, options.frames)


# ---------------------------------------------------------------------- files


def _gif(frames: Iterator[np.ndarray], whole: np.ndarray, options: Options) -> bytes:
    """One palette for all frames, that of `whole`. The format counts hundredths of a second, so frames last differently where the rate does not divide them:
    the whole is as long as asked."""
    palette = Image.fromarray(whole).quantize(255, dither=Image.Dither.NONE)
    first, *others = (Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames)
    ends = [round(100 * frame / options.fps) for frame in range(options.frames + 1)]
    lasts = [10 * (end - begin) for begin, end in itertools.pairwise(ends)]
    made = io.BytesIO()
    first.save(made, "GIF", save_all=True, append_images=others, duration=lasts, loop=0, optimize=False)
    return made.getvalue()


def _video(frames: Iterator[np.ndarray], format: Film, options: Options) -> bytes:
    """Through the ffmpeg that imageio-ffmpeg brings. Its own `write_frames` would fork this process in a way that the threads of JAX may not survive."""
    codec, more = _CODECS[format]
    size = f"{options.even_width}x{options.even_height}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"film.{format}"
        taken = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", str(options.fps), "-i", "-"]
        made = ["-an", "-c:v", codec, "-pix_fmt", "yuv420p", "-threads", "1", *more, str(path)]
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *taken, *made]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdin is not None and process.stderr is not None
            try:
                for frame in frames:
                    process.stdin.write(frame.tobytes())
                process.stdin.close()
                said = process.stderr.read().decode(errors="replace")
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise RuntimeError(f"ffmpeg ended with {process.returncode}: {said.strip()}")
        return path.read_bytes()


def _zip(frames: Iterator[np.ndarray]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for index, frame in enumerate(frames):
            png = io.BytesIO()
            Image.fromarray(frame).save(png, "PNG", compress_level=3)
            archive.writestr(f"frame_{index:04d}.png", png.getvalue())
    return made.getvalue()
