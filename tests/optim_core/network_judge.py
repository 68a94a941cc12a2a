"""The networks of `optim_core.networks` written once more in PyTorch, from the same flat vector, objects as rows as PyTorch has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from torch.nn import functional

from optim_core.networks import Course, Network
from optim_core.networks.batches import batches, per_epoch
from optim_core.networks.forward import masks

FUNCTIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "linear": lambda z: z,
    "step": lambda z: torch.heaviside(z.detach(), torch.zeros((), dtype=z.dtype)),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu_01": lambda z: functional.leaky_relu(z, 0.1),
    "leaky_relu_001": lambda z: functional.leaky_relu(z, 0.01),
    "elu": functional.elu,
    "softplus": lambda z: functional.softplus(z, threshold=1e6),
    "maxout": lambda z: z.unflatten(1, (2, -1)).max(dim=1).values,
}


class Judge(torch.nn.Module):
    """A network of PyTorch's own layers; `read` and `write` carry the flat vector of ours."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        inputs = [network.inputs, *(width for width, _ in network.hidden)]
        self.linear = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(inputs, [*network.channels, network.outputs], strict=True))
        kinds: dict[str, Callable[[int], torch.nn.Module]] = {
            "none": lambda count: torch.nn.Identity(), "batch": torch.nn.BatchNorm1d, "layer": torch.nn.LayerNorm
        }  # fmt: skip
        self.norm = torch.nn.ModuleList(kinds[network.norm](count) for count in network.channels)
        self.double()

    def tensor(self, name: str, layer: int) -> torch.nn.Parameter:
        """The parameter that one of `network.parts` names; W is its transpose."""
        home: Any = self.linear[layer] if name in "Wb" else self.norm[layer]
        return home.weight if name in ("W", "gamma") else home.bias

    def write(self, w: np.ndarray) -> Judge:
        """Take all parameters from the flat vector."""
        with torch.no_grad():
            for part in self.network.parts:
                value = torch.tensor(np.asarray(w)[part.where].reshape(part.shape))
                self.tensor(part.name, part.layer).copy_(value.T if part.name == "W" else value)
        return self

    def read(self, *, gradient: bool = False) -> np.ndarray:
        """The parameters, or their gradients, as a flat vector."""
        flat = np.empty(self.network.size)
        for part in self.network.parts:
            value: Any = self.tensor(part.name, part.layer)
            value = (torch.zeros_like(value) if value.grad is None else value.grad) if gradient else value.detach()
            flat[part.where] = (value.T if part.name == "W" else value).numpy().ravel()
        return flat

    def stats(self) -> np.ndarray:
        """The running means and variances in our order."""
        if self.network.norm != "batch":
            return np.zeros(0)
        return np.concatenate([np.concatenate([norm.running_mean.numpy(), norm.running_var.numpy()]) for norm in self.norm])

    def forward(self, x: torch.Tensor, keep: Sequence[np.ndarray] | None = None) -> torch.Tensor:
        """Values before the head, `(n, q)`; `keep` is what dropout multiplies by, features first."""
        h = x
        for layer, (width, activation) in enumerate(self.network.hidden):
            out = FUNCTIONS[activation](self.norm[layer](self.linear[layer](h)))
            if keep is not None:
                out = out * torch.tensor(np.asarray(keep[layer])).T
            h = out + h if self.network.residual and layer > 0 and h.shape[1] == width else out
        values: torch.Tensor = self.linear[-1](h)
        return values

    def loss(self, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """The mean loss by PyTorch's own functions."""
        head, kind = self.network.head, self.network.loss
        if kind == "binary":
            return functional.binary_cross_entropy_with_logits(z[:, 0], y)
        if kind == "categorical":
            return functional.cross_entropy(z, y.long())
        if head == "softmax":
            truth = functional.one_hot(y.long(), z.shape[1]).double()
            return functional.mse_loss(z.softmax(1), truth, reduction="sum") / len(y)
        told = torch.sigmoid(z[:, 0]) if head == "sigmoid" else z[:, 0]
        return functional.l1_loss(told, y) if kind == "mae" else functional.mse_loss(told, y)

    def penalty(self, l1: float, l2: float) -> torch.Tensor:
        """λ₁‖W‖₁ + (λ₂/2)‖W‖²."""
        return sum((l1 * linear.weight.abs().sum() + l2 / 2 * linear.weight.square().sum() for linear in self.linear), torch.zeros(()))

    @torch.no_grad()
    def judged(self, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
        """Loss and accuracy in evaluation mode."""
        self.eval()
        z, target = self(torch.tensor(x)), torch.tensor(y)
        chosen = (torch.sigmoid(z[:, 0]) > 0.5).double() if self.network.head == "sigmoid" else z.argmax(1).double()
        accuracy = float("nan") if self.network.head == "linear" else (chosen == target).double().mean().item()
        return self.loss(z, target).item(), accuracy


def training(course: Course, make: Callable[[Any], torch.optim.Optimizer]) -> dict[str, np.ndarray]:
    """The same training by an optimizer of PyTorch, the same batches and masks.

    Returns:
        Under the names of `Training`: loss and grad_norm `(T,)`, w and stats of every iteration `(T+1, …)`, and what was judged after every epoch `(E+1,)`.
    """
    judge = Judge(course.network).write(course.start)
    optimizer = make(judge.parameters())
    x, y, n = torch.tensor(course.x), torch.tensor(course.y), len(course.y)
    drawn, k = batches(n, course.batch, course.epochs, (course.seed, 1)), per_epoch(n, course.batch)
    key, size = jax.random.key(course.seed), course.batch if k > 1 else n
    drawn_masks = jax.jit(masks, static_argnums=3)
    told: dict[str, list[Any]] = {
        name: [] for name in ("loss", "grad_norm", "w", "stats", "train_loss", "train_accuracy", "valid_loss", "valid_accuracy")
    }  # fmt: skip
    for t in range(course.epochs * k + 1):
        told["w"].append(judge.read())
        told["stats"].append(judge.stats())
        if t % k == 0:
            for side, (points, targets) in (("train", (course.x, course.y)), ("valid", (course.valid_x, course.valid_y))):
                for name, value in zip(("loss", "accuracy"), judge.judged(points, targets), strict=True):
                    told[f"{side}_{name}"].append(value)
        if t == course.epochs * k:
            break
        judge.train()
        rows = torch.arange(n) if drawn is None else torch.tensor(drawn[0][t][drawn[1][t] > 0])
        keep = drawn_masks(course.network, key, jnp.asarray(t + 1.0), size, jnp.asarray(course.dropout)) if course.network.dropout else None
        optimizer.zero_grad()
        z = judge(x[rows], None if keep is None else [np.asarray(mask)[:, : len(rows)] for mask in keep])
        loss = judge.loss(z, y[rows]) + judge.penalty(course.l1, course.l2)
        loss.backward()
        told["loss"].append(loss.item())
        told["grad_norm"].append(np.linalg.norm(judge.read(gradient=True)))
        optimizer.step()
    return {name: np.array(values) for name, values in told.items()}
