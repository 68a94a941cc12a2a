"""Many seeds of a run: quantiles, thinning, seeds that diverge, and what is computed only once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import surfaces
from lab import compute, fans
from lab.experiment import Experiment
from lab.fans import BAND, POINTS, Fan, fan_of
from lab.runs import Chance, Run
from optim_core import Job, optimizers, simulate
from optim_core.noise import Noise

QUADRATIC = surfaces.REGISTRY["elongated_quadratic"]()
GD = optimizers.REGISTRY["gradient_descent"]()


def job(member: int, lr: float = 0.1, steps: int = 60, sigma: float = 1.0, surface: Any = QUADRATIC) -> Job:
    return Job(GD, surface, surface.starts[0], lr, steps, noise=Noise(sigma, 0.0, (1, member)))


def fan(seeds: int, **values: Any) -> tuple[Fan, list[Any]]:
    """A fan, and the full record of each of its seeds."""
    jobs = [job(member, **values) for member in range(seeds)]
    records = [simulate(*one) for one in jobs]
    return fan_of(records[0], jobs[1:], jobs[0].loss.domain), records


def judged(records: list[Any], share: float) -> np.ndarray:
    loss = np.array([record.loss for record in records])
    loss[np.isnan(loss)] = np.inf
    return np.quantile(loss, share, axis=0, method="inverted_cdf")


def noisy(**changes: Any) -> Experiment:
    runs = (Run(GD, 0.1), Run(optimizers.REGISTRY["adam"](), 0.1), Run(GD, 0.2, hidden=True))
    chance = Chance(**{"fan": 5, **changes.pop("chance", {})})
    return Experiment(QUADRATIC, QUADRATIC.starts[0], changes.pop("steps", 60), runs, chance=chance, **changes)


@pytest.mark.parametrize("seeds", [2, 3, 10, 11, 57])
def test_quantiles_are_numpys(seeds: int) -> None:
    """Each the loss of some seed."""
    made, records = fan(seeds)
    for share, ours in zip((BAND[0], 0.5, BAND[1]), (made.low, made.median, made.high), strict=True):
        np.testing.assert_array_equal(ours, judged(records, share))
    assert (made.low <= made.median).all() and (made.median <= made.high).all()


@pytest.mark.parametrize("seeds", [2, 9, 30])
def test_losses_that_are_no_numbers_count_as_infinite(seeds: int) -> None:
    """GD beyond its bound: finite, then inf, then nan, each seed at its own step."""
    made, records = fan(seeds, lr=3.0, steps=1000)
    assert np.isnan(records[0].loss).any() and np.isinf(records[0].loss).any()
    for share, ours in zip((BAND[0], 0.5, BAND[1]), (made.low, made.median, made.high), strict=True):
        np.testing.assert_array_equal(ours, judged(records, share))
        assert not np.isnan(ours).any()
    np.testing.assert_array_equal(made.last_loss, [record.loss[-1] for record in records])  # as it was


def test_any_losses_have_numpys_quantiles() -> None:
    """Ties, infinities and all."""
    loss = np.random.default_rng(0).choice([0.0, 1.0, 2.0, np.inf, -3.0], (17, 200))
    for share, ours in zip((0.1, 0.5, 0.9), fans._quantiles(loss, (0.1, 0.5, 0.9)), strict=True):
        np.testing.assert_array_equal(ours, np.quantile(loss, share, axis=0, method="inverted_cdf"))


@pytest.mark.parametrize("steps", [1, 5, POINTS - 1, POINTS, 250, 3333])
def test_paths_are_thinned_records(steps: int) -> None:
    """Row 0 is the run itself; the first and the last step are kept."""
    made, records = fan(4, steps=steps)
    assert len(made.t) == min(steps + 1, POINTS) and made.t[0] == 0 and made.t[-1] == steps and (np.diff(made.t) > 0).all()
    assert np.ptp(np.diff(made.t)) <= 1
    np.testing.assert_array_equal(made.w, [record.w[made.t] for record in records])
    np.testing.assert_array_equal(made.last_w, [record.w[-1] for record in records])
    np.testing.assert_array_equal(made.last_loss, [record.loss[-1] for record in records])
    assert made.median.shape == (steps + 1,)


def test_more_seeds_than_a_batch() -> None:
    made, records = fan(2 * fans.BATCH + 3)
    np.testing.assert_array_equal(made.last_w, [record.w[-1] for record in records])
    assert len(np.unique(made.last_w[:, 0])) == len(records)


def test_a_seed_that_flies_away_ends_where_it_is_far_out_of_view() -> None:
    made, records = fan(6, lr=0.6, steps=79)  # w₂ alternates and grows
    domain = QUADRATIC.domain
    for row, record in zip(made.w, records, strict=True):
        far = (np.abs(record.w[:, 0] + 1.5) > 90) | (np.abs(record.w[:, 1]) > 64)
        assert far.any() and domain.w1 == (-6, 3) and domain.w2 == (-3.2, 3.2)
        assert (np.isnan(row) == far[:, None]).all()
        np.testing.assert_array_equal(row[~far], record.w[~far])


def test_a_fan_is_read_only_and_knows_its_size() -> None:
    made, _ = fan(3)
    for array in (made.t, made.w, made.median, made.low, made.high, made.last_w, made.last_loss):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    assert made.nbytes >= made.w.nbytes + made.median.nbytes


# ---------------------------------------------------------------------- in a picture


def test_fans_of_the_runs_shown() -> None:
    shown = compute.picture(noisy())
    assert [made is None for made in shown.fans] == [False, False, True]
    for made, path in zip(shown.fans[:2], shown.paths, strict=False):
        assert made is not None and len(made.w) == len(made.last_loss) == 5
        np.testing.assert_array_equal(made.w[0], path.w[made.t])
        np.testing.assert_array_equal(made.last_w[0], path.w[-1])


def test_without_noise_or_other_seeds_there_is_none() -> None:
    assert compute.picture(noisy(chance={"fan": 1})).fans == (None, None, None)
    quiet = Experiment(QUADRATIC, QUADRATIC.starts[0], 60, (Run(GD, 0.1),))
    assert compute.picture(quiet).fans == (None,)


def test_members_are_draws_of_their_own() -> None:
    """Member m of a fan is the run under stream (seed, m): the same for every run when common, else each run's own."""
    shown = compute.picture(noisy())
    made = shown.fans[0]
    assert made is not None
    for member in range(5):
        np.testing.assert_array_equal(made.last_w[member], simulate(*job(member)).w[-1])
    own = compute.picture(noisy(chance={"common": False})).fans[0]
    assert own is not None
    stream = simulate(*job(0)._replace(noise=Noise(1.0, 0.0, (1, 3, 1))))
    np.testing.assert_array_equal(own.last_w[3], stream.w[-1])
    assert not np.isin(own.last_w, made.last_w).any()


def test_a_fan_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = noisy(chance={"sigma": 1.2345})
    first = compute.picture(wanted)
    monkeypatch.setattr(compute, "simulate_all", lambda jobs: [pytest.fail("simulated again") for _ in jobs])
    monkeypatch.setattr(compute, "fan_of", lambda *_: pytest.fail("computed again"))
    again = compute.picture(wanted)
    assert again.fans[0] is first.fans[0] and again.paths[0] is first.paths[0]
    monkeypatch.undo()
    assert compute.picture(noisy(chance={"sigma": 1.2345, "seed": 2})).fans[0] is not first.fans[0]


def test_another_number_of_seeds_keeps_the_first_ones() -> None:
    few, many = (compute.picture(noisy(chance={"fan": count})).fans[0] for count in (3, 7))
    assert few is not None and many is not None
    np.testing.assert_array_equal(few.w, many.w[:3])


@pytest.mark.parametrize(("steps", "seeds", "wanted"), [(60, 200, 200), (1000, 200, 50), (10_000, 30, 5), (10_000, 3, 3)])
def test_a_draft_draws_fewer_seeds_of_long_runs(steps: int, seeds: int, wanted: int) -> None:
    """Two shown runs share 100,000 steps."""
    made = compute.picture(noisy(steps=steps, chance={"fan": seeds}), draft=True).fans[0]
    assert made is not None and len(made.w) == wanted


def test_a_draft_of_the_longest_race_still_draws_a_second_seed() -> None:
    runs = tuple(Run(GD, 0.01 * (index + 1)) for index in range(8))
    wanted = Experiment(QUADRATIC, QUADRATIC.starts[0], 10_000, runs, chance=Chance(fan=200))
    assert [len(made.w) for made in compute.picture(wanted, draft=True).fans if made] == [2] * 8


def test_all_hidden_is_no_error() -> None:
    hidden = Experiment(QUADRATIC, QUADRATIC.starts[0], 60, (Run(GD, 0.1, True),), chance=Chance(fan=9))
    for draft in (True, False):
        assert compute.picture(hidden, draft=draft).fans == (None,)
