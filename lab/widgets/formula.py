"""LaTeX → what a browser shows without help: MathML for formulas, plain characters for symbols.

latex2mathml does the conversion; KaTeX, which Streamlit bundles, is out of reach from inside a component.
"""

from __future__ import annotations

import functools

from latex2mathml.converter import convert

_SYMBOLS = {r"\alpha": "α", r"\beta": "β", r"\gamma": "γ", r"\delta": "δ", r"\eta": "η", r"\varepsilon": "ε", r"\kappa": "κ", r"\varphi": "φ", r"\sigma": "σ"}
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@functools.lru_cache(maxsize=512)
def mathml(latex: str) -> str:
    """A formula as MathML."""
    return str(convert(latex))


@functools.lru_cache(maxsize=512)
def plain(symbol: str) -> str:
    """A symbol as plain text: `\\beta_1` → β₁."""
    stem, _, index = symbol.partition("_")
    return _SYMBOLS.get(stem, stem) + index.strip("{}").translate(_SUBSCRIPTS)
