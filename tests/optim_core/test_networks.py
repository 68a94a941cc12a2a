"""Small networks against PyTorch, finite differences, and what the lectures say of them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from optim_core.clipping import CLIPS
from optim_core.networks import ACTIVATIONS, INITS, LOSSES, Course, Layer, Network, Training, first_weights, outputs, record, train, training
from optim_core.networks.forward import Batch, forward, masks, mean_loss, penalty
from optim_core.networks.record import checkpoints
from optim_core.noise import Noise
from optim_core.optimizers import REGISTRY
from optim_core.oracles import Oracle
from optim_core.schedules import REGISTRY as SCHEDULES
from tests.optim_core.network_judge import Judge
from tests.optim_core.network_judge import training as judged_training
from tests.unoptimised import unoptimised

RNG = np.random.default_rng(6)
X, VALID_X = RNG.standard_normal((23, 2)), RNG.standard_normal((11, 2))
CLASSES, VALID_CLASSES = RNG.integers(0, 3, 23).astype(float), RNG.integers(0, 3, 11).astype(float)
SMALL = Network(2, (Layer(8, "tanh"),), 1, "sigmoid", "binary")
ADAM = REGISTRY["adam"]()


@pytest.fixture(scope="module", autouse=True)
def quick_to_compile() -> Iterator[None]:
    """PyTorch's threads would wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with unoptimised():
        yield
    torch.set_num_threads(threads)


def course(network: Network = SMALL, **changes: Any) -> Course:
    """A small training with two or three classes."""
    y, valid_y = (CLASSES, VALID_CLASSES) if network.outputs > 1 else (np.minimum(CLASSES, 1.0), np.minimum(VALID_CLASSES, 1.0))
    start = first_weights(network, INITS["xavier_normal"](), 3)
    return Course(network, X, y, VALID_X, valid_y, ADAM, 0.05, start, 20)._replace(**changes)


def combinations() -> list[Network]:
    """Every activation, every head with every loss, every norm, with and without residual and dropout: each at least once, most pairs too."""
    heads = [(head, loss) for head, kinds in LOSSES.items() for loss in kinds]
    made = []
    for at, activation in enumerate(ACTIVATIONS):
        head, loss = heads[at % len(heads)]
        norm: Any = ("batch", "none", "layer")[at % 3]
        other = list(ACTIVATIONS)[(at + 3) % len(ACTIVATIONS)]
        hidden = (Layer(3, activation), Layer(3, other), Layer(4, activation))
        made.append(Network(2, hidden, 3 if head == "softmax" else 1, head, loss, norm, residual=at % 2 == 0, dropout=at % 4 < 2))
    return made


def targets(network: Network, n: int) -> np.ndarray:
    return RNG.standard_normal(n) if network.head == "linear" else RNG.integers(0, max(2, network.outputs), n).astype(float)


@pytest.mark.parametrize("network", combinations(), ids=lambda network: f"{network.hidden[0].activation}-{network.norm}-{network.loss}")
def test_gradient(network: Network) -> None:
    """Loss, gradient and running statistics of a short batch with dropout and penalties against PyTorch; the gradient against differences too."""
    n, w = 7, RNG.standard_normal(network.size)
    x, y, mask = RNG.standard_normal((n, 2)), targets(network, n), np.array([1.0] * 5 + [0.0] * 2)
    keep = masks(network, jax.random.key(2), jnp.asarray(9.0), n, jnp.asarray(0.3)) if network.dropout else None
    batch = Batch(jnp.array(x.T), jnp.array(y), jnp.array(mask), keep)
    stats = jnp.array(RNG.uniform(0.5, 2.0, network.stats))
    l1, l2 = 0.02, 0.3

    def loss(w: jax.Array) -> tuple[jax.Array, jax.Array]:
        passed = forward(network, w, stats, batch, training=True)
        return mean_loss(network, passed.values, batch) + penalty(network, w, jnp.asarray(l1), jnp.asarray(l2)), passed.stats

    both = jax.jit(jax.value_and_grad(loss, has_aux=True))
    (ours, after), gradient = both(jnp.array(w))

    judge = Judge(network).write(w)
    if network.norm == "batch":
        at = 0
        for norm in judge.norm:
            count = norm.running_mean.numel()
            norm.running_mean.copy_(torch.tensor(np.asarray(stats[at : at + count])))
            norm.running_var.copy_(torch.tensor(np.asarray(stats[at + count : at + 2 * count])))
            at += 2 * count
    z = judge(torch.tensor(x[:5]), None if keep is None else [np.asarray(part)[:, :5] for part in keep])
    theirs = judge.loss(z, torch.tensor(y[:5])) + judge.penalty(l1, l2)
    theirs.backward()
    np.testing.assert_allclose(ours, theirs.item(), rtol=1e-12)
    np.testing.assert_allclose(gradient, judge.read(gradient=True), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(after, judge.stats(), rtol=1e-12)

    h = 1e-6
    for direction in RNG.standard_normal((3, network.size)):
        difference = (both(jnp.array(w + h * direction))[0][0] - both(jnp.array(w - h * direction))[0][0]) / (2.0 * h)
        assert float(difference) == pytest.approx(float(gradient @ direction), rel=1e-5, abs=1e-5)

    told = np.asarray(outputs(network, jnp.array(w), after, jnp.array(x)))
    judge.eval()
    raw = judge(torch.tensor(x)).detach()
    heads: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {"linear": lambda z: z, "sigmoid": torch.sigmoid, "softmax": lambda z: z.softmax(1)}
    np.testing.assert_allclose(told, heads[network.head](raw).numpy(), rtol=1e-10, atol=1e-12)


EVERYTHING = {
    "batch norm": Network(
        2, (Layer(4, "tanh"), Layer(4, "relu"), Layer(4, "maxout"), Layer(3, "sigmoid"), Layer(3, "leaky_relu_01")), 3, "softmax", "categorical",
        "batch", residual=True, dropout=True,
    ),
    "layer norm": Network(
        2, (Layer(4, "elu"), Layer(4, "softplus"), Layer(4, "leaky_relu_001"), Layer(3, "maxout"), Layer(3, "linear")), 1, "sigmoid", "binary",
        "layer", residual=True, dropout=True,
    ),
}  # fmt: skip
EPSILON = 1e-5
"""Adam's: the gradient of a bias before batch norm is 0 but for rounding, and 1e-8 lets rounding of 1e-17 move it by 1e-9 of a step, in either direction."""
TWINS: dict[str, tuple[Any, Callable[[Any], torch.optim.Optimizer]]] = {
    "sgd": (REGISTRY["gradient_descent"](), lambda p: torch.optim.SGD(p, lr=0.02)),
    "momentum": (REGISTRY["momentum"](beta=0.8), lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.8)),
    "adam": (REGISTRY["adam"](epsilon=EPSILON), lambda p: torch.optim.Adam(p, lr=0.02, eps=EPSILON)),
}


def same(record: Training, theirs: dict[str, np.ndarray]) -> None:
    """Everything that PyTorch's training tells."""
    for name, values in theirs.items():
        np.testing.assert_allclose(getattr(record, name), values, rtol=0, atol=1e-9, err_msg=name)


@pytest.mark.parametrize(("norm", "twin"), [("batch norm", "sgd"), ("batch norm", "momentum"), ("batch norm", "adam"), ("layer norm", "adam")])
def test_whole_training(norm: str, twin: str) -> None:
    """100 iterations with every layer type at once, a short batch at the end of every epoch: weights and statistics after each, and every epoch's figures."""
    optimizer, make = TWINS[twin]
    asked = course(EVERYTHING[norm], optimizer=optimizer, lr=0.02, epochs=25, batch=6, dropout=0.2, l1=1e-3, l2=1e-2, checkpoints=range(101))
    record = train(asked)
    assert record.n_steps == 100 and record.per_epoch == 4
    same(record, judged_training(asked, make))


@pytest.mark.parametrize(("network", "changes"), [
    (SMALL, {}),
    (dataclasses.replace(SMALL, norm="layer"), {"l2": 0.1}),
    (dataclasses.replace(SMALL, norm="batch"), {"l2": 0.1}),
    (dataclasses.replace(SMALL, dropout=True), {"dropout": 0.5}),
    (Network(2, (), 1, "linear", "mse"), {}),
], ids=["plain", "layer norm", "batch norm", "dropout", "linear regression"])  # fmt: skip
def test_full_batch(network: Network, changes: dict[str, Any]) -> None:
    """Where a step sees all objects, its own pass is the epoch's judgement, unless norm or dropout make training and test differ."""
    optimizer, make = TWINS["adam"]
    asked = course(network, optimizer=optimizer, lr=0.02, epochs=60, checkpoints=range(61), **changes)
    same(train(asked), judged_training(asked, make))


def small_loss(w: jax.Array) -> jax.Array:
    """The loss of `SMALL` on all objects of `course()`, typed once more; one argument, so that an oracle can be made of it."""
    first, last = w[:24], w[24:]
    z = jnp.tanh(X @ first[:16].reshape(2, 8) + first[16:]) @ last[:8] + last[8]
    y = np.minimum(CLASSES, 1.0)
    return jnp.mean(jnp.logaddexp(z, 0.0) - y * z)


HEIGHT, SLOPE, CURVATURE = (jax.jit(part) for part in (small_loss, jax.grad(small_loss), jax.hessian(small_loss)))
HEIGHTS, SLOPES = (jax.jit(jax.vmap(part)) for part in (small_loss, jax.grad(small_loss)))

LOOPED = ("gradient_descent", "nesterov", "bfgs", "newton", "sam", "line_search_gd", "schedule_free_sgd")


@pytest.mark.parametrize("key", REGISTRY)
def test_every_optimizer(key: str) -> None:
    """Each trains the network unchanged: its record is true of the weights it holds, and equals a plain loop with JAX's derivatives."""
    optimizer = REGISTRY[key]()
    record = train(course(optimizer=optimizer, lr=0.01, epochs=12))
    np.testing.assert_allclose(record.loss, HEIGHTS(jnp.array(record.w[:-1])), rtol=1e-12)
    np.testing.assert_allclose(record.train_loss, HEIGHTS(jnp.array(record.w)), rtol=1e-12)
    moved = np.abs(np.diff(record.w, axis=0)).max(axis=1)
    assert np.isfinite(record.w).all() and (moved > 0.0).all()
    if key in LOOPED:
        oracle = Oracle(SLOPE, HEIGHT, CURVATURE)
        w = jnp.array(course().start)
        state = optimizer.init(w)
        for t in range(6):
            np.testing.assert_allclose(record.w[t], w, rtol=1e-9, atol=1e-11)
            w, state, _ = optimizer.step(oracle, w, state, jnp.asarray(0.01), jnp.asarray(t + 1.0))


def test_numbers_do_not_compile(compilations: list[str]) -> None:
    """What a slider moves is traced; another width is another program."""
    network = dataclasses.replace(SMALL, dropout=True)
    asked = course(network, batch=6, dropout=0.1, l1=0.1, noise=Noise(0.1, 0.0, 1), clip=CLIPS["norm"](threshold=1.0))
    train(asked)
    programs: list[Any] = [training._chunk, record.evaluate]
    before = [program._cache_size() for program in programs]
    compilations.clear()
    for changes in (
        {"lr": 0.3}, {"lr": SCHEDULES["cosine"](), "base_lr": 0.2}, {"optimizer": REGISTRY["adam"](beta1=0.5, beta2=0.9)}, {"dropout": 0.7}, {"l1": 0.0},
        {"l2": 0.2}, {"noise": Noise(3.0, 0.5, 2)}, {"clip": CLIPS["norm"](threshold=0.1)}, {"seed": 5}, {"epochs": 31}, {"epochs": 1}, {"replace": True},
        {"start": first_weights(network, INITS["he"](), 9)},
    ):  # fmt: skip
        train(asked._replace(**changes))
    assert [program._cache_size() for program in programs] == before and not compilations
    train(course(dataclasses.replace(network, hidden=(Layer(7, "tanh"),)), batch=6, dropout=0.1))
    assert compilations


def test_constant_weights_stay_equal() -> None:
    """Row A17: neurons that begin equal get equal gradients and stay one neuron; with zeros nothing but the last bias moves."""
    record = train(course(start=first_weights(SMALL, INITS["constant"](), 1)))
    weights = record.w[:, :16].reshape(-1, 2, 8)
    np.testing.assert_allclose(weights, np.broadcast_to(weights[:, :, :1], weights.shape), rtol=1e-12)
    assert np.abs(np.diff(weights[:, 0, 0])).min() > 0.0
    record = train(course(start=first_weights(SMALL, INITS["zero"](), 1)))
    assert (record.w[:, :-1] == 0.0).all() and (record.w[1:, -1] != 0.0).all()


def test_clip_and_noise() -> None:
    """Gradient noise and clipping reach the step; ‖g‖ is that before clipping, and the loss stays that of the objects."""
    clipped = train(course(optimizer=REGISTRY["gradient_descent"](), lr=1.0, clip=CLIPS["norm"](threshold=0.01)))
    np.testing.assert_allclose(np.linalg.norm(np.diff(clipped.w, axis=0), axis=1), 0.01, rtol=1e-9)
    assert clipped.grad_norm.min() > 0.011
    noise = Noise(0.3, 0.0, 5)
    noisy = train(course(optimizer=REGISTRY["gradient_descent"](), lr=1.0, noise=noise))
    gradient = SLOPES(jnp.array(noisy.w[:-1])) + noise.draw(20, SMALL.size)
    np.testing.assert_allclose(np.diff(noisy.w, axis=0), -gradient, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(noisy.grad_norm, np.linalg.norm(gradient, axis=1), rtol=1e-9)
    np.testing.assert_allclose(noisy.loss, HEIGHTS(jnp.array(noisy.w[:-1])), rtol=1e-12)


def test_schedules() -> None:
    """A cosine is followed; a plateau lowers η because the loss does not fall: here η is 0.5 and the weights cannot move."""
    cosine = SCHEDULES["cosine"]()
    record = train(course(lr=cosine, base_lr=0.3))
    np.testing.assert_allclose(record.lr, cosine(np.arange(20), 20, 0.3), rtol=1e-14)
    plateau = SCHEDULES["plateau"](factor=0.5, patience=2.0, threshold=0.01)
    record = train(course(start=np.zeros(SMALL.size), lr=plateau, base_lr=1e-9))
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        held := torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1e-9), factor=0.5, patience=2, threshold=0.01, min_lr=0.0, eps=0.0
    )
    rates = []
    for loss in record.loss:
        rates.append(held.param_groups[0]["lr"])
        scheduler.step(float(loss))
    assert rates[-1] < 1e-10
    np.testing.assert_allclose(record.lr, rates, rtol=1e-12)


def test_progress_and_cancelling() -> None:
    """`tell` hears of all iterations; what it raises ends the training."""
    heard: list[tuple[int, int]] = []
    train(course(epochs=120), lambda done, all_of_them: heard.append((done, all_of_them)))
    assert heard == [(50, 120), (100, 120), (120, 120)]

    class Cancelled(Exception):
        pass

    def cancel(done: int, _: int) -> None:
        heard.append((done, 0))
        raise Cancelled

    with pytest.raises(Cancelled):
        train(course(epochs=5000), cancel)
    assert heard[3:] == [(50, 0)]


def test_the_record() -> None:
    """More epochs begin the same; checkpoints are rows of the whole record; the best epoch is the lowest of validation, with its weights."""
    asked = course(dataclasses.replace(SMALL, dropout=True), batch=6, dropout=0.2, epochs=40)
    whole, short = train(asked._replace(checkpoints=range(161))), train(asked._replace(epochs=17))
    np.testing.assert_array_equal(whole.loss[:68], short.loss)
    np.testing.assert_array_equal(whole.valid_loss[:18], short.valid_loss)
    assert whole.epoch_at.tolist() == list(range(0, 161, 4)) and whole.nbytes > whole.w.nbytes
    some = train(asked)
    assert some.at[0] == 0 and some.at[-1] == 160 and 60 < len(some.at) <= 80 and (some.at == checkpoints(160)).all()
    np.testing.assert_array_equal(some.w, whole.w[some.at])
    assert some.best == int(np.argmin(whole.valid_loss)) and (some.best_w == whole.w[whole.epoch_at[some.best]]).all()


def test_divergence_is_recorded() -> None:
    """A thousand times too large a step: what overflows is inf or nan in the record, and the best epoch is still one that was."""
    network = Network(2, (Layer(8, "linear"),), 1, "linear", "mse")
    record = train(course(network, optimizer=REGISTRY["gradient_descent"](), lr=1e3, epochs=60))
    assert not np.isfinite(record.loss[-1]) and not np.isfinite(record.valid_loss[-1]) and not np.isfinite(record.w[-1]).all()
    assert np.isfinite(record.loss[:3]).all() and (np.diff(record.loss[:3]) > 0.0).all() and record.loss[2] > 1e6  # nothing was cut on the way
    assert record.best == int(np.nanargmin(record.valid_loss)) and np.isfinite(record.best_w).all()
    assert np.isnan(record.train_accuracy).all() and np.isnan(record.valid_accuracy).all()
    classes = train(course(dataclasses.replace(SMALL, hidden=(Layer(8, "linear"),)), optimizer=REGISTRY["gradient_descent"](), lr=1e200, epochs=60))
    assert np.isnan(classes.loss[-1]) and classes.valid_accuracy[-1] == 0.0 and classes.train_accuracy[-1] == 0.0


@pytest.mark.parametrize(("changes", "named"), [
    ({"x": X[:, :1]}, "x has shape"), ({"y": CLASSES[:-1]}, "x has shape"), ({"valid_x": np.full((11, 2), np.nan)}, "valid_x"), ({"batch": -1}, "batch"),
    ({"batch": 24}, "batch"), ({"dropout": 1.0}, "dropout"), ({"l1": -1.0}, "l1"), ({"l2": math.inf}, "l2"), ({"epochs": 0}, "epochs"),
    ({"epochs": 20_001}, "epochs"), ({"start": np.zeros(3)}, "start"), ({"start": np.full(SMALL.size, math.nan)}, "start"), ({"lr": -1.0}, "lr"),
    ({"checkpoints": [0, 5]}, "checkpoints"), ({"checkpoints": [0, 5, 5, 20]}, "checkpoints"),
    ({"network": dataclasses.replace(SMALL, hidden=(Layer(65, "tanh"),))}, "width"),
    ({"network": dataclasses.replace(SMALL, loss="mae", head="softmax")}, "loss"),
    ({"network": dataclasses.replace(SMALL, hidden=(Layer(1, "sin"),))}, "activation"),
    ({"network": dataclasses.replace(SMALL, hidden=(Layer(1, "tanh"),) * 7)}, "hidden"), ({"network": dataclasses.replace(SMALL, outputs=2)}, "outputs"),
    ({"network": dataclasses.replace(SMALL, norm="group")}, "norm"),
])  # fmt: skip
def test_bad_arguments(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        train(course()._replace(**changes))
