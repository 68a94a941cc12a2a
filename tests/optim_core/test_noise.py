"""Noise: the draws of a seed, their size, and the streams of many runs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from optim_core import simulate
from optim_core.noise import DECAYS, Noise
from optim_core.optimizers import REGISTRY
from surfaces import REGISTRY as SURFACES

QUADRATIC = SURFACES["elongated_quadratic"]()
START = (-5.0, -2.0)


def test_a_draw_is_numpys() -> None:
    """σ times the standard normal numbers of the seed, a row a step; at σ = 1 they are these very numbers."""
    drawn = Noise(1.0, 0.0, 7).draw(20, 2)
    assert drawn.shape == (20, 2) and drawn.dtype == np.float64
    assert np.array_equal(drawn, np.random.default_rng(7).standard_normal((20, 2)))
    assert np.array_equal(Noise(2.5, 0.0, 7).draw(20, 2), 2.5 * drawn)


@pytest.mark.parametrize("decay", DECAYS.values())
@pytest.mark.parametrize("n", [1, 2, 7])
def test_fewer_rows_are_the_beginning(decay: float, n: int) -> None:
    """So a run of more steps begins as the shorter one."""
    long = Noise(0.5, decay, (3, 4)).draw(1000, n)
    for rows in (1, 2, 250, 999):
        assert np.array_equal(Noise(0.5, decay, (3, 4)).draw(rows, n), long[:rows])


def test_every_seed_is_another_draw() -> None:
    """Seeds alone, and the streams of seeds, members and runs; none is the negative or the shift of another."""
    seeds: list[int | tuple[int, ...]] = [0, 1, 2, 9999]
    seeds += [(seed, member) for seed in (1, 2, 9999) for member in (1, 2, 199)]
    seeds += [(seed, member, run) for seed in (1, 2) for member in (0, 1, 2) for run in (1, 2, 8)]
    draws = [Noise(1.0, 0.0, seed).draw(50, 2) for seed in seeds]
    for one, other in itertools.combinations(draws, 2):
        assert not np.isin(one, other).any() and not np.isin(-one, other).any()
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.45  # 4.5 standard errors


@pytest.mark.parametrize("decay", DECAYS.values())
@pytest.mark.parametrize("t", [1, 200])
def test_standard_deviation(decay: float, t: int) -> None:
    """σ/t^p, from 4000 seeds; Neelakantan's decay is 0.55."""
    drawn = np.array([Noise(3.0, decay, seed).draw(t, 2)[t - 1] for seed in range(4000)])
    wanted = 3.0 / t**decay
    assert abs(drawn.std() / wanted - 1) < 0.04  # 8000 numbers: one standard error is 0.8 %
    assert abs(drawn.mean()) < 0.06 * wanted
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.08
    assert DECAYS["decaying"] == 0.55 and DECAYS["constant"] == 0.0


def test_the_decay_divides_by_the_step() -> None:
    """From 1, not from 0."""
    ratio = Noise(1.0, 0.0, 5).draw(300, 2) / Noise(1.0, 0.55, 5).draw(300, 2)
    np.testing.assert_allclose(ratio, np.repeat(np.arange(1, 301)[:, None] ** 0.55, 2, axis=1), rtol=1e-13)


@pytest.mark.parametrize("key", REGISTRY)
def test_the_first_steps_do_not_depend_on_their_number(key: str) -> None:
    """Not within a bucket, not across buckets."""
    short, middle, long = (simulate(REGISTRY[key](), QUADRATIC, START, 0.01, n, noise=Noise(2.0, 0.55, 3)) for n in (60, 250, 400))
    for path in (middle, long):
        assert np.array_equal(path.w[:61], short.w) and np.array_equal(path.raw_grad[:60], short.raw_grad)
    assert np.array_equal(middle.next_grad, long.raw_grad[250]) and np.array_equal(short.next_grad, middle.raw_grad[60])


def test_the_same_seed_is_the_same_noise_for_every_optimizer() -> None:
    """What is added to the gradient at the query, wherever that is."""
    noise = Noise(0.7, 0.55, (1, 0))
    drawn = noise.draw(40, 2)
    for cls in REGISTRY.values():
        path = simulate(cls(), QUADRATIC, START, 0.05, 40, noise=noise)
        exact = path.step.query * [QUADRATIC.a * 2, QUADRATIC.b * 2]
        np.testing.assert_allclose(path.raw_grad - exact, drawn, atol=1e-12)
        assert path.raw_grad is path.step.grad or np.array_equal(path.raw_grad, path.step.grad)


@pytest.mark.parametrize("key", REGISTRY)
def test_hardly_any_noise_is_hardly_a_difference(key: str) -> None:
    """The smallest σ, decaying."""
    plain = simulate(REGISTRY[key](), QUADRATIC, START, 0.05, 40)
    noisy = simulate(REGISTRY[key](), QUADRATIC, START, 0.05, 40, noise=Noise(1e-4, 2.0, 1))
    assert (noisy.raw_grad != plain.raw_grad).any() and np.abs(noisy.w - plain.w).max() < 1e-3  # signs may not change at all


def test_arguments_are_checked() -> None:
    """By the range that the slider has."""
    for noise, message in ((Noise(0.0), r"Noise\.sigma = 0.0 is outside \[0.0001, 10000\]"), (Noise(1.0, -1.0), r"Noise\.decay = -1.0 is outside \[0, 2\]")):
        with pytest.raises(ValueError, match=message):
            simulate(REGISTRY["adam"](), QUADRATIC, START, 0.05, 10, noise=noise)
