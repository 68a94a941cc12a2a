"""The panel's controls and groups as plain data; what each field means stands in `lab.live`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.figures.style import unicode_symbol
from lab.i18n import Translate
from lab.link import text_of
from lab.values import Problem
from lab.widgets.formula import mathml
from optim_core.hyper import Hyper, Text, hypers, texts

Control = dict[str, Any]
Errors = Mapping[str, Problem]


def group(name: str, title: str, controls: list[Control], rule: tuple[str, ...] = ()) -> dict[str, Any]:
    """A card that is not a run's."""
    lines = [mathml(line) for line in rule]
    return {"id": name, "title": title, "swatch": None, "rule": lines, "note": None, "run": None, "hidden": False, "actions": [], "controls": controls}


def control(key: str, kind: str, symbol: str, name: str, help: str, value: str, errors: Errors, _: Translate) -> Control:
    """Any control; `name` and `help` are translated already."""
    problem = errors.get(key)
    error = _("“{given}” was not accepted: {allowed}").format(given=problem.given, allowed=problem.allowance(_)) if problem else None
    return {"key": key, "kind": kind, "symbol": symbol, "name": name, "help": help, "value": value, "error": error}


def number(key: str, declared: Hyper, value: float, errors: Errors, _: Translate, scale: str | None = None) -> Control:
    """A slider with its box; a declared switch becomes one."""
    kind = "switch" if declared.scale == "switch" else "number"
    made = control(key, kind, unicode_symbol(declared.symbol), _(declared.title), _(declared.help), text_of(value), errors, _)
    return made | {"low": declared.low, "high": declared.high, "scale": scale or declared.scale}


def choice(key: str, name: str, help: str, options: Mapping[str, str], value: str, errors: Errors, _: Translate, *, strong: bool = False) -> Control:
    """A list to choose from, key → translated title; a strong one begins a section of its card."""
    made = control(key, "choice", "", name, help, value, errors, _)
    return made | {"options": [{"key": option, "title": title} for option, title in options.items()], "strong": strong}


def switch(key: str, name: str, help: str, on: bool, errors: Errors, _: Translate) -> Control:
    """On or off."""
    return control(key, "switch", "", name, help, str(int(on)), errors, _)


def written(key: str, declared: Text, value: str, errors: Errors, _: Translate) -> Control:
    """A long text, such as a formula."""
    return control(key, "text", unicode_symbol(declared.symbol), _(declared.title), _(declared.help), value, errors, _)


def rule(key: str, lines: tuple[str, ...]) -> Control:
    """Formula lines between the controls."""
    return {"key": key, "kind": "rule", "rule": [mathml(line) for line in lines]}


def spec(prefix: str, instance: Any, errors: Errors, _: Translate) -> list[Control]:
    """Every hyper-parameter and text of a spec."""
    made = [written(f"{prefix}.{name}", declared, getattr(instance, name), errors, _) for name, declared in texts(instance).items()]
    return made + [number(f"{prefix}.{name}", declared, getattr(instance, name), errors, _) for name, declared in hypers(instance).items()]
