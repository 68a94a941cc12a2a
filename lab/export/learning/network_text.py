"""A network as text of a program, layer by layer as the lectures write it, with the names of JAX or PyTorch: forward pass, loss, accuracy, first weights.

Z = WᵀH + b → norm → f → dropout → (+ H where residual)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from optim_core.hyper import hypers
from optim_core.networks import INITS, Network
from optim_core.networks.forward import EPSILON, KEEP
from optim_core.registry import key_of

Library = Literal["torch", "jax"]

_WORDS: Mapping[Library, Mapping[str, str]] = MappingProxyType(
    {
        "jax": MappingProxyType(
            {
                **{name: f"jnp.{name}" for name in ("where", "arange", "sqrt", "tanh", "maximum", "isfinite")},
                **{name: f"jax.nn.{name}" for name in ("sigmoid", "relu", "elu")},
                **{"softplus": "jax.nn.softplus({})", "softmax": "jax.nn.softmax(Z, axis=0)", "logsumexp": "jax.nn.logsumexp(Z, axis=0)", "zeros": "jnp.zeros"},
                **{"ones": "jnp.ones", "fixed": "{}"},
            }
        ),
        "torch": MappingProxyType(
            {
                **{name: f"torch.{name}" for name in ("where", "arange", "sqrt", "tanh", "maximum", "isfinite", "sigmoid", "relu")},
                **{"elu": "torch.nn.functional.elu", "softplus": "torch.logaddexp({0}, torch.zeros_like({0}))", "softmax": "torch.softmax(Z, dim=0)"},
                **{"logsumexp": "torch.logsumexp(Z, dim=0)", "zeros": "torch.zeros", "ones": "torch.ones", "fixed": "{}.detach()"},
            }
        ),
    }
)


def parameters(network: Network) -> tuple[str, ...]:
    """What the forward pass is given beside `w` and the objects `x`."""
    return (*(("stats",) if network.norm == "batch" else ()), *(("keep",) if drops(network) else ()))


def drops(network: Network) -> bool:
    """Whether there is anything to drop."""
    return network.dropout and bool(network.hidden)


def network_text(network: Network, library: Library, l1: float, l2: float) -> str:
    """`layers`, `forward`, `mean_loss`, `objective` and for classes `accuracy`, as text.

    Args:
        network: its shape.
        library: whose names are used.
        l1, l2: of the penalties.
    """
    words = _WORDS[library]
    made = [_layers(network), *_helpers(network, words), _forward(network, words), _mean_loss(network, words), _objective(network, l1, l2)]
    if network.head != "linear":
        said = "(Z[0] > 0) == (y == 1)" if network.head == "sigmoid" else "Z.argmax(axis=0) == y"
        made.append(f"def accuracy(Z, y):\n    right = ({said}) & {words['isfinite']}(Z).all(axis=0)\n    return float(right.sum()) / len(y)")
    return "\n\n\n".join(made)


def _layers(network: Network) -> str:
    rows: list[list[str]] = [[] for _ in range(len(network.hidden) + 1)]
    for part in network.parts:
        reshaped = f".reshape{part.shape}" if part.name == "W" else ""
        rows[part.layer].append(f"w[{part.where.start}:{part.where.stop}]{reshaped}")
    said = "W and b of every layer" + (", γ and β of its norm" if network.norm != "none" and network.hidden else "")
    return f'def layers(w):\n    """{said}, from the flat w."""\n    return [\n' + "".join(f"        ({', '.join(row)}),\n" for row in rows) + "    ]"


def _helpers(network: Network, words: Mapping[str, str]) -> list[str]:
    if network.norm == "none" or not network.hidden:
        return []
    made = [f"def scaled(Z, mean, variance):\n    return (Z - mean) / {words['sqrt']}(variance + {EPSILON!r})"]
    if network.norm == "batch":
        fixed = words["fixed"]
        made.append(
            "def batch_normed(Z, running, training):\n"
            '    """Scaled by the batch, at test by the running mean and variance; and what these are after it."""\n'
            "    if not training:\n"
            "        return scaled(Z, running[0][:, None], running[1][:, None]), running\n"
            "    n, mean = Z.shape[1], Z.mean(axis=1)\n"
            "    variance = ((Z - mean[:, None]) ** 2).mean(axis=1)\n"
            "    unbiased = variance * n / (n - 1) if n > 1 else variance\n"
            f"    after = ({KEEP} * running[0] + {1 - KEEP:.1f} * {fixed.format('mean')}, {KEEP} * running[1] + {1 - KEEP:.1f} * {fixed.format('unbiased')})\n"
            "    return scaled(Z, mean[:, None], variance[:, None]), after"
        )
    return made


def _activation(activation: str, width: int, words: Mapping[str, str]) -> str:
    match activation:
        case "linear":
            return "Z"
        case "step":
            return f"{words['where']}(Z > 0, 1.0, 0.0)"
        case "leaky_relu_01" | "leaky_relu_001":
            return f"{words['where']}(Z > 0, Z, {0.1 if activation == 'leaky_relu_01' else 0.01} * Z)"
        case "maxout":
            return f"{words['maximum']}(Z[:{width}], Z[{width}:])"
        case "softplus":
            return words["softplus"].format("Z")
    return f"{words[activation]}(Z)"


def _forward(network: Network, words: Mapping[str, str]) -> str:
    batch, normed = network.norm == "batch", network.norm != "none"
    given = ", ".join(("w", "x", *parameters(network), *(("training",) if batch else ())))
    lines = [f"def forward({given}):", f'    """Values before the head{", and the running statistics after this batch" if batch else ""}."""']
    lines += ["    arrays, H = layers(w), x", *(["    new = []"] if batch else [])]
    inputs = network.inputs
    for layer, (width, activation) in enumerate(network.hidden):
        lines += ["", f"    W, b{', gamma, beta' if normed else ''} = arrays[{layer}]", "    Z = W.T @ H + b[:, None]"]
        if batch:
            lines += [f"    Z, running = batch_normed(Z, stats[{layer}], training)", "    new.append(running)"]
        elif normed:
            lines += ["    mean = Z.mean(axis=0)", "    Z = scaled(Z, mean, ((Z - mean) ** 2).mean(axis=0))"]
        lines += ["    Z = gamma[:, None] * Z + beta[:, None]"] if normed else []
        out = _activation(activation, width, words) + (f" * keep[{layer}]" if drops(network) else "")
        lines.append(f"    H = {out} + H" if network.residual and layer > 0 and inputs == width else f"    H = {out}")
        inputs = width
    lines += ["", f"    W, b = arrays[{len(network.hidden)}]", f"    return W.T @ H + b[:, None]{', new' if batch else ''}"]
    return "\n".join(lines)


def _mean_loss(network: Network, words: Mapping[str, str]) -> str:
    head, loss = network.head, network.loss
    lines = ["def mean_loss(Z, y):"]
    if head == "softmax":
        lines.append(f"    truth = {words['where']}({words['arange']}({network.outputs})[:, None] == y, 1.0, 0.0)")
        each = f"{words['logsumexp']} - (truth * Z).sum(axis=0)" if loss == "categorical" else f"(({words['softmax']} - truth) ** 2).sum(axis=0)"
    elif loss == "binary":
        each = f"{words['softplus'].format('Z[0]')} - y * Z[0]"
    else:
        apart = f"{words['sigmoid']}(Z[0]) - y" if head == "sigmoid" else "Z[0] - y"
        each = f"abs({apart})" if loss == "mae" else f"({apart}) ** 2"
    return "\n".join([*lines, f"    return ({each}).mean()"])


def _objective(network: Network, l1: float, l2: float) -> str:
    batch, more = network.norm == "batch", parameters(network)
    given = ", ".join(("w", "x", *more, *(("training=True",) if batch else ())))
    penalties = [f"{l1!r} * sum(abs(W).sum() for W, *_ in layers(w))"] if l1 else []
    penalties += [f"{0.5 * l2!r} * sum((W**2).sum() for W, *_ in layers(w))"] if l2 else []
    said = "Mean loss of a batch and penalties" if penalties else "Mean loss of a batch"
    lines = [f"def objective({', '.join(('w', 'x', 'y', *more))}):", f'    """{said}."""']
    plain = f"mean_loss(forward({given})[0], y)" if batch else f"mean_loss(forward({given}), y)"
    return "\n".join([*lines, f"    return {' + '.join([plain, *penalties])}"])


# ---------------------------------------------------------------------- before the first step

_DRAWN = {
    "zero": "np.zeros((n, m))",
    "constant": "np.full((n, m), {c})",
    "normal": "{sigma} * rng.standard_normal((n, m))",
    "uniform": "rng.uniform(-{a}, {a}, (n, m))",
    "xavier": "np.sqrt(1.0 / n) * rng.standard_normal((n, m))",
    "xavier_normal": "np.sqrt(2.0 / (n + m)) * rng.standard_normal((n, m))",
    "xavier_uniform": "rng.uniform(-np.sqrt(6.0 / (n + m)), np.sqrt(6.0 / (n + m)), (n, m))",
    "he": "np.sqrt(2.0 / n) * rng.standard_normal((n, m))",
}
_ORTHOGONAL = """    Q, R = np.linalg.qr(rng.standard_normal((max(n, m), min(n, m))))
    Q = Q * np.where(np.diag(R) < 0.0, -1.0, 1.0)
    return Q if n >= m else Q.T"""


def start_text(network: Network, init: Any, seed: int) -> str:
    """Lines that draw the first weights and put them into one flat `start`."""
    key = key_of(INITS, init)
    numbers = {name: repr(float(getattr(init, name))) for name in hypers(init)}
    drawn = _ORTHOGONAL if key == "orthogonal" else f"    return {_DRAWN[key].format(**numbers)}"
    rows: list[list[str]] = [[] for _ in range(len(network.hidden) + 1)]
    for part in network.parts:
        if part.name == "W":
            fan_in, channels = part.shape
            width = network.hidden[part.layer].width if part.layer < len(network.hidden) else channels
            pieces = [f"draw({fan_in}, {width})"] * (channels // width)
            rows[part.layer].append(pieces[0] if len(pieces) == 1 else f"np.hstack([{', '.join(pieces)}])")
        else:
            rows[part.layer].append(f"np.{'ones' if part.name == 'gamma' else 'zeros'}({part.shape[0]})")
    lists = "".join(f"    {', '.join(row)},\n" for row in rows)
    return (
        f'rng = np.random.default_rng({seed})\n\n\ndef draw(n, m):\n    """Weights of a layer with n inputs and m neurons."""\n{drawn}\n\n\n'
        f"first = [\n{lists}]\nstart = np.concatenate([part.ravel() for part in first])"
    )


def stats_text(network: Network, library: Library) -> str:
    """The line that gives the running mean and variance of every hidden layer before the first batch."""
    words = _WORDS[library]
    return "stats = [" + ", ".join(f"({words['zeros']}({count}), {words['ones']}({count}))" for count in network.channels) + "]"
