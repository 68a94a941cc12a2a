"""Every surface of the registry against finite differences, dense searches, published values and textbook formulas in plain NumPy."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from optim_core import optimizers, simulate
from optim_core.formula_calculus import derivative
from optim_core.formula_python import python
from optim_core.hyper import hypers, resolve
from surfaces import CURVES, REGISTRY, _surface

KEYS = tuple(REGISTRY)
ANGLES = np.linspace(0, 2 * np.pi, 360, endpoint=False)
RING = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)

losses = jax.jit(lambda surface, points: jax.vmap(surface)(points))
gradients = jax.jit(lambda surface, points: jax.vmap(jax.grad(surface))(points))
hessians = jax.jit(lambda surface, points: jax.vmap(jax.hessian(surface))(points))
loss_and_gradient = jax.jit(lambda surface, w: jax.value_and_grad(surface)(w))


def at(function: Callable[..., jax.Array], surface: Any, points: Any) -> np.ndarray:
    """`function` of many points, in NumPy."""
    return np.asarray(function(resolve(surface), np.asarray(points, dtype=np.float64)))


def span(surface: Any) -> float:
    """The shorter side of the domain."""
    return float(min(np.ptp(surface.domain.w1), np.ptp(surface.domain.w2)))


def grid(surface: Any, n: int) -> np.ndarray:
    """n × n points that fill the domain, `(n, n, 2)`."""
    return np.stack(np.meshgrid(np.linspace(*surface.domain.w1, n), np.linspace(*surface.domain.w2, n), indexing="ij"), axis=-1)


def random_points(surface: Any, n: int) -> np.ndarray:
    low, high = np.array([surface.domain.w1, surface.domain.w2]).T
    return np.random.default_rng(7).uniform(low, high, (n, 2))


def examples(cls: Any) -> list[Any]:
    """The default parameters; where there are any, also all lowest, all highest, and three random settings."""
    declared = hypers(cls)
    if not declared:
        return [cls()]
    rng = np.random.default_rng(11)
    drawn = [cls(*(rng.uniform(h.low, h.high) for h in declared.values())) for _ in range(3)]
    return [cls(), cls(*(h.low for h in declared.values())), cls(*(h.high for h in declared.values())), *drawn]


EXAMPLES = [pytest.param(surface, id=f"{key}-{i}") for key, cls in REGISTRY.items() for i, surface in enumerate(examples(cls))]


@functools.cache
def search(surface: Any) -> tuple[np.ndarray, float]:
    """What a dense search of the domain finds: the interior local minima, `(k, 2)`, and the lowest loss it met anywhere.

    L-BFGS-B starts from every point of a 201 × 201 grid that no neighbour undercuts. A small box holds it, so that it cannot jump to another basin; the box
    follows it a few times, after which what still slides down a valley is given up. An end on the border, or with a lower point on a small ring around
    it, is no minimum.
    """
    points, resolved = grid(surface, 201), resolve(surface)
    table = at(losses, surface, points.reshape(-1, 2)).reshape(201, 201)
    windows = np.lib.stride_tricks.sliding_window_view(table, (3, 3))
    low, high = np.array([surface.domain.w1, surface.domain.w2]).T
    reach = (high - low) / 80

    def objective(w: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = loss_and_gradient(resolved, w)
        return float(value), np.asarray(gradient)

    ends = []
    for end in points[1:-1, 1:-1][table[1:-1, 1:-1] <= windows.min(axis=(2, 3))]:
        for _ in range(8):
            box = np.maximum(end - reach, low), np.minimum(end + reach, high)
            start, end = end, scipy.optimize.minimize(objective, end, jac=True, method="L-BFGS-B", bounds=scipy.optimize.Bounds(*box)).x
            if np.abs((end - start) / reach).max() < 0.9:
                ends.append(end)
                break
    values = at(losses, surface, ends) if ends else np.empty(0)
    found: list[np.ndarray] = []
    for end, value in zip(ends, values, strict=True):
        interior = ((end > low + 1e-6) & (end < high - 1e-6)).all()
        is_lowest = (at(losses, surface, end + 1e-3 * span(surface) * RING) > value).all()
        if interior and is_lowest and not any(np.abs(end - other).max() < 1e-3 * span(surface) for other in found):
            found.append(end)
    return np.array(found).reshape(-1, 2), float(min(table.min(), *values, np.inf))


@pytest.mark.parametrize("surface", EXAMPLES)
def test_gradient_agrees_with_finite_differences(surface: Any) -> None:
    points = random_points(surface, 60)
    h = 2e-5 * span(surface)
    exact = at(gradients, surface, points)
    for axis, unit in enumerate(np.eye(2)):
        far, near = (at(losses, surface, points + k * h * unit) - at(losses, surface, points - k * h * unit) for k in (2, 1))
        np.testing.assert_allclose(exact[:, axis], (8 * near - far) / (12 * h), rtol=1e-6, atol=1e-6 * (1 + np.abs(exact).max(axis=1).mean()))


@pytest.mark.parametrize("surface", EXAMPLES)
def test_hessian_is_symmetric_and_constant_where_the_surface_says_quadratic(surface: Any) -> None:
    found = at(hessians, surface, random_points(surface, 60))
    scale = 1 + np.abs(found).max()
    np.testing.assert_allclose(found, found.transpose(0, 2, 1), rtol=0, atol=1e-12 * scale)
    is_constant = np.ptp(found, axis=0).max() < 1e-12 * scale and np.abs(found).max() > 0
    if surface == type(surface)():
        assert is_constant == surface.quadratic
    assert is_constant or not surface.quadratic


@pytest.mark.parametrize("surface", EXAMPLES)
def test_each_listed_minimum_is_one(surface: Any) -> None:
    listed = surface.minima()
    assert listed.dtype == np.float64 and listed.shape == (len(listed), 2)
    assert surface.domain.contains(listed).all()
    for minimum in listed:
        here = at(losses, surface, minimum[None])[0]
        assert (at(losses, surface, minimum + 1e-4 * span(surface) * RING) > here).all()
        assert np.abs(at(gradients, surface, minimum[None])).max() < 1e-6
        around = at(gradients, surface, minimum + 1e-9 * RING)
        if np.abs(around).max() < 1e-3:  # smooth here
            assert np.linalg.eigvalsh(at(hessians, surface, minimum[None])[0]).min() > 0
        else:  # a kink or a cone: the loss rises in every direction at once
            assert ((around * RING).sum(axis=1) > 0).all()


@pytest.mark.parametrize("surface", EXAMPLES)
def test_the_listed_minima_are_all_there_are_and_the_lowest_comes_first(surface: Any) -> None:
    listed, (found, lowest) = surface.minima(), search(surface)
    assert len(listed) == len(found)
    if not len(listed):
        return
    distances = np.abs(listed[:, None] - found[None]).max(axis=2)
    assert distances.min(axis=1).max() < 1e-3 * span(surface)
    values = at(losses, surface, listed)
    assert (np.diff(values) >= -1e-8).all()
    assert values[0] <= lowest + 1e-9 * (1 + abs(lowest))


@pytest.mark.parametrize("key", KEYS)
def test_reference_values(key: str) -> None:
    surface = REGISTRY[key]()
    minima = surface.minima()
    assert surface.reference_values
    for reference in surface.reference_values:
        assert float(surface(np.array(reference.w))) == pytest.approx(reference.value, rel=1e-10), reference.source
    away = [not len(minima) or np.abs(minima - np.array(reference.w)).max(axis=1).min() > 1e-2 * span(surface) for reference in surface.reference_values]
    assert any(away), "all stand at minima, where they show little"


@pytest.mark.parametrize("key", KEYS)
def test_at_least_five_level_lines_cross_the_map(key: str) -> None:
    surface = REGISTRY[key]()
    levels = surface.levels
    base = at(losses, surface, surface.minima()[:1])[0] if levels.log else 0.0
    spaced = np.geomspace if levels.log else np.linspace
    lines = base + spaced(levels.low, levels.high, levels.count)
    table = at(losses, surface, grid(surface, 101).reshape(-1, 2))
    assert ((lines > table.min()) & (lines < table.max())).sum() >= 5
    assert (np.diff(lines) > 0).all() and lines[-1] < table.max()


@pytest.mark.parametrize("key", KEYS)
def test_starts_lie_inside_the_domain(key: str) -> None:
    surface = REGISTRY[key]()
    assert len(set(surface.starts)) == len(surface.starts) >= 3
    assert surface.domain.contains(np.array(surface.starts)).all()


@pytest.mark.parametrize(("optimizer", "rate"), [("gradient_descent", "gradient"), ("adam", "scale_free")])
@pytest.mark.parametrize("key", KEYS)
def test_the_suggested_learning_rates_go_well_from_the_first_start(key: str, optimizer: str, rate: str) -> None:
    surface = REGISTRY[key]()
    minima = surface.minima()
    path = simulate(optimizers.REGISTRY[optimizer](), surface, surface.starts[0], getattr(surface.learning_rates, rate), 200)
    assert surface.domain.contains(path.w).all()
    assert path.loss[-1] < path.loss[0]
    if len(minima):
        nearest = minima[np.linalg.norm(minima - path.w[-1], axis=1).argmin()]
        floor = float(surface(nearest))
        assert path.loss[-1] - floor < 0.2 * (path.loss[0] - floor)


@pytest.mark.parametrize("key", KEYS)
def test_finite_for_every_allowed_parameter(key: str) -> None:
    cls = REGISTRY[key]

    @settings(max_examples=20, deadline=None, database=None)
    @given(st.tuples(*(st.floats(h.low, h.high) for h in hypers(cls).values())))
    def check(fields: tuple[float, ...]) -> None:
        surface = cls(*fields)
        points = np.concatenate([grid(surface, 41).reshape(-1, 2), np.array(surface.starts), np.zeros((1, 2))])
        assert np.isfinite(at(losses, surface, points)).all()
        assert np.isfinite(at(gradients, surface, points)).all()
        assert np.isfinite(surface.minima()).all()

    check()


@pytest.mark.parametrize("key", KEYS)
def test_moving_a_parameter_compiles_nothing(key: str) -> None:
    first, *others = examples(REGISTRY[key])
    first.minima()
    compiled = _surface._newton._cache_size(), _surface._values._cache_size()
    for surface in others:
        surface.minima()
        dataclasses.replace(surface, **{name: np.float64(getattr(surface, name)) for name in hypers(surface)}).minima()
    assert (_surface._newton._cache_size(), _surface._values._cache_size()) == compiled


def test_polish_drops_copies_and_what_newton_carries_off() -> None:
    surface = REGISTRY["styblinski_tang"]()
    near = np.array([[2.7, 2.7], [0.1, 0.1], [-2.9, -2.9], [2.8, 2.8], [1e9, np.nan]])  # the second is next to a hilltop
    low, high = sorted(np.roots([4, 0, -32, 5]).real)[::2]
    np.testing.assert_allclose(_surface.polish(surface, near), [[low, low], [high, high]], atol=1e-9)
    assert _surface.polish(surface, np.array([[0.1, 0.1]])).shape == (0, 2)


def test_rosenbrock_is_scipys() -> None:
    points = random_points(REGISTRY["rosenbrock"](), 200)
    np.testing.assert_allclose(at(losses, REGISTRY["rosenbrock"](), points), scipy.optimize.rosen(points.T), rtol=1e-12)


@pytest.mark.parametrize("key", ["kink", "ackley"])
def test_where_a_surface_is_sharp_its_gradient_is_the_middle_one(key: str) -> None:
    np.testing.assert_array_equal(at(gradients, REGISTRY[key](), np.zeros((1, 2))), 0.0)


def _elongated_quadratic(x: Any, y: Any, a: float, b: float, angle: float) -> Any:
    turned = (x + 1j * y) * np.exp(-1j * np.radians(angle))
    return a * turned.real**2 + b * turned.imag**2


def _beale(x: Any, y: Any) -> Any:
    return sum((c - x * (1 - y**i)) ** 2 for i, c in ((1, 1.5), (2, 2.25), (3, 2.625)))


def _goldstein_price(x: Any, y: Any) -> Any:
    """Their factors in s = x + y and in t = 2x − 3y, in which each is a polynomial of one variable."""
    s, t = x + y, 2 * x - 3 * y
    return (1 + (s + 1) ** 2 * (19 - 14 * s + 3 * s**2)) * (30 + t**2 * (18 - 16 * t + 3 * t**2))


def _six_hump_camel(x: Any, y: Any) -> Any:
    return 4 * x**2 - 2.1 * x**4 + x**6 / 3 + x * y - 4 * y**2 + 4 * y**4


def _ackley(x: Any, y: Any, a: float) -> Any:
    mean_square, mean_cosine = (x * x + y * y) / 2, (np.cos(2 * np.pi * x) + np.cos(2 * np.pi * y)) / 2
    return -a * np.exp(-0.2 * np.sqrt(mean_square)) - np.exp(mean_cosine) + a + np.exp(1)


def _double_well(x: Any, y: Any, depth1: float, depth2: float, width1: float, width2: float) -> Any:
    bowl = (x * x + y * y) / 20
    for centre, depth, width in ((-1.5, depth1, width1), (1.5, depth2, width2)):
        bowl = bowl - depth * np.exp(-0.5 * np.hypot(x - centre, y) ** 2 / width**2)
    return bowl


TEXTBOOK: dict[str, Callable[..., Any]] = {
    "elongated_quadratic": _elongated_quadratic,
    "rosenbrock": lambda x, y, a, b: a**2 - 2 * a * x + x**2 + b * (y**2 - 2 * x**2 * y + x**4),
    "himmelblau": lambda x, y, a, b: (x * x + y - a) ** 2 + (x + y * y - b) ** 2,
    "beale": _beale,
    "booth": lambda x, y: 5 * x**2 + 5 * y**2 + 8 * x * y - 34 * x - 38 * y + 74,
    "three_hump_camel": lambda x, y: 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2,
    "six_hump_camel": _six_hump_camel,
    "goldstein_price": _goldstein_price,
    "styblinski_tang": lambda x, y, tilt: sum(v**4 - 16 * v**2 + tilt * v for v in (x, y)) / 2,
    "rastrigin": lambda x, y, amplitude: sum(amplitude + v**2 - amplitude * np.cos(2 * np.pi * v) for v in (x, y)),
    "ackley": _ackley,
    "saddle": lambda x, y, a, b: a * x * x - b * y * y,
    "monkey_saddle": lambda x, y: ((x + 1j * y) ** 3).real,
    "double_well": _double_well,
    "plateau": lambda x, y, width: 1 - np.exp(-0.5 * (np.hypot(x, y) / width) ** 2),
    "cliff": lambda x, y, steepness, slope: y * y / 10 - slope * x + steepness / 10 * np.log1p(np.exp(10 * x)),
    "formula": lambda x, y, **window: (x * x + y * y) ** 2 - 2 * (x * x + y * y) + 1 + 0.3 * x,
    "kink": lambda x, y, kappa: np.abs(x) + kappa * np.abs(y),
}


@pytest.mark.parametrize("key", TEXTBOOK)
def test_the_formula_of_the_textbook(key: str) -> None:
    points = random_points(REGISTRY[key](), 200)
    for surface in examples(REGISTRY[key]):
        fields = {name: getattr(surface, name) for name in hypers(surface)}
        np.testing.assert_allclose(at(losses, surface, points), TEXTBOOK[key](*points.T, **fields), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("key", REGISTRY)
def test_every_parameter_stands_in_the_printed_formula(key: str) -> None:
    """What a slider moves, the formula beside it names."""
    surface = REGISTRY[key]()
    assert all(declared.symbol in surface.formula for declared in hypers(surface).values())


@pytest.mark.parametrize("surface", [*EXAMPLES, *(pytest.param(made, id=f"{key}-{i}") for key, cls in CURVES.items() for i, made in enumerate(examples(cls)))])
def test_the_expression_is_the_surface(surface: Any) -> None:
    """Its value under the evaluator, and its derivatives as Python, are what `__call__` and JAX give, inside the domain and far outside."""
    cls, written, names = type(surface), _surface.written_out(surface), _surface.coordinates(surface)
    points = np.concatenate([random_points(surface, 40), 4.0 * random_points(surface, 10), np.zeros((1, 2))])[:, : len(names)]
    points = np.concatenate([points, np.array(surface.starts)])
    values = {name: float(getattr(surface, name)) for name in hypers(cls)} | dict(zip(names, points.T, strict=True))
    wanted, slopes = at(losses, surface, points), at(gradients, surface, points)
    np.testing.assert_allclose(written(np, **values), wanted, rtol=1e-12, atol=1e-12)
    for i, name in enumerate(names):
        text = python(derivative(written.tree, name))
        with np.errstate(all="ignore"):
            got = eval(text, {"np": np}, values)  # noqa: S307
        np.testing.assert_allclose(np.broadcast_to(got, len(points)), slopes[:, i], rtol=1e-11, atol=1e-11 * np.abs(slopes).max())
