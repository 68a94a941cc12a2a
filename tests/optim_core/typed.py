"""Random formulas in w1 and w2 as people type them, and points to compute them at."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = ("w1", "w2")
leaves = st.sampled_from(("w1", "w2", "w1", "w2", "2", "0.5", "3", "pi"))


def grown_from(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    smooth = st.sampled_from(("sin", "cos", "exp", "tanh", "sigmoid", "log", "sqrt", "tan", "abs", "sign", "floor"))
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*/%"), inner).map(lambda part: f"({part[0]}) {part[1]} ({part[2]})"),
        st.tuples(inner, st.sampled_from(("2", "3", "4", "5", "0", "1", "0.5", "(-1)", "(-2)", "1.5", "w2", "(w1 + 3)"))).map(
            lambda part: f"({part[0]})^{part[1]}"
        ),
        st.tuples(smooth, inner).map(lambda part: f"{part[0]}({part[1]})"),
        inner.map(lambda part: f"-({part})"),
        st.tuples(st.sampled_from(("max", "min")), st.lists(inner, min_size=2, max_size=3)).map(lambda part: f"{part[0]}({', '.join(part[1])})"),
        st.tuples(inner, st.sampled_from(("<", "<=", ">", ">=", "==", "!=")), inner).map(lambda part: f"(({part[0]}) {part[1]} ({part[2]}))"),
        st.tuples(inner, inner, inner).map(lambda part: f"(-1 < ({part[0]}) <= ({part[1]}) < ({part[2]}))"),
        st.tuples(inner, inner, inner).map(lambda part: f"where(({part[0]}) > 0.5, {part[1]}, {part[2]})"),
    )


formulas = st.recursive(leaves, grown_from, max_leaves=7)
coordinates = st.sampled_from((0.0, 1.0, -1.0, 0.5, 2.0)) | st.floats(-3.0, 3.0).map(lambda value: round(value, 3))
points = st.tuples(coordinates, coordinates)


def grown(leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Formulas of other leaves."""
    return st.recursive(leaves, grown_from, max_leaves=7)
