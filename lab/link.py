"""Reading a link: values are taken out of a query one by one, and what was wrong is noted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lab.values import Allowed, Problem, choice, number, text
from optim_core.hyper import hypers, texts
from optim_core.registry import key_of

MAX_PROBLEMS = 12


class Reader:
    """Takes values out of a query and remembers what was not understood."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self._query = dict(query)
        self._unread = dict.fromkeys(self._query)
        self._problems: list[Problem] = []

    def take(self, key: str, parse: Any, default: Any) -> Any:
        """The parsed value of `key`, or `default`."""
        self._unread.pop(key, None)
        if key not in self._query:
            return default
        given = str(self._query[key])
        value, allowed = parse(given)
        if value is None:
            self.note(key, allowed)
            return default
        return value

    def take_spec(self, instance: Any, prefix: str) -> Any:
        """`instance` with every hyper-parameter and text that the query gives."""
        values = {name: self.take(f"{prefix}.{name}", number(declared), getattr(instance, name)) for name, declared in hypers(instance).items()}
        values |= {name: self.take(f"{prefix}.{name}", text(declared), getattr(instance, name)) for name, declared in texts(instance).items()}
        return type(instance)(**values)

    def take_one_of(self, registry: Mapping[str, type[Any]], key: str, default: str) -> Any:
        """An instance of the class that `key` names, with the values that hang on it; None for a word that is not in the registry, such as none."""
        words = tuple(dict.fromkeys([default, *registry]))
        chosen = self.take(key, choice(words), "")
        if not chosen and key in self._query:
            self.forget(f"{key}.")
        chosen = chosen or default
        return self.take_spec(registry[chosen](), key) if chosen in registry else None

    def has(self, key: str) -> bool:
        """Whether the query says anything about `key`."""
        return key in self._query

    def note(self, key: str, allowed: Allowed) -> None:
        """The value of `key` will not do."""
        self._problems.append(Problem(key, str(self._query.get(key, ""))[:60], allowed))

    def forget(self, prefix: str) -> None:
        """Keys that begin so belong to something that was not understood as a whole: no word about each of them."""
        self._unread = {key: None for key in self._unread if not str(key).startswith(prefix)}

    def problems(self) -> list[Problem]:
        """What was not understood, unknown keys last."""
        unknown = [Problem(str(key)[:60], str(self._query[key])[:60], ()) for key in self._unread]
        return [*self._problems, *unknown][:MAX_PROBLEMS]


def query_of(link: str) -> dict[str, str]:
    """The query of an address, or of what stands after its question mark, without the language; empty where there is none."""
    link = link.strip()
    query = dict(parse_qsl(urlsplit(link).query if "?" in link else link, keep_blank_values="=" in link))
    query.pop("lang", None)
    return query


def written(instance: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Every hyper-parameter and text of a spec as pairs for a query."""
    yield from ((f"{prefix}.{name}", text_of(getattr(instance, name))) for name in hypers(instance))
    yield from ((f"{prefix}.{name}", getattr(instance, name)) for name in texts(instance))


def written_choice(registry: Mapping[str, type[Any]], instance: Any, key: str) -> Iterator[tuple[str, str]]:
    """The same for one of a registry, or none."""
    yield key, "none" if instance is None else key_of(registry, instance)
    if instance is not None:
        yield from written(instance, key)


def text_of(value: float) -> str:
    """The shortest text that reads back as exactly the same number: 0.1, 2, 1e-08."""
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
