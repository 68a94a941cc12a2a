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
from lab.experiment import Experiment
from lab.export import scripts
from lab.export.notebook import notebook
from lab.i18n import LANGUAGES, Translate, translator
from lab.link import query_of
from lab.runs import MAX_RUNS
from lab.values import Problem
from optim_core.hyper import N_, TextError

FORMATS = (*export.FORMATS, "html", "csv", "json", *animation.FILMS, "py", "ipynb")
NOT_UNDERSTOOD = N_("Part of the link was not understood; defaults stand in its place:")
NO_LINK = N_("There is no experiment in this link.")
NO_RUN = N_("The experiment has {count} runs.")
TOO_MUCH = N_("This film has too many pixels. Make it smaller, shorter, or with fewer frames a second.")
NOT_WRITTEN = N_("The file cannot be written: {reason}")


class _Impossible(Exception):
    """It cannot be made; the text is for the reader, in their language."""


def main(arguments: list[str]) -> int:
    """Make one export; returns the exit code."""
    given = _parser().parse_args(arguments)
    _ = translator(given.lang)
    query = query_of(given.link)
    if not query:
        print(_(NO_LINK), file=sys.stderr)
        return 2
    experiment, problems = Experiment.from_query(query)
    if problems:
        print(_(NOT_UNDERSTOOD), *(f"- {problem.message(_)}" for problem in problems), sep="\n", file=sys.stderr)
    try:
        made = _made(compute.picture(experiment), given, _)
        Path(given.out).write_bytes(made.encode("utf-8") if isinstance(made, str) else made)
    except _Impossible as error:
        print(error, file=sys.stderr)
        return 1
    except TextError as error:  # a schedule that is no learning rate everywhere on a map
        print(Problem("", "", error).allowance(_), file=sys.stderr)
        return 1
    except OSError as error:
        print(_(NOT_WRITTEN).format(reason=error), file=sys.stderr)
        return 1
    return 0


def _made(picture: Picture, given: argparse.Namespace, _: Translate) -> bytes | str:
    figures = export.offered(picture)
    if given.figure is not None and given.figure not in figures:
        raise _Impossible(_(export.NOT_OFFERED).format(figures=", ".join(figures)))
    match given.format:
        case "png" | "svg" | "pdf":
            try:
                return export.image(export.printed(picture, given.figure or picture.experiment.view, given.theme, _), given.format, given.width, given.height)
            except export.ExportUnavailable as error:
                raise _Impossible(_(str(error))) from error
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
                raise _Impossible(_(NO_RUN).format(count=len(picture.experiment.runs)))
            if reason := scripts.impossible(picture, index, given.library):
                raise _Impossible(_(reason))
            return scripts.script(picture, index, given.library) if given.format == "py" else notebook(picture, index, given.library, _)
    try:
        options = animation.Options(given.width, given.height, given.fps, given.seconds)
        return animation.film(picture, given.format, options, given.theme, _, lambda done, total: None)
    except ValueError as error:  # each option is in range; all together, or for a film, they are too much
        raise _Impossible(_(TOO_MUCH)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m lab.export", description="Any export of Descent Lab from a shared link.")
    parser.add_argument("link", metavar="LINK", help="the address of an experiment, or what stands after its question mark")
    parser.add_argument("--format", required=True, choices=FORMATS)
    parser.add_argument("--out", required=True, metavar="FILE")
    parser.add_argument(
        "--figure", choices=tuple(export.FIGURES), help="of a picture; the link's map or 3-D view unless given; atlas is the map of many runs, also as csv"
    )
    parser.add_argument("--width", type=whole(*export.SIDES), default=960, help="px")
    parser.add_argument("--height", type=whole(*export.SIDES), default=720, help="px")
    parser.add_argument("--fps", type=whole(*animation.RATES), default=20, help="frames a second")
    parser.add_argument("--seconds", type=whole(*animation.LENGTHS), default=6, help="length of a moving picture")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--lang", choices=tuple(LANGUAGES), default="en")
    parser.add_argument("--library", choices=scripts.LIBRARIES, default="numpy", help="of a program")
    parser.add_argument("--run", type=whole(1, MAX_RUNS), help="whose program; the one looked into unless given, else the first")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
