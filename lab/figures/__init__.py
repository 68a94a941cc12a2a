"""A `lab.compute.Picture` → plain Plotly figures: `{"data": [...], "layout": {...}}` of dicts and NumPy arrays. No Streamlit, no JAX.

The same dict goes to the screen, to PNG, SVG and PDF, and to the self-contained HTML. Building `go.Figure` objects would cost many milliseconds on
every move of a slider; a test proves that `go.Figure` accepts each dict unchanged.
"""

from lab.figures.curve import curve_figure, plotted_loss
from lab.figures.map import map_figure
from lab.figures.numbers import number
from lab.figures.space import space_figure
from lab.figures.style import RunStyle, Theme, styles
from lab.figures.table import table

__all__ = ["RunStyle", "Theme", "curve_figure", "map_figure", "number", "plotted_loss", "space_figure", "styles", "table"]
