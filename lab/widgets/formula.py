"""LaTeX → MathML, which a browser shows without help.

latex2mathml does the conversion; KaTeX, which Streamlit bundles, is out of reach from inside a component.
"""

from __future__ import annotations

import functools

from latex2mathml.converter import convert


@functools.lru_cache(maxsize=512)
def mathml(latex: str) -> str:
    """A formula as MathML."""
    return str(convert(latex))
