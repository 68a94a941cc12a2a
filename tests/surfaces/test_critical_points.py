"""Points without a slope: published ones are found, every one that is found is one, and the Hessian tells them apart."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from optim_core.hyper import resolve
from surfaces import REGISTRY
from surfaces._surface import Critical, critical_points

SMOOTH = [key for key in REGISTRY if key != "kink"]
COUNTS = {  # minima, saddles, maxima, flat points inside the domain
    "ackley": (81, 144, 64, 0),
    "booth": (1, 0, 0, 0),
    "double_well": (2, 1, 0, 0),
    "elongated_quadratic": (1, 0, 0, 0),
    "goldstein_price": (4, 4, 1, 0),
    "himmelblau": (4, 4, 1, 0),
    "kink": (0, 0, 0, 0),
    "monkey_saddle": (0, 0, 0, 1),
    "rastrigin": (121, 220, 100, 0),
    "rosenbrock": (1, 0, 0, 0),
    "saddle": (0, 1, 0, 0),
    "six_hump_camel": (6, 7, 2, 0),
    "styblinski_tang": (4, 4, 1, 0),
    "three_hump_camel": (3, 2, 0, 0),
}
"""A grid of n × n wells has 2n(n−1) saddles and (n−1)² tops between them; the camels, Himmelblau, Goldstein–Price and Styblinski–Tang as in the literature."""


def nearest(points: np.ndarray, wanted: Any) -> float:
    return float(np.linalg.norm(points - np.array(wanted), axis=1).min())


losses = jax.jit(lambda surface, points: jax.vmap(surface)(points))
gradients = jax.jit(lambda surface, points: jax.vmap(jax.grad(surface))(points))
SIGNS = np.array([(1, 1), (1, -1), (-1, 1), (-1, -1)])


def numerical_hessian(surface: Any, w: np.ndarray, h: float) -> np.ndarray:
    """Central differences of the loss."""
    steps = h * np.eye(2)
    points = np.array([[[w + side_a * a + side_b * b for side_a, side_b in SIGNS] for b in steps] for a in steps])
    return np.asarray(losses(resolve(surface), points.reshape(16, 2))).reshape(2, 2, 4) @ SIGNS.prod(axis=1) / (4 * h * h)


@pytest.mark.parametrize(("key", "counts"), COUNTS.items())
def test_how_many_there_are(key: str, counts: tuple[int, ...]) -> None:
    assert tuple(map(len, critical_points(REGISTRY[key]()))) == counts


@pytest.mark.parametrize("key", SMOOTH)
def test_every_listed_minimum_is_found(key: str) -> None:
    """Those inside the domain; at a cusp, as in Ackley's middle, there is none for Newton."""
    surface = REGISTRY[key]()
    found = critical_points(surface).minima
    view = np.ptp(surface.domain.w1)
    listed = surface.minima()
    smooth = np.abs(np.asarray(gradients(resolve(surface), listed + 1e-7))).max(axis=1) < 1e-2
    for minimum in listed[smooth]:
        if surface.domain.contains(minimum):
            assert nearest(found, minimum) < 1e-6 * view


@pytest.mark.parametrize("key", SMOOTH)
def test_each_is_what_it_is_called(key: str) -> None:
    """By finite differences of the loss, at the default parameters and at others."""
    for surface in (REGISTRY[key](), REGISTRY[key](**{"angle": 25.0} if key == "elongated_quadratic" else {})):
        found, h = critical_points(surface), 1e-4 * float(np.ptp(surface.domain.w1))
        for kind, signs in (("minima", (1, 1)), ("saddles", (-1, 1)), ("maxima", (-1, -1))):
            for point in getattr(found, kind)[:12]:
                assert surface.domain.contains(point)
                values = np.linalg.eigvalsh(numerical_hessian(surface, point, h))
                assert tuple(np.sign(values)) == signs, (kind, point, values)


def test_published_points() -> None:
    """Himmelblau's hill, the camel's and Styblinski–Tang's middles, Beale's saddle at (0, 1)."""
    himmelblau: Critical = critical_points(REGISTRY["himmelblau"]())
    assert nearest(himmelblau.maxima, (-0.270845, -0.923039)) < 1e-6
    assert nearest(himmelblau.saddles, (0.0866775, 2.8842547)) < 1e-6
    assert nearest(critical_points(REGISTRY["saddle"]()).saddles, (0.0, 0.0)) < 1e-9
    assert nearest(critical_points(REGISTRY["six_hump_camel"]()).saddles, (0.0, 0.0)) < 1e-9
    assert nearest(critical_points(REGISTRY["styblinski_tang"]()).maxima, (0.156731, 0.156731)) < 1e-5
    assert nearest(critical_points(REGISTRY["beale"]()).saddles, (0.0, 1.0)) < 1e-6


STEEP = [("exp(5*w1) + exp(-5*w1) + w2^2", 4.0), ("exp(w1) + exp(-w1) + exp(w2) + exp(-w2)", 10.0), ("exp(20*w1) + exp(-20*w1) + w2^2", 2.0)]


@pytest.mark.parametrize(("text", "reach"), STEEP)
def test_a_minimum_is_one_however_steep_the_rest_of_the_view(text: str, reach: float) -> None:
    found = critical_points(REGISTRY["formula"](expression=text, reach1=reach, reach2=reach))
    assert [len(points) for points in found] == [1, 0, 0, 0] and np.abs(found.minima).max() < 1e-9


@pytest.mark.parametrize("text", ["w1^4 + w2^4", "w1^3 - 3*w1*w2^2", "w1^2 + w2^4"])
def test_where_the_hessian_tells_nothing_the_point_is_flat(text: str) -> None:
    assert [len(points) for points in critical_points(REGISTRY["formula"](expression=text))] == [0, 0, 0, 1]
