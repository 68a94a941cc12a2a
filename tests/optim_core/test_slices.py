"""Slices against PyTorch point by point, against the record of a training, and planes and shadows against closed forms."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from network_judge import Judge

from optim_core.landscape import (
    Ground,
    Heights,
    Plane,
    axis,
    between_plane,
    coordinate_plane,
    explained,
    heights,
    line_plane,
    path_plane,
    project,
    random_plane,
    slope,
    true_heights,
)  # fmt: skip
from optim_core.landscape.slices import MOST, ROOM, Mode, _chunk
from optim_core.networks import Course, Layer, Network, Training, first_weights, train
from optim_core.networks.initialisation import INITS
from optim_core.optimizers import REGISTRY
from tests.unoptimised import unoptimised

ROOT = Path(__file__).parents[2]
PLAIN = Network(2, (Layer(5, "tanh"), Layer(4, "relu")), 1, "sigmoid", "binary")
NETWORKS = {
    "binary": PLAIN,
    "classes with batch norm": Network(2, (Layer(6, "relu"),), 3, "softmax", "categorical", "batch"),
    "values with skips and dropout": Network(2, (Layer(4, "elu"), Layer(4, "elu")), 1, "linear", "mse", "layer", True, True),
}


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    with unoptimised():
        yield


def ground(network: Network, mode: Mode = "running", seed: int = 0) -> Ground:
    """Some objects, more to learn from than to be judged by."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(30, 2))
    y = (x[:, 0] * x[:, 1] > 0).astype(float) if network.outputs == 1 else rng.integers(0, network.outputs, 30).astype(float)
    return Ground(network, x[:20], y[:20], x[20:], y[20:], mode)


def learnt(network: Network, epochs: int = 12) -> tuple[Ground, Training]:
    """A ground, and a training on it."""
    given = ground(network)
    start = first_weights(network, INITS["xavier_uniform"](), 1)
    course = Course(network, given.x, given.y, given.valid_x, given.valid_y, REGISTRY["adam"](), 0.03, start, epochs, batch=8, dropout=0.2 * network.dropout)
    return given, train(course)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_centre_is_the_trained_loss(name: str) -> None:
    """Every plane through the last weights shows their loss where its coordinates are 0."""
    given, record = learnt(NETWORKS[name])
    w, stats = record.w[-1], record.stats[-1]
    places = axis(-1.0, 0.7, 9)
    at = np.stack(np.meshgrid(places, places), axis=-1).reshape(-1, 2)
    middle = int(np.flatnonzero((at == 0.0).all(axis=1))[0])
    for plane in (random_plane(given.network, w, 3, filters=True), path_plane(w, record.w), line_plane(w, record.w[0], record.w)):
        found = heights(given, w, stats, plane.directions, at)
        expected = (record.train_loss[-1], record.valid_loss[-1], record.train_accuracy[-1], record.valid_accuracy[-1])
        np.testing.assert_allclose([values[middle] for values in found], expected, rtol=1e-12)
        assert np.ptp(found.loss) > 0.0
    on_path = true_heights(given, record.w, record.stats)
    ends = np.searchsorted(record.epoch_at, record.at)
    whole = record.epoch_at[np.minimum(ends, len(record.epoch_at) - 1)] == record.at
    np.testing.assert_allclose(on_path.loss[whole], record.train_loss[ends[whole]], rtol=1e-12)


@pytest.mark.parametrize("mode", ["running", "batch"])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_point_against_pytorch(name: str, mode: Mode) -> None:
    """The loss at  c + a₁d₁ + a₂d₂, one PyTorch network after another; batch norm by running statistics or by the objects."""
    network, rng = NETWORKS[name], np.random.default_rng(5)
    given = ground(network, mode)
    w, stats = rng.normal(size=network.size), np.abs(rng.normal(size=network.stats))
    directions, at = rng.normal(size=(2, network.size)), rng.normal(size=(7, 2))
    found = heights(given, w, stats, directions, at)
    for index, place in enumerate(at):
        judge = Judge(network).write(w + place @ directions)
        judge.train(mode == "batch")
        at_layer = 0
        for norm in judge.norm if network.norm == "batch" else ():
            for buffer in (norm.running_mean, norm.running_var):
                buffer.copy_(torch.tensor(stats[at_layer : (at_layer := at_layer + len(buffer))]))
        for values, x, y in ((found.loss, given.x, given.y), (found.valid_loss, given.valid_x, given.valid_y)):
            with torch.no_grad():
                expected = judge.loss(judge(torch.tensor(x)), torch.tensor(y))
            assert values[index] == pytest.approx(float(expected), rel=1e-12)


def test_a_slope_is_the_derivative_of_the_slice() -> None:
    given = ground(NETWORKS["classes with batch norm"])
    rng = np.random.default_rng(1)
    w, stats = rng.normal(size=given.network.size), np.abs(rng.normal(size=given.network.stats))
    direction = rng.normal(size=(1, len(w)))
    low, high = heights(given, w, stats, direction, np.array([[-1e-6], [1e-6]])).loss
    assert slope(given, w, stats) @ direction[0] == pytest.approx((high - low) / 2e-6, rel=1e-6)


def test_many_points_are_computed_in_pieces_that_tell_and_stop() -> None:
    given = ground(PLAIN)
    w, line = np.ones(PLAIN.size), np.eye(1, PLAIN.size)
    at = np.linspace(-1, 1, 1300)[:, None]
    told: list[tuple[int, int]] = []
    whole = heights(given, w, np.zeros(0), line, at, lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == [448, 896, 1300] and {total for _, total in told} == {1300}
    one = np.array([heights(given, w, np.zeros(0), line, at[[row]]).loss[0] for row in (0, 600, 1299)])
    np.testing.assert_allclose(whole.loss[[0, 600, 1299]], one, rtol=1e-14)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        heights(given, w, np.zeros(0), line, at, stop)


def test_true_numbers_where_the_loss_overflows() -> None:
    """Nothing is clipped: a step of 10³⁰⁰ is inf or nan, and its neighbours are not touched."""
    given = ground(NETWORKS["values with skips and dropout"])
    found = heights(given, np.ones(given.network.size), np.zeros(0), np.ones((1, given.network.size)), np.array([[0.0], [1e300], [1.0]]))
    assert np.isfinite(found.loss[[0, 2]]).all() and not np.isfinite(found.loss[1])
    assert np.isnan(found.accuracy).all()  # values have no classes


def test_memory_is_bounded() -> None:
    """However large network and data are, a chunk holds `ROOM` values of a layer or one point's."""
    for network in (PLAIN, Network(64, (Layer(64, "maxout"),) * 6, 10, "softmax", "categorical")):
        for n in (10, 500, 1797, 20_000):
            widest = max([network.inputs, network.outputs, *network.channels])
            assert 1 <= _chunk(network, n) <= MOST and (_chunk(network, n) == 1 or _chunk(network, n) * n * widest <= ROOM)


@pytest.mark.parametrize(("low", "high", "cells"), [(-1.0, 1.0, 21), (-0.3, 2.0, 51), (-2.0, 0.0, 101), (0.0, 5.0, 21)])
def test_an_axis_has_a_place_at_zero(low: float, high: float, cells: int) -> None:
    places = axis(low, high, cells)
    step = (high - low) / (cells - 1)
    assert len(places) == cells and (places == 0.0).sum() == 1
    np.testing.assert_allclose(np.diff(places), step)
    assert abs(places[0] - low) <= step and abs(places[-1] - high) <= step
    with pytest.raises(ValueError, match="must hold 0"):
        axis(0.5, 1.0, cells)


def test_filters_are_as_long_as_their_weights() -> None:
    w = np.random.default_rng(2).normal(size=PLAIN.size)
    plane = random_plane(PLAIN, w, 7, filters=True)
    for part in PLAIN.parts:
        for direction in plane.directions:
            if part.name == "W":
                own, drawn = (np.linalg.norm(vector[part.where].reshape(part.shape), axis=0) for vector in (w, direction))
                np.testing.assert_allclose(drawn, own, rtol=1e-12)
            else:
                assert not direction[part.where].any()
    whole = random_plane(PLAIN, w, 7, filters=False)
    np.testing.assert_allclose(np.linalg.norm(whole.directions, axis=1), np.linalg.norm(w), rtol=1e-12)


def test_the_principal_plane_holds_the_most() -> None:
    """What it explains are the two largest eigenvalues of the Gram matrix; any other plane holds less."""
    rng = np.random.default_rng(3)
    paths, centre = rng.normal(size=(12, 30)) * np.linspace(3, 0.1, 30), rng.normal(size=30)
    plane = path_plane(centre, paths)
    spectrum = np.linalg.eigvalsh((paths - centre).T @ (paths - centre))
    assert explained(plane, paths) == pytest.approx(spectrum[-2:].sum() / spectrum.sum(), rel=1e-10)
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-12)
    turned = Plane("path", centre, np.linalg.qr(plane.directions.T + 0.1 * rng.normal(size=(30, 2)))[0].T)
    assert explained(turned, paths) < explained(plane, paths)


def test_planes_through_points_hold_them() -> None:
    rng = np.random.default_rng(4)
    centre, other, third = rng.normal(size=(3, 20))
    between = between_plane(centre, other, third)
    shadow = project(between, np.stack([centre, other, third]))
    np.testing.assert_allclose(shadow.distance, 0.0, atol=1e-12)
    np.testing.assert_allclose(shadow.at[1], [np.linalg.norm(other - centre), 0.0], atol=1e-12)
    path = np.linspace(0, 1, 9)[:, None] * (centre - other) + other
    line = line_plane(centre, other, path)
    np.testing.assert_allclose(project(line, path).at[0], [-np.linalg.norm(other - centre), 0.0], atol=1e-9)
    np.testing.assert_allclose(line.directions @ line.directions.T, np.eye(2), atol=1e-9)
    assert explained(line, path) == pytest.approx(1.0)
    single = coordinate_plane(centre, 3, 8)
    np.testing.assert_array_equal(project(single, other[None]).at[0], (other - centre)[[3, 8]])
    with pytest.raises(ValueError, match="not two of 20"):
        coordinate_plane(centre, 3, 20)


def test_a_path_that_never_left() -> None:
    """No direction is the leading one; any two at right angles will do, and nothing lies outside."""
    w = np.ones(6)
    for plane in (path_plane(w, w[None]), line_plane(w, w, w[None]), between_plane(w, w, w)):
        np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-12)
        assert explained(plane, w[None]) == 1.0 and project(plane, w[None]).ratio[0] == 1.0


def test_the_loss_in_the_plane_is_that_of_the_nearest_weights() -> None:
    """Of directions that are not at right angles, too; the nearest point is nearer than its neighbours."""
    given, record = learnt(PLAIN)
    plane = random_plane(PLAIN, record.w[-1], 1, filters=True)
    shadow = project(plane, record.w)
    nearest = plane.centre + shadow.at @ plane.directions
    drawn = heights(given, plane.centre, record.stats[-1], plane.directions, shadow.at)
    np.testing.assert_allclose(drawn.loss, true_heights(given, nearest, record.stats).loss, rtol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(record.w - nearest, axis=1), shadow.distance, rtol=1e-9, atol=1e-12)
    for step in ([1e-3, 0], [-1e-3, 0], [0, 1e-3], [0, -1e-3]):
        beside = plane.centre + (shadow.at + np.array(step)) @ plane.directions
        assert (np.linalg.norm(record.w - beside, axis=1) > shadow.distance).all()


def test_what_is_not_finite_has_no_shadow() -> None:
    plane = Plane("path", np.zeros(3), np.eye(2, 3))
    shadow = project(plane, np.array([[1.0, 2.0, 2.0], [np.inf, 0.0, 0.0]]))
    np.testing.assert_array_equal(shadow.at, [[1.0, 2.0], [np.nan, np.nan]])
    assert shadow.distance[0] == 2.0 and shadow.ratio[0] == pytest.approx(5**0.5 / 3) and np.isnan(shadow.distance[1])
    assert explained(plane, np.array([[1.0, 2.0, 2.0], [np.inf, 0.0, 0.0]])) == pytest.approx(5 / 9)


def test_a_path_that_goes_very_far_still_has_one() -> None:
    """Squares of such numbers overflow; the distances do not."""
    plane = Plane("path", np.zeros(3), np.eye(2, 3))
    far = np.array([[1e200, 0.0, 2e200], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    shadow = project(plane, far)
    np.testing.assert_allclose(shadow.distance, [2e200, 0.0, 0.0])
    np.testing.assert_allclose(shadow.at[:, 0], [1e200, 1.0, 0.0])
    assert shadow.ratio[0] == pytest.approx(5**-0.5) and shadow.ratio[2] == 1.0 and explained(plane, far) == pytest.approx(0.2)


def test_virtual_devices_share_a_slice() -> None:
    """Three devices get the same bits as one."""
    code = """
import os, sys
os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={sys.argv[1]}"
import optim_core, jax, numpy as np
from optim_core.landscape import Ground, heights
from optim_core.networks import Layer, Network
network = Network(2, (Layer(3, "tanh"),), 1, "sigmoid", "binary")
rng = np.random.default_rng(0)
x, y = rng.normal(size=(20, 2)), rng.integers(0, 2, 20).astype(float)
found = heights(Ground(network, x, y, x, y), np.ones(network.size), np.zeros(0), rng.normal(size=(2, network.size)), rng.normal(size=(3000, 2)))
print(jax.device_count(), found.loss.tobytes().hex())
"""
    said = [
        subprocess.run([sys.executable, "-c", code, count], cwd=ROOT, check=True, capture_output=True, text=True, timeout=100).stdout.split() for count in "13"
    ]
    assert [count for count, _ in said] == ["1", "3"] and said[0][1] == said[1][1]


def test_heights_keep_their_names() -> None:
    made = Heights(*(np.arange(6.0) + 10 * part for part in range(4))).reshaped(2, 3)
    assert made.valid_loss[1, 2] == 15.0 and made.valid_accuracy.shape == (2, 3)


def test_what_does_not_fit_says_so() -> None:
    given = ground(PLAIN)
    with pytest.raises(ValueError, match="do not fit"):
        heights(given, np.ones(3), np.zeros(0), np.ones((1, 3)), np.zeros((1, 1)))
