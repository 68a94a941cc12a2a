"""Data sets: their definitions against the Playground's numbers and scikit-learn's code, the split, the scaling, the plane of principal components."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import sklearn.datasets
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import kstest
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from optim_core.csv_table import read_csv
from optim_core.datasets import DATASETS, TRAIN_SHARE, Data, prepare, principal
from optim_core.hyper import WHOLE, Hyper, hypers, is_spec, resolve
from optim_core.tables import Table, Uploaded

DRAWN = [key for key, cls in DATASETS.items() if "noise" in hypers(cls)]
PLACED = ["gauss", "circle", "xor", "blobs", "plane", "hills", "sine", "square", "chirp"]  # places are drawn, not laid out evenly for n
POINTS_STAY = ["circle", "xor", "plane", "hills"]
TABLES = {"iris": "load_iris", "wine": "load_wine", "breast_cancer": "load_breast_cancer", "digits": "load_digits"}


def specs(cls: type[Any]) -> st.SearchStrategy[Any]:
    """The set at any position of its sliders."""

    def numbers(declared: Hyper) -> st.SearchStrategy[float]:
        ends = st.sampled_from([declared.low, declared.high, declared.default])
        return ends | (st.integers(int(declared.low), int(declared.high)).map(float) if declared.scale in WHOLE else st.floats(declared.low, declared.high))

    return st.builds(cls, **{name: numbers(declared) for name, declared in hypers(cls).items()})


datasets = st.sampled_from([*DATASETS.values()]).flatmap(specs)
seeds = st.integers(0, 10**6)
shares = st.floats(TRAIN_SHARE.low, TRAIN_SHARE.high)


def drawn(key: str, seed: int = 0, **chosen: float) -> tuple[np.ndarray, np.ndarray]:
    """x and y of a set, in the order of the draw."""
    x, y = resolve(DATASETS[key](**chosen)).draw(np.random.default_rng(seed))
    return x, y


def uploaded(x: np.ndarray, y: np.ndarray, classes: int) -> Uploaded:
    """An own table, made here."""
    return Uploaded(Table(tuple(f"c{i}" for i in range(x.shape[1])), tuple("abcdefghij"[:classes]), x, y, classes, "0"))


# --- every set ---


def test_the_registry_is_as_the_issue_names_it() -> None:
    assert set(DATASETS) == {*["circle", "xor", "gauss", "spiral", "moons", "blobs", "plane", "hills", "sine", "square", "chirp"], *TABLES}
    for cls in DATASETS.values():
        assert is_spec(cls) and cls.title and cls.note and cls.__doc__
        assert all(re.fullmatch(r"[A-E]\d+", row) for row in cls.rows)


@given(datasets, seeds)
def test_every_position_of_the_sliders_draws(dataset: Any, seed: int) -> None:
    """Finite float64 numbers of the declared size; classes are indices into the labels."""
    x, y = resolve(dataset).draw(np.random.default_rng(seed))
    assert x.dtype == y.dtype == np.float64 and np.isfinite(x).all() and np.isfinite(y).all()
    assert x.shape == (dataset.size, len(dataset.names)) and y.shape == (dataset.size,)
    if dataset.task == "classes":
        assert set(y) <= set(range(len(dataset.labels))) and len(dataset.labels) >= 2
    else:
        assert dataset.labels == () and x.shape[1] == {"plane": 2, "curve": 1}[dataset.task]


@given(datasets, seeds, shares, st.booleans())
def test_the_same_seed_is_the_same_data(dataset: Any, seed: int, share: float, standardise: bool) -> None:
    one, same = (prepare(dataset, seed, share, standardise) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))


@pytest.mark.parametrize("key", DATASETS)
def test_another_seed_is_another_draw(key: str) -> None:
    cls = DATASETS[key]
    one, other = (prepare(cls(noise=0.1) if key in DRAWN else cls(), seed, 0.5, False) for seed in (1, 2))
    assert not np.array_equal(one.x, other.x) and not np.array_equal(one.train, other.train)


@pytest.mark.parametrize("key", PLACED)
@pytest.mark.parametrize("noise", [0.0, 0.4])
def test_fewer_objects_are_the_beginning_of_more(key: str, noise: float) -> None:
    few, many = (drawn(key, 5, size=size, noise=noise) for size in (37, 500))
    assert np.array_equal(few[0], many[0][:37]) and np.array_equal(few[1], many[1][:37])


@pytest.mark.parametrize("key", DRAWN)
@pytest.mark.parametrize("noise", [0.0, 0.3, 0.9])
def test_noise_scales_one_draw(key: str, noise: float) -> None:
    """A little more noise moves every point, or every value, a little; classes that are read at a noisy place are nearly all the same."""
    (x, y), (x_next, y_next) = (drawn(key, 3, noise=noise + more) for more in (0.0, 1e-6))
    assert np.abs(x_next - x).max() < 2e-5
    if DATASETS[key].task == "classes":
        assert np.mean(y != y_next) <= 0.01
    elif key != "square":
        assert np.abs(y_next - y).max() < 2e-5
    if key in POINTS_STAY:
        assert np.array_equal(x, x_next)


@pytest.mark.parametrize("key", DRAWN)
def test_noise_does_something(key: str) -> None:
    one, other = drawn(key, 3, noise=0.1), drawn(key, 3, noise=0.8)
    assert not np.array_equal(one[0], other[0]) or not np.array_equal(one[1], other[1])


@pytest.mark.parametrize("key", ["plane", "hills", "sine", "square", "chirp"])
def test_without_noise_values_are_the_target(key: str) -> None:
    x, y = drawn(key, noise=0.0)
    assert np.array_equal(y, DATASETS[key]().target(x))


# --- the Playground's sets ---


@pytest.mark.parametrize("size", [2000, 1999])
def test_circle(size: int) -> None:
    """A disc of 2.5 and a ring from 3.5 to 5, half of the points each; radius and angle are even."""
    x, y = drawn("circle", size=size)
    radius = np.hypot(*x.T)
    inner, outer = radius[y == 1.0], radius[y == 0.0]
    assert len(inner) == (size + 1) // 2 and len(outer) == size // 2
    assert inner.max() < 2.5 and outer.min() >= 3.5 and outer.max() <= 5.0
    assert kstest(inner / 2.5, "uniform").pvalue > 1e-3 and kstest((outer - 3.5) / 1.5, "uniform").pvalue > 1e-3
    assert kstest((np.arctan2(*x.T) / (2 * np.pi)) % 1.0, "uniform").pvalue > 1e-3


def test_noisy_circle() -> None:
    """A label is read at most 5 · noise away in each coordinate: near the edge of 2.5 it may be wrong, farther away not."""
    x, y = drawn("circle", size=2000, noise=0.2)
    radius = np.hypot(*x.T)
    wrong = y != (radius < 2.5)
    assert 0.03 < wrong.mean() < 0.2 and np.abs(radius[wrong] - 2.5).max() < np.sqrt(2.0)


def test_xor() -> None:
    """Even over [−5, 5]², moved 0.3 outwards; class 1 where the signs agree."""
    x, y = drawn("xor", size=2000)
    assert np.abs(x).min() >= 0.3 and np.abs(x).max() <= 5.3
    assert np.array_equal(y == 1.0, np.sign(x[:, 0]) == np.sign(x[:, 1]))
    assert kstest((np.abs(x.ravel()) - 0.3) / 5.0, "uniform").pvalue > 1e-3
    _, noisy = drawn("xor", size=2000, noise=0.2)
    wrong = y != noisy
    assert 0.03 < wrong.mean() < 0.2 and np.abs(x[wrong]).min(axis=1).max() < 1.0


@pytest.mark.parametrize(("noise", "variance"), [(0.0, 0.5), (0.25, 2.25), (0.5, 4.0)])
def test_gauss(noise: float, variance: float) -> None:
    """Centres ±(2, 2), the variance from 0.5 to 4."""
    x, y = drawn("gauss", size=2000, noise=noise)
    for label, centre in ((1.0, 2.0), (0.0, -2.0)):
        cloud = x[y == label]
        assert len(cloud) == 1000
        for column in cloud.T:
            assert kstest((column - centre) / np.sqrt(variance), "norm").pvalue > 1e-3
    assert abs(np.corrcoef(x[y == 1.0].T)[0, 1]) < 0.12
    centres = 4.0 * y[:, None] - 2.0
    np.testing.assert_allclose((x - centres) / np.sqrt(variance), (drawn("gauss", size=2000)[0] - centres) / np.sqrt(0.5), atol=1e-12)


@pytest.mark.parametrize("turns", [1.75, 0.5])
def test_spiral(turns: float) -> None:
    """Point by point as the Playground lays them."""
    x, y = drawn("spiral", size=100, turns=turns)
    for label, shift in ((1.0, 0.0), (0.0, np.pi)):
        for i, point in enumerate(x[y == label]):
            radius, angle = i / 50 * 5, turns * i / 50 * 2 * np.pi + shift
            np.testing.assert_allclose(point, [radius * np.sin(angle), radius * np.cos(angle)], atol=1e-14)
    moved = drawn("spiral", size=2000, noise=0.4, turns=turns)[0] - drawn("spiral", size=2000, turns=turns)[0]
    assert kstest(moved.ravel() / 0.8 + 0.5, "uniform").pvalue > 1e-3


def test_plane() -> None:
    """(x₁ + x₂)/10 over [−6, 6]²; noise of 0.5 reads it at most 3 away in each coordinate."""
    x, y = drawn("plane", size=2000)
    assert kstest(x.ravel() / 12.0 + 0.5, "uniform").pvalue > 1e-3
    np.testing.assert_allclose(y, (x[:, 0] + x[:, 1]) / 10.0, atol=1e-15)
    off = np.abs(drawn("plane", size=2000, noise=0.5)[1] - y)
    assert 0.5 < off.max() <= 0.6


def test_hills() -> None:
    """Six centres of height ±1, like a chessboard; half as high one away; nothing at a distance of 2 and between."""
    hills = DATASETS["hills"]()
    centres = {(-4, 2.5): 1, (0, 2.5): -1, (4, 2.5): 1, (-4, -2.5): -1, (0, -2.5): 1, (4, -2.5): -1}
    for (x1, x2), sign in centres.items():
        around = np.array([[x1, x2], [x1 + 1, x2], [x1, x2 - 0.5], [x1, x2 + 2], [x1 - 2, x2], [x1 + 3, x2 + 3]])
        np.testing.assert_allclose(hills.target(around), np.array([1, 0.5, 0.75, 0, 0, 0]) * sign, atol=1e-15)
    assert np.abs(drawn("hills", noise=0.7)[1]).max() <= 1.0


# --- the others that are drawn ---


@pytest.mark.parametrize("size", [10, 11, 500])
def test_moons_are_scikit_learns(size: int) -> None:
    x, y = drawn("moons", size=size, noise=0.0)
    expected_x, expected_y = sklearn.datasets.make_moons(size, shuffle=False)
    order = np.argsort(y, kind="stable")
    assert np.array_equal(y[order], expected_y)
    np.testing.assert_allclose(x[order], expected_x, atol=1e-14)


def test_noise_of_the_moons_is_a_standard_deviation() -> None:
    moved = drawn("moons", size=2000, noise=0.3)[0] - drawn("moons", size=2000, noise=0.0)[0]
    assert kstest(moved.ravel() / 0.3, "norm").pvalue > 1e-3


@pytest.mark.parametrize("classes", [3, 4, 5])
def test_blobs(classes: int) -> None:
    """Equally many points around each corner of a regular polygon of radius 4."""
    x, y = drawn("blobs", size=2000, classes=classes, noise=0.5)
    assert set(y) == set(range(classes)) and np.ptp(np.bincount(y.astype(int))) <= 1
    for label in range(classes):
        corner = 4.0 * np.exp(1j * (np.pi / 2 - 2 * np.pi * label / classes))
        for column, centre in zip(x[y == label].T, (corner.real, corner.imag), strict=True):
            assert kstest((column - centre) / 2.0, "norm").pvalue > 1e-3


def test_curves() -> None:
    """Periods over [−3, 3] and values at chosen places."""
    at = np.array([[-3.0], [-1.5], [0.0], [1.5], [3.0]])
    np.testing.assert_allclose(DATASETS["sine"](turns=1.0).target(at), [0, -1, 0, 1, 0], atol=1e-14)
    np.testing.assert_allclose(DATASETS["sine"](turns=2.0).target(at), 0, atol=1e-14)
    assert DATASETS["square"](turns=1.0).target(at)[1:4].tolist() == [-1, 1, 1]
    np.testing.assert_allclose(DATASETS["chirp"](turns=4.0).target(np.array([[-3.0], [0.0], [3.0], [-1.5]])), [0, 0, 0, 1], atol=1e-13)
    for key, turns, crossings in (("sine", 3.0, 5), ("square", 3.0, 5), ("chirp", 6.0, 11)):
        line = DATASETS[key](turns=turns).target(np.linspace(-2.999, 2.999, 5000)[:, None])
        assert np.count_nonzero(np.diff(np.sign(line))) == crossings
    x, y = drawn("sine", size=2000, noise=0.5)
    assert kstest(x.ravel() / 6.0 + 0.5, "uniform").pvalue > 1e-3
    assert kstest((y - np.sin(np.pi * x[:, 0] / 3.0)) / 0.5, "norm").pvalue > 1e-3


# --- tables ---


@pytest.mark.parametrize(("key", "loader"), TABLES.items())
def test_tables_are_scikit_learns(key: str, loader: str) -> None:
    """Every row once, with its class; the default is the whole table."""
    theirs = getattr(sklearn.datasets, loader)()
    x, y = drawn(key, 7)
    ours = np.column_stack([x, y])
    expected = np.column_stack([theirs.data, theirs.target])
    assert not np.array_equal(ours, expected)
    assert np.array_equal(ours[np.lexsort(ours.T)], expected[np.lexsort(expected.T)])
    assert DATASETS[key]().names == tuple(theirs.feature_names) and DATASETS[key]().labels == tuple(map(str, theirs.target_names))
    assert np.array_equal(drawn(key, 7, size=40)[0], x[:40])


def test_what_is_drawn_may_be_written_to() -> None:
    """And the table stays as it was."""
    first = drawn("iris", 1)
    first[0][:] = first[1][:] = -1.0
    assert drawn("iris", 1)[0].min() > 0.0 and drawn("iris", 1)[1].min() == 0.0


def test_an_own_table_is_a_data_set() -> None:
    x = np.arange(40.0).reshape(20, 2)
    data = prepare(uploaded(x, np.arange(20) % 2 * 1.0, 2), 3, 0.5, False)
    assert data.names == ("c0", "c1") and data.labels == ("a", "b") and data.classes == 2
    assert not np.array_equal(data.x, x) and np.array_equal(data.x[np.argsort(data.x[:, 0])], x)
    assert np.array_equal(data.y, data.x[:, 0] / 2 % 2)
    values = prepare(uploaded(x, np.arange(20) / 7.0, 0), 3, 0.5, False)
    assert values.classes == 0 and values.labels == () and np.array_equal(values.y, values.x[:, 0] / 2 / 7.0)


# --- the split ---


def check_split(data: Data, share: float) -> None:
    """Complete, disjoint, sorted, of the right size, and each class in proportion."""
    n = len(data.y)
    assert np.array_equal(np.sort(np.concatenate([data.train, data.valid])), np.arange(n))
    assert len(data.train) >= 1 and len(data.valid) >= 1
    assert len(data.train) == min(max(round(share * n), 1), n - 1)
    assert (np.diff(data.train) > 0).all() and (np.diff(data.valid) > 0).all()
    for label in range(data.classes):
        learn, all_ = np.sum(data.y[data.train] == label), np.sum(data.y == label)
        assert abs(learn - len(data.train) * all_ / n) < 1.0


@given(datasets, seeds, shares)
def test_split(dataset: Any, seed: int, share: float) -> None:
    check_split(prepare(dataset, seed, share, True), share)


@given(st.lists(st.integers(0, 9), min_size=2, max_size=40), seeds, shares)
def test_split_of_classes_of_any_size(y: list[int], seed: int, share: float) -> None:
    """A class of one object is on one side."""
    check_split(prepare(uploaded(np.zeros((len(y), 2)), np.array(y, float), 10), seed, share, False), share)


def test_the_split_is_by_chance() -> None:
    """Over many seeds every object learns as often as the share says, in whatever place it is drawn."""
    learned = np.zeros(60)
    for seed in range(400):
        learned[prepare(DATASETS["blobs"](size=60.0), seed, 0.3, False).train] += 1
    assert kstest((learned - 120) / np.sqrt(400 * 0.3 * 0.7), "norm").pvalue > 1e-3


@pytest.mark.parametrize("key", ["circle", "xor"])
def test_noise_moves_hardly_any_object_to_the_other_part(key: str) -> None:
    """Where one label changes, not all others are shuffled; nor where one object more is drawn."""
    for before, after in ((DATASETS[key](noise=0.2), DATASETS[key](noise=0.21)), (DATASETS[key](size=500.0), DATASETS[key](size=501.0))):
        one, other = (set(prepare(dataset, 4, 0.5, False).train.tolist()) for dataset in (before, after))
        assert len(one ^ other) <= 10


# --- the scaling ---


@given(datasets, seeds, shares)
def test_scaling_is_scikit_learns_of_the_training_part(dataset: Any, seed: int, share: float) -> None:
    raw, scaled = (prepare(dataset, seed, share, standardise) for standardise in (False, True))
    expected = StandardScaler().fit(raw.x[raw.train]).transform(raw.x)
    np.testing.assert_allclose(scaled.x, expected, rtol=1e-9, atol=1e-9)
    assert all(np.array_equal(a, b) for a, b in zip(raw[1:], scaled[1:], strict=True)), "only x is scaled"


def test_only_the_training_part_decides() -> None:
    """A judge that is far away moves nothing."""
    x = np.random.default_rng(1).normal(5.0, 3.0, (30, 2))
    y = np.zeros(30)
    data = prepare(uploaded(x, y, 0), 2, 0.5, True)
    far = np.flatnonzero((x == prepare(uploaded(x, y, 0), 2, 0.5, False).x[data.valid[0]]).all(axis=1))[0]
    x[far] += 1e6
    moved = prepare(uploaded(x, y, 0), 2, 0.5, True)
    assert np.array_equal(moved.x[data.train], data.x[data.train]) and moved.x[data.valid[0], 0] > 1e5
    np.testing.assert_allclose(data.x[data.train].mean(axis=0), 0.0, atol=1e-14)
    np.testing.assert_allclose(data.x[data.train].std(axis=0), 1.0)


@pytest.mark.parametrize("value", [0.0, 0.1, -1e100, 1e-300])
def test_a_constant_column_becomes_zero(value: float) -> None:
    x = np.column_stack([np.full(30, value), np.arange(30.0)])
    scaled = prepare(uploaded(x, np.zeros(30), 0), 0, 0.7, True).x
    assert (scaled[:, 0] == 0.0).all() and scaled[:, 1].std() > 0.5


@given(arrays(float, (6, 2), elements=st.floats(-1e100, 1e100)), seeds)
def test_scaling_never_overflows(x: np.ndarray, seed: int) -> None:
    """Up to the numbers that an own table may hold. A division by a tiny deviation may give a large number, but a number."""
    data = prepare(uploaded(x, np.zeros(6), 0), seed, 0.5, True)
    assert np.isfinite(data.x).all()


# --- what is refused ---


@pytest.mark.parametrize("key", DATASETS)
def test_numbers_out_of_range_are_refused(key: str) -> None:
    cls = DATASETS[key]
    for name, declared in hypers(cls).items():
        wrong = [declared.low - 1.0, declared.high * 1.01 + 1.0, np.nan, "3"] + ([declared.low + 0.5] if declared.scale == "integer_log" else [])
        for value in wrong:
            with pytest.raises(ValueError, match=rf"{cls.__name__}\.{name} = .* (is outside|is not a)"):
                prepare(cls(**{name: value}), 0, 0.5, True)


@pytest.mark.parametrize("seed", [-1, 1.5, 2.0, True, "1", None])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    with pytest.raises(ValueError, match=r"seed = .* is not a whole number"):
        prepare(DATASETS["xor"](), seed, 0.5, True)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, 0.04, np.nan, np.inf, "0.5", None])
def test_a_share_is_inside_its_range(share: Any) -> None:
    with pytest.raises(ValueError, match=r"train_share = .* is outside \[0.05, 0.95\]"):
        prepare(DATASETS["xor"](), 0, share, True)


# --- principal components ---


@given(
    arrays(float, st.tuples(st.integers(2, 30), st.integers(2, 12)), elements=st.floats(-1e3, 1e3, allow_subnormal=False)), st.integers(0, 2**32 - 1)
)  # fmt: skip
def test_principal_components_are_scikit_learns(x: np.ndarray, seed: int) -> None:
    x = x + np.random.default_rng(seed).normal(0.0, 10.0, x.shape)  # columns that do not coincide: then the axes are unique, almost surely
    centre, axes, share = principal(x)
    judge = PCA(2, svd_solver="full").fit(x)
    np.testing.assert_allclose(centre, judge.mean_, atol=1e-9)
    np.testing.assert_allclose(share, judge.explained_variance_ratio_, atol=1e-9)
    np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-9)
    gaps = -np.diff(PCA(svd_solver="full").fit(x).singular_values_)
    if (gaps[:2] > 1e-3 * judge.singular_values_[0]).all() and judge.singular_values_[1] > 1e-3 * judge.singular_values_[0]:
        np.testing.assert_allclose(np.abs(np.sum(axes * judge.components_, axis=1)), 1.0, atol=1e-6)
    assert all(axis[np.abs(axis).argmax()] > 0.0 for axis in axes)


def test_the_picture_of_the_digits() -> None:
    """The pictured points are scikit-learn's, up to the sign."""
    x = sklearn.datasets.load_digits().data
    centre, axes, share = principal(x)
    theirs = PCA(2, svd_solver="full").fit_transform(x)
    np.testing.assert_allclose(np.abs((x - centre) @ axes.T), np.abs(theirs), atol=1e-8)
    assert share[0] > share[1] > 0.1


def test_the_picture_does_not_flip() -> None:
    """Not with the sign of the axes that the decomposition happens to give: mirrored data have mirrored axes, the largest entry still positive."""
    x = np.random.default_rng(0).normal(size=(50, 5)) * [1, 2, 3, 4, 5]
    _, axes, _ = principal(x)
    assert np.allclose(principal(-x)[1], axes) and np.allclose(principal(x[::-1])[1], axes)


def test_points_that_coincide_have_no_spread() -> None:
    centre, axes, share = principal(np.full((5, 3), 2.0))
    assert np.array_equal(centre, [2, 2, 2]) and np.array_equal(share, [0, 0])
    np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-12)


@pytest.mark.parametrize("x", [np.zeros(4), np.zeros((4, 1)), np.zeros((1, 4)), np.full((3, 3), np.nan), np.array([[1.0, np.inf], [0.0, 1.0]])])
def test_no_plane_without_points(x: np.ndarray) -> None:
    with pytest.raises(ValueError, match="is not a finite array"):
        principal(x)


def test_an_own_file_from_bytes_to_data() -> None:
    """The whole way: read, split by class, scaled."""
    lines = ["a,b,label"] + [f"{i},{i * i},{'even' if i % 2 == 0 else 'odd'}" for i in range(20)]
    data = prepare(Uploaded(read_csv("\n".join(lines).encode())), 1, 0.7, True)
    check_split(data, 0.7)
    assert data.labels == ("even", "odd") and data.names == ("a", "b") and np.allclose(data.x[data.train].std(axis=0), 1.0)
