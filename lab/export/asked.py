"""What the command `python -m lab.export` tells a person who asks for what cannot be had."""

from __future__ import annotations

from optim_core.hyper import N_

NOT_UNDERSTOOD = N_("Part of the link was not understood; defaults stand in its place:")
NO_LINK = N_("There is no experiment in this link.")
NO_RUN = N_("The experiment has {count} runs.")
NO_FORMAT = N_("This format is not made of it; there are: {formats}")
NO_LIBRARY = N_("Programs of it are written with: {libraries}")
TOO_MUCH = N_("This film has too many pixels. Make it smaller, shorter, or with fewer frames a second.")
NOT_WRITTEN = N_("The file cannot be written: {reason}")


class Impossible(Exception):
    """It cannot be made; the text is for the reader, in their language."""
