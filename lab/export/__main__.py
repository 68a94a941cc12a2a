"""Any export from a shared link, without a browser session: `python -m lab.export "https://…/?v=1&surface=…" --format svg --out fig.svg`.

Exit codes: 0 made; 1 it cannot be made here; 2 the command line is not understood. What of the link is not understood is told on stderr, and defaults stand
in its place, as in the app.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lab import animation, compute, export
from lab.arguments import whole
from lab.compute import Picture
from lab.cut import Cut
from lab.experiment import Experiment
from lab.export import scripts
from lab.export.asked import NO_FORMAT, NO_LIBRARY, NO_LINK, NO_RUN, NOT_UNDERSTOOD, NOT_WRITTEN, TOO_MUCH, Impossible
from lab.export.landscape import command as landscape_command
from lab.export.landscape.images import FIGURES as LANDSCAPE_FIGURES
from lab.export.learning import command
from lab.export.learning.images import TITLES as LESSON_FIGURES
from lab.export.learning.scripts import LIBRARIES as LESSON_LIBRARIES
from lab.export.notebook import notebook
from lab.i18n import LANGUAGES, Translate, translator
from lab.link import query_of
from lab.runs import MAX_RUNS
from lab.study import Study
from lab.values import Problem
from optim_core.hyper import TextError

FORMATS = (*export.FORMATS, "html", "csv", "json", *animation.FILMS, "py", "ipynb")
"""Of an experiment."""


def main(arguments: list[str]) -> int:
    """Make one export; returns the exit code."""
    given = _parser().parse_args(arguments)
    _ = translator(given.lang)
    query = query_of(given.link)
    if not query:
        print(_(NO_LINK), file=sys.stderr)
        return 2
    asked: Experiment | Study | Cut
    kind = Cut if landscape_command.is_landscape(query) else Study if command.is_training(query) else Experiment
    asked, problems = kind.from_query(query)
    if problems:
        print(_(NOT_UNDERSTOOD), *(f"- {problem.message(_)}" for problem in problems), sep="\n", file=sys.stderr)
    try:
        made = _made(asked, given, _)
        Path(given.out).write_bytes(made.encode("utf-8") if isinstance(made, str) else made)
    except Impossible as error:
        print(error, file=sys.stderr)
        return 1
    except TextError as error:  # a schedule that is no learning rate everywhere on a map
        print(Problem("", "", error).allowance(_), file=sys.stderr)
        return 1
    except OSError as error:
        print(_(NOT_WRITTEN).format(reason=error), file=sys.stderr)
        return 1
    return 0


def _made(asked: Experiment | Study | Cut, given: argparse.Namespace, _: Translate) -> bytes | str:
    match asked:
        case Cut():
            return landscape_command.made(asked, given, _)
        case Study():
            return command.made(asked, given, _)
        case _:
            return _of_picture(compute.picture(asked), given, _)


def _of_picture(picture: Picture, given: argparse.Namespace, _: Translate) -> bytes | str:
    if given.format not in FORMATS:
        raise Impossible(_(NO_FORMAT).format(formats=", ".join(FORMATS)))
    figures = export.offered(picture)
    if given.figure is not None and given.figure not in figures:
        raise Impossible(_(export.NOT_OFFERED).format(figures=", ".join(figures)))
    match given.format:
        case "png" | "svg" | "pdf":
            try:
                return export.image(export.printed(picture, given.figure or picture.experiment.view, given.theme, _), given.format, given.width, given.height)
            except export.ExportUnavailable as error:
                raise Impossible(_(str(error))) from error
        case "html":
            from lab.live import offline_html  # brings Streamlit along, which nothing else here needs
            from lab.widgets.stage import stage_payload

            return offline_html(stage_payload(picture, given.theme, _), "Descent Lab", given.lang)
        case "csv":
            return export.atlas_csv(picture) if given.figure == "atlas" else export.trajectories_csv(picture)
        case "json":
            return export.trajectories_json(picture)
        case "py" | "ipynb":
            index = (given.run or picture.experiment.inspected or 1) - 1
            if index >= len(picture.experiment.runs):
                raise Impossible(_(NO_RUN).format(count=len(picture.experiment.runs)))
            library = given.library or "numpy"
            if library not in scripts.LIBRARIES:
                raise Impossible(_(NO_LIBRARY).format(libraries=", ".join(scripts.LIBRARIES)))
            if reason := scripts.impossible(picture, index, library):
                raise Impossible(_(reason))
            return scripts.script(picture, index, library) if given.format == "py" else notebook(picture, index, library, _)
    try:
        options = animation.Options(given.width, given.height, given.fps, given.seconds)
        return animation.film(picture, given.format, options, given.theme, _, lambda done, total: None)
    except ValueError as error:  # each option is in range; all together, or for a film, they are too much
        raise Impossible(_(TOO_MUCH)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m lab.export", description="Any export of Descent Lab from a shared link.")
    parser.add_argument("link", metavar="LINK", help="the address of an experiment, a training or a landscape, or what stands after its question mark")
    parser.add_argument("--format", required=True, choices=tuple(dict.fromkeys((*FORMATS, *command.FORMATS, *landscape_command.FORMATS))))
    parser.add_argument("--out", required=True, metavar="FILE")
    figures = tuple(dict.fromkeys((*export.FIGURES, *LESSON_FIGURES, *LANDSCAPE_FIGURES)))
    said = (
        "of a picture; the link's map or 3-D view, or a training's pictures, unless given; as csv, too: atlas, the map of many runs; loss, a landscape's paths"
    )
    parser.add_argument("--figure", choices=figures, help=said)
    parser.add_argument("--width", type=whole(*export.SIDES), default=960, help="px")
    parser.add_argument("--height", type=whole(*export.SIDES), default=720, help="px")
    parser.add_argument("--fps", type=whole(*animation.RATES), default=20, help="frames a second")
    parser.add_argument("--seconds", type=whole(*animation.LENGTHS), default=6, help="length of a moving picture")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--lang", choices=tuple(LANGUAGES), default="en")
    parser.add_argument(
        "--library", choices=tuple(dict.fromkeys((*scripts.LIBRARIES, *LESSON_LIBRARIES))), help="of a program; NumPy unless given, of trainings JAX"
    )
    parser.add_argument(
        "--run",
        type=whole(1, MAX_RUNS),
        help="whose program, of trainings whose weights (npz, json), of landscapes which one (stl, glb); the one looked into unless given, else the first",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
