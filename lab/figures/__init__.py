"""A `lab.compute.Picture` → plain Plotly figures: `{"data": [...], "layout": {...}}` of dicts and NumPy arrays. No Streamlit, no JAX.

The same dict goes to the screen, to PNG, SVG and PDF, and to the self-contained HTML. Building `go.Figure` objects would cost many milliseconds on
every move of a slider; a test proves that `go.Figure` accepts each dict unchanged.

A trace says what it is: the path of run i has `meta = {"run": i}` and its short label, the one of the legend, as its name; every other trace is found by
its name: "contour", "surface", "start", "minima", "exits" (arrows where paths leave the view), "cursor" and, of run i, "tail:i" (after the stop).
"""
