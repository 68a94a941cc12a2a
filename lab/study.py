"""`Study`: a training, up to three that are the same but for one choice, and how they are looked at. With its link. Pure.

A variant is nothing but the keys of the recipe in which it differs, so whatever changes in the first training changes in all: a comparison stays fair.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lab.link import Reader, text_of
from lab.recipe import OWN, Rates, Recipe, layered, read_recipe
from lab.runs import suggested_lr
from lab.values import Problem, choice, whole
from optim_core import optimizers
from optim_core.evaluations import MAX_MATRIX, holds_matrix
from optim_core.hyper import N_, TextError, texts
from optim_core.networks.batches import per_epoch
from optim_core.networks.training import MAX_ITERATIONS, MAX_NOISE
from optim_core.plan import Plan

VERSION = "1"
LETTERS = "abcd"
MAX_VARIANTS = len(LETTERS) - 1
END = "end"
LossAxis = Literal["log", "linear"]
AXES: tuple[LossAxis, ...] = ("log", "linear")

Variant = tuple[tuple[str, str], ...]
"""Keys of the recipe and their texts in a variant, the choice that it is about first."""

CHOICES: dict[str, str] = {
    "run": N_("optimizer"), "run.lr": N_("learning rate"), "batch": N_("batch size"), "layers": N_("layers"), "activations": N_("activation"),
    "init": N_("initialisation"), "norm": N_("normalisation"), "dropout": N_("dropout"), "l2": N_("L2 penalty"), "l1": N_("L1 penalty"),
    "residual": N_("skip connections"), "loss": N_("loss"), "run.schedule": N_("schedule"), "run.warmup": N_("warm-up"), "run.clip": N_("gradient clipping"),
    "standardise": N_("scaling of columns"), "sigma": N_("gradient noise"), "share": N_("training share"), "data.noise": N_("noise of the data"),
    "init.seed": N_("seed of the weights"), "batch.seed": N_("seed of the batches"),
}  # fmt: skip
"""In what a variant may differ, by key, in the order of the list."""
OTHERS: dict[str, tuple[str, ...]] = {
    "run": ("gradient_descent", "adam"), "batch": ("128", "1"), "layers": ("16,16", "none"), "activations": ("relu", "tanh"), "init": ("he", "constant"),
    "norm": ("batch", "none"), "dropout": ("0.3", "0"), "l2": ("0.01", "0"), "l1": ("0.001", "0"), "residual": ("1", "0"),
    "loss": ("mse", "binary", "mae", "categorical"),
    "run.schedule": ("cosine", "constant"), "run.warmup": ("linear", "none"), "run.clip": ("norm", "none"), "standardise": ("1", "0"), "sigma": ("0.1", "0"),
    "share": ("0.8", "0.5"), "data.noise": ("0.3", "0"), "init.seed": ("2", "1"), "batch.seed": ("2", "1"),
}  # fmt: skip
"""What a new variant begins with: the first of these that differs."""
FOLLOWING: dict[str, tuple[str, ...]] = {"data": ("head", "loss"), "head": ("loss",)}
"""What is the usual one again after a choice changed."""


class Limit(Problem):
    """A training that is too much: longer, or with larger matrices or more noise, than one may be."""


@dataclass(frozen=True)
class Study:
    """The whole choice of the page Training.

    Attributes:
        recipe: the first training.
        variants: the others, at most `MAX_VARIANTS`.
        axis: how the axis of the loss runs.
        at: the iteration at which the player stands when the link is opened; None for the end.
        own: the reader's own table, if one is open; not in the link.
    """

    recipe: Recipe
    variants: tuple[Variant, ...] = ()
    axis: LossAxis = "log"
    at: int | None = None
    own: Any = dataclasses.field(default=None, compare=False)

    @functools.cached_property
    def recipes(self) -> tuple[Recipe, ...]:
        """Of every training, the variants' included."""
        base = self.recipe.to_query()
        return (self.recipe, *(_varied(base, variant, self.own)[0] for variant in self.variants))

    def to_query(self) -> dict[str, str]:
        """Every value as text, in a fixed order."""
        query = {"v": VERSION, **self.recipe.to_query()}
        for letter, variant in zip(LETTERS[1:], self.variants, strict=False):
            query |= {f"{letter}.{key}": text for key, text in variant}
        return query | {"axis": self.axis, "at": END if self.at is None else str(self.at)}

    @staticmethod
    def from_query(query: Mapping[str, str], own: Any = None) -> tuple[Study, list[Problem]]:
        """Read a link. Never raises.

        Args:
            query: any keys and texts; an empty one gives the default training.
            own: the reader's own table, if one is open.

        Returns:
            The study, and a problem for each value that was not understood.
        """
        letters = LETTERS[1:]
        reader = Reader({key: text for key, text in query.items() if not (key[:1] in letters and key[1:2] == ".")})
        reader.take("v", choice((VERSION,)), VERSION)
        recipe, limits = _limited(read_recipe(reader, own))
        recipe = _bearable(reader, recipe)
        axis = reader.take("axis", choice(AXES), "log")
        at = reader.take("at", _iteration, MAX_ITERATIONS)
        problems, variants, base = [*limits, *reader.problems()], [], recipe.to_query()
        for letter in letters:
            wanted = tuple((key[2:], str(text)) for key, text in query.items() if key.startswith(f"{letter}."))
            if not wanted:
                continue
            varied, wrong = _varied(base, wanted, own)
            problems += [dataclasses.replace(problem, key=f"{letter}.{problem.key}") for problem in wrong]
            known, unknown = varied.to_query(), {problem.key for problem in wrong if not isinstance(problem, Limit)}
            kept = tuple((key, known[key]) for key, _ in wanted if key in known and key not in unknown)
            variants += [kept] if kept else []
        return Study(recipe, tuple(variants), axis, None if at >= MAX_ITERATIONS else at, own), problems

    # ------------------------------------------------------------------ changes

    def set(self, key: str, text: str) -> tuple[Study, Problem | None]:
        """Change one value by its key; `b.batch` is that of the first variant.

        Returns:
            The new study, or this one together with the problem when the text is not understood. A key that is not there changes nothing.
        """
        letter, _, rest = key.partition(".")
        if letter in LETTERS[1:] and rest:
            return self._set_variant(LETTERS.index(letter) - 1, rest, text)
        changes = dict(layered(self.recipe, key, text)) or {key: text}
        query = self.to_query()
        if not all(name in query for name in changes):
            return self, None
        return self._changed(key, {name: value for name, value in query.items() if not _afresh(key, name)} | changes | _implied(key, text))

    def _set_variant(self, index: int, key: str, text: str) -> tuple[Study, Problem | None]:
        if index >= len(self.variants):
            return self, None
        kept = tuple((name, value) for name, value in self.variants[index] if name != key and not name.startswith(f"{key}."))
        changed = ((key, text), *((name, value) for name, value in _implied(key, text).items()))
        first = self.variants[index][0][0]
        varied = (*changed, *kept) if key == first else (*kept, *changed)
        known, problems = _varied(self.recipe.to_query(), varied, self.own)
        serious = [problem for problem in problems if problem.key == key or isinstance(problem, Limit)]
        if serious:
            return self, Problem(f"{LETTERS[index + 1]}.{key}", text[:60], serious[0].allowed)
        query = known.to_query()
        if key not in query:
            return self, None
        fit = tuple((name, query[name]) for name, _ in varied if name in query)
        variants = (*self.variants[:index], fit, *self.variants[index + 1 :])
        return dataclasses.replace(self, variants=variants), None

    def _changed(self, key: str, query: dict[str, str]) -> tuple[Study, Problem | None]:
        """With another query, or with the problem that it makes. What only hangs on `key`, such as the former optimizer's numbers, does not count."""
        changed, problems = Study.from_query(query, self.own)
        hanging = (
            f"{key}.",
            *(("head", "loss", "data") if key == "data" else ("loss",) if key == "head" else ()),
            "at",
            *(f"{letter}." for letter in LETTERS[1:]),
        )
        serious = [p for p in problems if p.key == key or isinstance(p, Limit) or (p.allowed and not p.key.startswith(hanging))]
        return (self, Problem(key, query.get(key, "")[:60], serious[0].allowed)) if serious else (changed, None)

    def add(self, key: str) -> Study:
        """One training more, the same but for the choice `key`; unchanged where there is no such choice or there are enough."""
        if key not in CHOICES or len(self.variants) >= MAX_VARIANTS:
            return self
        present = self.recipe.to_query()
        if key == "run.lr":
            others: tuple[str, ...] = (text_of(min(10.0 * self.recipe.run.lr, 10.0)),)
        else:
            others = OTHERS[key]
        taken = {dict(variant).get(key) for variant in self.variants}
        for other in sorted(others, key=lambda text: text in taken):
            text = other
            if present.get(key) == text or key not in present:
                continue
            made, _ = dataclasses.replace(self, variants=(*self.variants, ((key, present[key]),))).set(f"{LETTERS[len(self.variants) + 1]}.{key}", text)
            if len(made.variants) > len(self.variants) and dict(made.variants[-1])[key] != present[key]:
                return made
        return self

    def remove(self, index: int) -> Study:
        """Without variant `index`, from 1; unchanged where there is none."""
        if not 1 <= index <= len(self.variants):
            return self
        return dataclasses.replace(self, variants=(*self.variants[: index - 1], *self.variants[index:]))

    def differences(self, index: int) -> tuple[str, ...]:
        """The choices in which variant `index` (from 1) differs: keys that hang on another one, such as an optimizer's β, do not count by themselves."""
        keys = [key for key, text in self.variants[index - 1] if self.recipe.to_query().get(key) != text]
        return tuple(key for key in keys if not any(key.startswith(f"{other}.") and not _apart(key, other) for other in keys))


def _apart(key: str, other: str) -> bool:
    """Whether `key` is a choice of its own although it hangs on `other`: a seed, a schedule; but an optimizer comes with its learning rate."""
    return key.endswith(".seed") or (key in CHOICES and (other, key) != ("run", "run.lr"))


def learners(recipe: Recipe) -> int:
    """How many objects the training part has, without drawing the data: the split rounds to the nearest."""
    return min(max(round(recipe.share * objects(recipe.data)), 1), objects(recipe.data) - 1)


def iterations(recipe: Recipe) -> int:
    """T, the iterations of a training."""
    return recipe.epochs * per_epoch(learners(recipe), recipe.batch)


def objects(data: Any) -> int:
    """How many objects a data set has."""
    return int(data.size)


def plan(recipe: Recipe) -> Plan:
    """The learning rate through time; its clock ticks once an epoch."""
    return Plan(recipe.run.schedule, recipe.run.warmup, iterations(recipe) // recipe.epochs)


def _varied(base: Mapping[str, str], variant: Variant, own: Any) -> tuple[Recipe, list[Problem]]:
    """The recipe of a variant. What the first training says of a choice that is another one here is not understood, and no problem."""
    query = {name: text for name, text in base.items() if not any(_afresh(key, name) for key, _ in variant)} | dict(variant)
    reader = Reader(query)
    recipe, limits = _limited(read_recipe(reader, own if base.get("data") == OWN else None))
    recipe = _bearable(reader, recipe)
    keys = {key for key, _ in variant}
    return recipe, [*limits, *(problem for problem in reader.problems() if problem.key in keys)]


def _limited(recipe: Recipe) -> tuple[Recipe, list[Problem]]:
    """The recipe with what is too much set back, and what was: a link may ask for anything."""
    limits: list[Problem] = []
    size = recipe.network().size
    if size > MAX_MATRIX and holds_matrix(recipe.run.kind):
        told = TextError(N_("this optimizer holds a matrix, for at most {most} parameters; the network has {size}"), most=MAX_MATRIX, size=size)
        limits.append(Limit("run", recipe.run.key, told))
        adam = optimizers.REGISTRY["adam"]()
        recipe = dataclasses.replace(recipe, run=dataclasses.replace(recipe.run, optimizer=adam, lr=suggested_lr(adam, Rates)))
    if (steps := iterations(recipe)) > MAX_ITERATIONS:
        told = TextError(N_("{steps} iterations in all; allowed are {most}: fewer epochs, or larger batches"), steps=steps, most=MAX_ITERATIONS)
        limits.append(Limit("epochs", str(recipe.epochs), told))
        recipe = dataclasses.replace(recipe, epochs=MAX_ITERATIONS // per_epoch(learners(recipe), recipe.batch))
    if recipe.sigma and (numbers := iterations(recipe) * size) > MAX_NOISE:
        told = TextError(N_("{numbers} numbers of noise; allowed are {most}: fewer iterations, or a smaller network"), numbers=numbers, most=MAX_NOISE)
        limits.append(Limit("sigma", text_of(recipe.sigma), told))
        recipe = dataclasses.replace(recipe, sigma=0.0)
    return recipe, limits


def _afresh(key: str, name: str) -> bool:
    """Whether `name` begins afresh when `key` changes: another schedule's α is not the former one's, and other data want another output."""
    if name in FOLLOWING.get(key, ()):
        return True
    return key in ("run.schedule", "data", "init") and name.startswith(f"{key}.") and not name.endswith(".seed")


def _implied(key: str, text: str) -> dict[str, str]:
    """What else changes with a choice: another optimizer brings the learning rate it goes well with."""
    if key == "run" and text in optimizers.REGISTRY:
        return {"run.lr": text_of(suggested_lr(optimizers.REGISTRY[text](), Rates))}
    return {}


def _bearable(reader: Reader, recipe: Recipe) -> Recipe:
    """With a constant learning rate where a typed schedule is none for this training, which is noted."""
    if not texts(recipe.run.schedule):
        return recipe
    if (wrong := recipe.run.unbearable(iterations(recipe), iterations(recipe) // recipe.epochs)) is None:
        return recipe
    reader.note("run.schedule", wrong)
    return dataclasses.replace(recipe, run=dataclasses.replace(recipe.run, schedule=Plan(recipe.run.schedule).schedule.__class__()))


def _iteration(text: str) -> tuple[int | None, tuple[str, ...]]:
    """An iteration, or the word for the last one."""
    if text == END:
        return MAX_ITERATIONS, ()
    return whole(0, MAX_ITERATIONS)(text)[0], (f"0 … {MAX_ITERATIONS}", END)
