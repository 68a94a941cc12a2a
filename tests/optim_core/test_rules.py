"""Every line of every printed rule is what the record holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

import jax
import numpy as np
import pytest

from optim_core import oracles, rules, simulate
from optim_core.clipping import ClipByNorm, ClipByValue
from optim_core.hyper import hypers
from optim_core.noise import Noise
from optim_core.optimizers import REGISTRY
from optim_core.optimizers.adam import Adam
from surfaces import REGISTRY as SURFACES

T = 50
ON = ("elongated_quadratic", "rosenbrock", "himmelblau")


def settings(key: str) -> list[Any]:
    """The slide's values, and others: each hyper-parameter a tenth of its way up."""
    default = REGISTRY[key]()
    moved = {name: 0.9 * declared.default + 0.1 * min(declared.high, 1.0) for name, declared in hypers(default).items()}
    return [default, dataclasses.replace(default, **moved)]


def rate(optimizer: Any, surface: Any) -> float:
    rates = surface.learning_rates
    return 0.7 * (getattr(optimizer, "own_lr", None) or (rates.scale_free if optimizer.scale_free else rates.gradient))


@pytest.mark.parametrize("surface_key", ON)
@pytest.mark.parametrize("key", REGISTRY)
def test_every_line_gives_what_was_recorded(key: str, surface_key: str) -> None:
    """From the numbers of the record alone, to 1e-9 of the value's size, at every step."""
    surface = SURFACES[surface_key]()
    oracle = oracles.Oracle(*map(jax.jit, oracles.exact(surface)))
    for optimizer in settings(key):
        eta = rate(optimizer, surface)
        path = simulate(optimizer, surface, surface.starts[0], eta / np.sqrt(np.arange(1.0, T + 1.0)), T)
        columns = rules.recorded(optimizer, path)
        computed = [line for line in rules.lines(type(optimizer)) if line.formula is not None]
        assert computed[-1].target == "w" or "w" in {line.target for line in computed}
        tame = int(np.argmin(np.r_[np.isfinite(path.w[1:]).all(axis=1), False]))
        assert tame > 5
        for t in range(tame):
            values = {name: column[t] for name, column in columns.items()}
            for line in computed:
                got, wanted = rules.evaluate(line, values, oracle), values[line.target]
                if np.isfinite(wanted).all():
                    assert got.shape == wanted.shape
                    assert np.abs(got - wanted).max() <= 1e-9 * np.abs(wanted).max() + 1e-15, f"{line.target} at step {t + 1}"


@pytest.mark.parametrize("key", REGISTRY)
def test_the_lines_name_everything_that_matters(key: str) -> None:
    """Each field of the State and of Inner has a symbol, but for powers that are carried for speed; each line assigns a name only once."""
    cls = REGISTRY[key]
    path = simulate(cls(), SURFACES["booth"](), (0.0, 0.0), 1e-3, 3)
    fields = {*path.state._fields, *getattr(path.step.inner, "_fields", ())}
    counters = {cost for cost in getattr(cls, "cost", ()) if isinstance(cost, str)}
    assert set(cls.symbols.values()) == {field for field in fields if not field.endswith("_power")} - counters
    targets = [line.target for line in rules.lines(cls) if line.target]
    assert len(targets) == len(set(targets))


def test_adam_is_printed_as_on_the_slide() -> None:
    """In symbols for the card; with the gradient for the inspector."""
    assert rules.printed(Adam) == (
        r"h \leftarrow \beta_1\, h + (1 - \beta_1)\, g",
        r"s \leftarrow \beta_2\, s + (1 - \beta_2)\, g^{2}",
        r"\hat {h} = \frac{h}{1 - \beta_1^{t}}",
        r"\hat {s} = \frac{s}{1 - \beta_2^{t}}",
        r"w \leftarrow w - \frac{\eta}{\sqrt{\hat {s}} + \varepsilon} \odot \hat {h}",
    )
    assert rules.symbolic(Adam)[0] == r"g = \nabla L(w)"
    assert rules.filled(Adam, lambda name: f"[{name}]")[1] == r"h = [beta1] \cdot [h_old] + (1 - [beta1]) \cdot [g] = [h]"


def test_a_replaced_value_has_an_index() -> None:
    """BFGS and Adan speak of the last gradient after the new one was taken."""
    assert rules.symbolic(REGISTRY["bfgs"])[1] == "y = g - g_{t-1}"
    assert rules.symbolic(REGISTRY["nesterov"])[0] == r"q = w - \beta\, h"


class Nameless:
    """A rule with a name that nothing stands for."""

    rule: ClassVar[tuple[str, ...]] = ("w = w_old - speed * g",)


def test_a_rule_that_names_nothing_recorded_is_refused() -> None:
    """At the first look, with the line."""
    adam = REGISTRY["adam"]
    broken = type("Broken", (adam,), {"rule": Nameless.rule})
    with pytest.raises(ValueError, match="“speed” is not known here"):
        rules.lines(broken)
    for rule, symbols, said in ((("u = g",), adam.symbols, "gives no recorded name a value"), (adam.rule, {"h": "speed"}, "has a field 'speed'")):
        typed: Mapping[str, str] = symbols
        with pytest.raises(ValueError, match=said):
            rules.lines(type("Broken", (adam,), {"rule": rule, "symbols": typed}))


def test_a_statement_has_no_value() -> None:
    """It is printed only."""
    statement = rules.lines(REGISTRY["gradient_flow"])[1]
    assert statement.statement.startswith(r"\frac{dw}{d\tau}")
    with pytest.raises(ValueError, match="has no value"):
        rules.evaluate(statement, {}, oracles.exact(SURFACES["booth"]()))


@pytest.mark.parametrize("clip", [None, ClipByNorm(0.8), ClipByValue(0.5)], ids=["not clipped", "by norm", "by value"])
@pytest.mark.parametrize("noise", [None, Noise(0.7, 0.0, 3)], ids=["exact", "noisy"])
@pytest.mark.parametrize("key", REGISTRY)
def test_every_line_says_what_was_done_to_the_gradient(key: str, noise: Noise | None, clip: Any) -> None:
    """A printed ∇L(w) is the surface's own gradient, whatever the optimizer was given."""
    surface, optimizer = SURFACES["himmelblau"](), REGISTRY[key]()
    oracle, steps = oracles.Oracle(*map(jax.jit, oracles.exact(surface))), 12
    path = simulate(optimizer, surface, surface.starts[0], rate(optimizer, surface), steps, noise=noise, clip=clip)
    columns = rules.recorded(optimizer, path, None if noise is None else noise.draw(steps, 2))
    for t in np.flatnonzero((columns["g"] ** 2).sum(axis=1) > 0.0):  # at rest a length of 0 is divided by
        values = {name: column[t] for name, column in columns.items()}
        for line in rules.lines(type(optimizer), rules.Given(noise is not None, clip is not None)):
            if line.formula is not None and np.isfinite(values[line.target]).all():
                got, wanted = rules.evaluate(line, values, oracle, clip or np.asarray), values[line.target]
                assert np.abs(got - wanted).max() <= 1e-9 * np.abs(wanted).max() + 1e-12, f"{line.target} at step {t + 1}"


def test_noise_and_clip_are_printed() -> None:
    assert rules.symbolic(Adam, rules.Given(noisy=True))[0] == r"g = \nabla L(w) + \xi"
    assert rules.symbolic(Adam, rules.Given(True, True))[:2] == (r"\tilde {g} = \nabla L(w) + \xi", r"g = \operatorname{clip}(\tilde {g})")
    searched = rules.symbolic(REGISTRY["line_search_gd"], rules.Given(noisy=True))
    assert any(line.startswith(r"\tilde L(w) = L(w)") for line in searched) and any(r"\tilde L(w - a\, g)" in line for line in searched)
