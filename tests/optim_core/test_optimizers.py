"""Every optimizer against judges that nobody here wrote, published numbers, steps by hand, and its own record."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
import modern_judges
import numpy as np
import optimizer_judges
import pytest
from optimizer_judges import PROBLEMS, Judge, nesterov, nesterov_added_velocity

from optim_core import simulate
from optim_core.hyper import Hyper, hypers, resolve, spec
from optim_core.optimizers import REGISTRY
from optim_core.types import Trajectory
from surfaces import REGISTRY as SURFACES

T = 200
SLIDES = optimizer_judges.LECTURE | modern_judges.PAPER
LIBRARY = optimizer_judges.LIBRARY | modern_judges.LIBRARY
LOOK_AHEAD = optimizer_judges.LOOK_AHEAD | modern_judges.LOOK_AHEAD
QUADRATIC = SURFACES["elongated_quadratic"]()

losses = jax.jit(lambda surface, points: jax.vmap(surface)(points))
gradients = jax.jit(lambda surface, points: jax.vmap(jax.grad(surface))(points))


def moved(declared: Hyper) -> float:
    """Another value in the range: half the memory of a decay near 1, else half-way to the upper end."""
    if declared.scale == "complement_log":
        return 1 - 2 * (1 - declared.default)
    if declared.scale == "log":
        return math.sqrt(declared.default * declared.high)
    return (declared.default + declared.high) / 2


def settings(key: str) -> list[Any]:
    """The default spec, and one with every hyper-parameter moved."""
    default = REGISTRY[key]()
    return [default, dataclasses.replace(default, **{name: moved(declared) for name, declared in hypers(default).items()})]


def learning_rate(key: str, name: str) -> float:
    problem = PROBLEMS[name]
    return modern_judges.RATES.get(key, problem.scale_free_lr if REGISTRY[key].scale_free else problem.lr)


def run(optimizer: Any, name: str, lrs: float | np.ndarray) -> Trajectory:
    return simulate(optimizer, SURFACES[name](), PROBLEMS[name].start, lrs, T)


def cases(table: dict[str, tuple[Judge, ...]]) -> list[Any]:
    return [pytest.param(key, judge, id=f"{key}-{i}") for key, judges in table.items() for i, judge in enumerate(judges)]


def test_every_optimizer_has_a_judge() -> None:
    """A new file without a judge fails here, and so does a judge without a file."""
    assert set(REGISTRY) == {key for table in (SLIDES, LIBRARY, LOOK_AHEAD) for key, judges in table.items() if judges}


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize(("key", "judge"), cases(SLIDES))
def test_lecture(key: str, judge: Judge, name: str) -> None:
    """The loop of the slide or of the paper, at a constant and at a decaying learning rate."""
    for optimizer in settings(key):
        lr = learning_rate(key, name)
        for lrs in (np.full(T, lr), lr / np.sqrt(np.arange(1, T + 1))):
            judged = judge(optimizer, PROBLEMS[name], lrs)
            assert np.abs(run(optimizer, name, lrs).w - judged).max() <= modern_judges.TOLERANCES.get(key, 1e-10)


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize(("key", "judge"), cases(LIBRARY))
def test_library(key: str, judge: Judge, name: str) -> None:
    """torch and optax."""
    for optimizer in settings(key):
        lr = learning_rate(key, name)
        judged = judge(optimizer, PROBLEMS[name], np.full(T, lr))
        assert np.abs(run(optimizer, name, lr).w - judged).max() <= 1e-10


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize(("key", "judge"), cases(LOOK_AHEAD))
def test_library_look_ahead(key: str, judge: Judge, name: str) -> None:
    """The libraries' iterates are the recorded query points."""
    for optimizer in settings(key):
        lr = learning_rate(key, name)
        judged = judge(optimizer, PROBLEMS[name], np.full(T, lr))
        path = run(optimizer, name, lr)
        assert np.abs(path.step.query - judged[:-1]).max() <= 1e-10
        assert np.abs(path.w - judged).max() > 1e-3


@pytest.mark.parametrize(
    ("key", "fields", "lr", "expected"),
    [
        ("gradient_descent", {}, 0.4, (-0.943467, -0.000073)),
        ("momentum", {"beta": 0.5}, 0.6, (0.007188, 0.002553)),
        ("rmsprop_inner_epsilon", {"gamma": 0.9, "epsilon": 1e-6}, 0.4, (-0.010599, 0.0)),
    ],
)
def test_published(key: str, fields: dict[str, float], lr: float, expected: tuple[float, float]) -> None:
    """d2l.ai, 20 steps from (−5, −2), as printed with six decimals."""
    path = simulate(REGISTRY[key](**fields), QUADRATIC, (-5.0, -2.0), lr, 20)
    assert np.abs(path.w[-1] - expected).max() <= 5.1e-7


@pytest.mark.parametrize(
    ("key", "fields", "first", "second"),
    [
        ("gradient_descent", {}, (-4.9, -1.2), (-4.802, -0.72)),
        ("momentum", {"beta": 0.5}, (-4.9, -1.2), (-4.752, -0.32)),
        ("momentum_inner_rate", {"beta": 0.5}, (-4.9, -1.2), (-4.752, -0.32)),
        ("momentum_ema", {"beta": 0.5}, (-4.95, -1.6), (-4.8755, -1.08)),
        ("nesterov", {"beta": 0.5}, (-4.9, -1.2), (-4.753, -0.48)),
        # g = (−1, −8): the first step is η in both coordinates; then g = (−0.98, −7.6), s = (1.9604, 121.76)
        ("adagrad", {"epsilon": 1e-12}, (-4.9, -1.9), (-4.9 + 0.098 / 1.9604**0.5, -1.9 + 0.76 / 121.76**0.5)),
        # the first step is η(1−β₁)/√(1−β₂) = 0.1·0.5/0.5
        ("adam_uncorrected", {"beta1": 0.5, "beta2": 0.75, "epsilon": 1e-12}, (-4.9, -1.9), (-4.9 + 0.074 / 0.4276**0.5, -1.9 + 0.58 / 26.44**0.5)),
        # h = (−0.74, −5.8)/0.75, s = (0.4276, 26.44)/0.4375
        (
            "adam",
            {"beta1": 0.5, "beta2": 0.75, "epsilon": 1e-12},
            (-4.9, -1.9),
            (-4.9 + 0.074 / 0.75 / (0.4276 / 0.4375) ** 0.5, -1.9 + 0.58 / 0.75 / (26.44 / 0.4375) ** 0.5),
        ),
        ("sign_sgd", {}, (-4.9, -1.9), (-4.8, -1.8)),
        ("lion", {"decay": 0.5}, (-4.65, -1.8), (-4.3175, -1.61)),
        # z goes as gradient descent; w is z, then the mean of the two
        ("schedule_free_sgd", {"beta": 0.5}, (-4.9, -1.2), (-4.851, -0.96)),
        # H + μI = diag(1, 4.8); g = (−1, −8), then (−0.98, −22/3)
        ("newton", {"mu": 0.8}, (-4.9, -2.0 + 0.8 / 4.8), (-4.802, -2.0 + 0.8 / 4.8 + 2.2 / 3 / 4.8)),
    ],
)
def test_two_steps_by_hand(key: str, fields: dict[str, float], first: tuple[float, float], second: tuple[float, float]) -> None:
    """L = 0.1w₁² + 2w₂² from (−5, −2) with η = 0.1; the gradient is (0.2w₁, 4w₂)."""
    path = simulate(REGISTRY[key](**fields), QUADRATIC, (-5.0, -2.0), 0.1, 2)
    assert np.abs(path.w - [(-5.0, -2.0), first, second]).max() <= 1e-11


def test_momentum_variants_part_when_the_rate_changes() -> None:
    """A11 and D5 coincide at constant η only."""
    outer, inner = REGISTRY["momentum"](), REGISTRY["momentum_inner_rate"]()
    decaying = 1e-3 * 0.99 ** np.arange(T)
    assert np.abs(run(outer, "rosenbrock", 1e-3).w - run(inner, "rosenbrock", 1e-3).w).max() <= 1e-10
    assert np.abs(run(outer, "rosenbrock", decaying).w - run(inner, "rosenbrock", decaying).w).max() > 1e-3


def test_nesterov_slides_agree() -> None:
    """C7 and D6 are the same iterates, v = −h."""
    optimizer, lrs = REGISTRY["nesterov"](), 1e-3 * 0.99 ** np.arange(T)
    path = [slide(optimizer, PROBLEMS["rosenbrock"], lrs) for slide in (nesterov, nesterov_added_velocity)]
    assert np.abs(path[0] - path[1]).max() <= 1e-12


def test_adan_is_optax_at_one_half() -> None:
    """optax 0.2.8 puts 1−β₂ where paper and authors have β₂; once the two agree everywhere, adan has a library."""
    for beta2, wanted in ((0.5, True), (0.92, False)):
        optimizer = REGISTRY["adan"](beta2=beta2)
        gaps = [np.abs(run(optimizer, name, 5e-4).w - modern_judges.adan_half(optimizer, PROBLEMS[name], np.full(T, 5e-4))).max() for name in PROBLEMS]
        assert bool(max(gaps) <= 1e-10) is wanted


def bowl(n: int) -> np.ndarray:
    """Positive definite and not diagonal."""
    return np.diag(np.arange(1.0, n + 1.0)) + 0.5


@spec
class Bowl:
    """½ wᵀAw of any dimension, with A = `bowl(n)`."""

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        return 0.5 * (w @ jnp.array(bowl(w.size)) @ w)


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_curvature_in_any_dimension(n: int) -> None:
    """Newton: one step by NumPy's solver. BFGS: it arrives, and each matrix maps the last change of the gradient to the last update."""
    start = np.linspace(-1.0, 2.0, n)
    stepped = simulate(REGISTRY["newton"](mu=0.1), Bowl(), start, 0.7, 1).w[-1]
    assert np.abs(stepped - (start - 0.7 * np.linalg.solve(bowl(n) + 0.1 * np.eye(n), bowl(n) @ start))).max() <= 1e-13
    path = simulate(REGISTRY["bfgs"](), Bowl(), start, 0.5, 100)
    assert path.loss[-1] < 1e-20
    for t in range(1, 20):
        matrix, y, p = path.state.inverse_hessian[t + 1].reshape(n, n), path.step.grad[t] - path.step.grad[t - 1], path.step.update[t - 1]
        assert np.abs(matrix @ y - p).max() <= 1e-10 * np.abs(p).max()


@pytest.mark.parametrize("key", SURFACES)
def test_bfgs_stays_positive_definite(key: str) -> None:
    """Also where the curvature is negative: there it learns nothing."""
    surface = SURFACES[key]()
    path = simulate(REGISTRY["bfgs"](), surface, surface.starts[0], 0.1, 100)
    tame = int(np.argmin(np.r_[(np.abs(path.step.grad) < 1e30).all(axis=1), False]))
    matrices = path.state.inverse_hessian[1 : tame + 1]  # one a step
    assert tame > 10 and (np.linalg.eigvalsh(matrices.reshape(-1, 2, 2))[:, 0] > 0).all()
    turned = (np.diff(path.step.grad[:tame], axis=0) * path.step.update[: tame - 1]).sum(axis=1) <= 0
    assert (matrices[1:][turned] == matrices[:-1][turned]).all()


def test_sam_climbs() -> None:
    """By ρ, straight uphill; where there is no uphill it stays."""
    path = simulate(REGISTRY["sam"](rho=0.3), QUADRATIC, (-5.0, -2.0), 0.1, 1)
    assert np.abs(path.step.query[0] - (np.array([-5.0, -2.0]) - 0.3 * np.array([1.0, 8.0]) / 65**0.5)).max() <= 1e-15
    assert np.array_equal(simulate(REGISTRY["sam"](), QUADRATIC, (0.0, 0.0), 0.1, 1).w[-1], (0.0, 0.0))


@pytest.mark.parametrize("key", REGISTRY)
def test_at_rest_nothing_is_divided_by_zero(key: str) -> None:
    """In the minimum, with gradients of exactly 0; weight decay may draw it away."""
    path = simulate(REGISTRY[key](), SURFACES["rosenbrock"](), (1.0, 1.0), 1e-3, 20)
    assert all(np.isfinite(field).all() for field in (path.w, *jax.tree.leaves((path.step, path.state))))
    assert np.abs(path.w - 1.0).max() <= (1e-3 if getattr(REGISTRY[key](), "decay", 0.0) else 0.0)


def bounded() -> list[Any]:
    """Every optimizer with a bound, at several values of its hyper-parameters."""
    found = []
    for cls in REGISTRY.values():
        specs = [cls()] + [cls(**{name: d.low + part * (d.high - d.low)}) for name, d in hypers(cls).items() for part in (0.0, 0.3, 0.7, 0.98)]
        found += [optimizer for optimizer in specs if optimizer.lr_bound(1.0) is not None]
    return found


@pytest.mark.parametrize("optimizer", bounded(), ids=repr)
def test_lr_bound(optimizer: Any) -> None:
    """1 % below the bound converges, 1 % above diverges; the largest curvature is 4."""
    bound = optimizer.lr_bound(4.0)
    below, above = (simulate(optimizer, QUADRATIC, (-5.0, -2.0), factor * bound, 4000).loss for factor in (0.99, 1.01))
    assert below[-1] < 1e-8 * below[0]
    assert not above[-1] < 1e8 * above[0]


def test_some_optimizers_have_a_bound() -> None:
    """Else the test above would be empty."""
    assert {type(optimizer) for optimizer in bounded()} >= {REGISTRY[key] for key in ("gradient_descent", "momentum", "nesterov")}


@pytest.mark.parametrize("surface_key", SURFACES)
@pytest.mark.parametrize("key", REGISTRY)
def test_record_is_consistent(key: str, surface_key: str) -> None:
    """The update leads from point to point, the gradient is that of the query point, the first state is `init`."""
    optimizer, surface = REGISTRY[key](), SURFACES[surface_key]()
    lr = surface.learning_rates.scale_free if optimizer.scale_free else surface.learning_rates.gradient
    path = simulate(optimizer, surface, surface.starts[0], 0.1 * lr, 100)
    assert path.w.shape == (101, 2) and path.loss.shape == (101,) and path.lr.shape == (100,)
    assert all(field.shape == (100, 2) for field in path.step[:-1])
    assert np.array_equal(path.w[0], surface.starts[0])
    for field, initial in zip(path.state, optimizer.init(path.w[0]), strict=True):
        assert field.shape == (101, *initial.shape)
        assert np.array_equal(field[0], initial)
    # where a pair diverges, what a polynomial of degree 8 would carry past 1e308 is compared no more
    tame = int(np.argmin(np.r_[(np.abs(path.w) < 1e30).all(axis=1), False]))
    assert tame > 10
    before, after, update = path.w[: tame - 1], path.w[1:tame], path.step.update[: tame - 1]
    # XLA may fuse −ηg and the sum into one multiply-add, so the sum is exact up to the rounding of its largest term
    largest = np.maximum(np.maximum(np.abs(before), np.abs(after)), np.abs(update))
    assert (np.abs(after - (before + update)) <= np.spacing(largest)).all()
    gradient = np.asarray(gradients(resolve(surface), path.step.query))[: tame - 1]  # of all: one length, one compilation a surface
    assert (np.abs(path.step.grad[: tame - 1] - gradient) <= 1e-11 * (1 + np.abs(gradient).max(axis=1, keepdims=True))).all()
    loss = np.asarray(losses(resolve(surface), path.w))[:tame]
    assert (np.abs(path.loss[:tame] - loss) <= 1e-11 * (1 + np.abs(loss))).all()


@pytest.mark.parametrize("rho", [0.1, 0.5, 0.85, 0.9])
@pytest.mark.parametrize("key", ["rosenbrock", "beale", "goldstein_price"])
def test_a_line_search_never_gives_up_on_a_slope(key: str, rho: float) -> None:
    surface = SURFACES[key]()
    path = simulate(REGISTRY["line_search_gd"](rho=rho), surface, surface.starts[0], 1.0, 40)
    assert np.isfinite(path.step.inner.shortened).all() and (np.diff(path.loss) <= 0.0).all()
    assert path.loss[5] < path.loss[1] < path.loss[0]
