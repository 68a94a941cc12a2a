"""What a reader has chosen on the pages of one kind, and the address bar that mirrors it; used by `lab.session` alone.

The choice in the session is the truth. What the address says is read again only when it changed from outside (a link, the back button), never when it merely
lags behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

import streamlit as st

from lab import live
from lab.values import Problem


class Choice(Protocol):
    """An experiment, a study: anything with a link whose values can be changed one by one."""

    def to_query(self) -> dict[str, str]:
        """Its link."""
        ...

    def set(self, key: str, text: str) -> tuple[Any, Problem | None]:
        """With one value changed, or what is wrong with it."""
        ...


T = TypeVar("T", bound=Choice)


class Desk(Generic[T]):
    """One kind of choice in the reader's session.

    Args:
        name: under which the session holds it.
        read: a query → a choice, and what of it was not understood.
        actions: what the reader did in the components since the last run; `True` for a new session, which has none.
        take: applies one action to the choice.
        listen: called when another link was opened.
        language: the reader's, for the address.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[Mapping[str, str]], tuple[T, list[Problem]]],
        actions: Callable[[bool], list[live.Action]],
        take: Callable[[live.Action], None],
        listen: Callable[[], None],
        language: Callable[[], str],
    ) -> None:
        self.name, self.read, self.actions, self.take, self.listen, self.language = name, read, actions, take, listen, language

    def load(self) -> T:
        """The choice, with what the reader did since the last run taken in."""
        state, name = st.session_state, self.name
        query = {key: value for key, value in st.query_params.items() if key != "lang"}
        actions = self.actions(name not in state)
        state[f"{name}:touched"] = bool(actions) or state.get(f"{name}:touched", False)  # then the address may lag behind, until this run has written it
        went_back = not query and not state["switched"]  # to the bare address that the visit began with
        if name not in state or (query != state[f"{name}:written"] and not state[f"{name}:touched"] and (query or went_back)):
            state[f"{name}:bare"] = name in state and went_back
            state[name], state[f"{name}:problems"] = self.read(query)
            state[f"{name}:errors"], state[f"{name}:written"], state[f"{name}:blank"] = {}, query, not query
            self.listen()
        for action in actions:
            self.take(action)
        found: T = state[name]
        return found

    @property
    def present(self) -> T:
        """The choice as it stands."""
        found: T = st.session_state[self.name]
        return found

    @present.setter
    def present(self, choice: T) -> None:
        st.session_state[self.name] = choice

    def welcome(self, first: T) -> None:
        """On a page just entered, put `first` in place of the choice of an empty address that nobody has touched; the reader's own is never replaced."""
        state = st.session_state
        if state["switched"] and state[f"{self.name}:blank"] and self.present == self.read({})[0]:
            self.replace(first)

    def save(self, *, dragging: bool) -> None:
        """Write the choice into the address bar, unless a drag is under way: its release will.

        Nor when the reader went back to the bare address: writing there would keep them from going back any further.
        """
        state, name = st.session_state, self.name
        query = self.present.to_query()
        state[f"{name}:bare"] = state[f"{name}:bare"] and not state[f"{name}:touched"]
        if not dragging and not state[f"{name}:bare"] and (query != state[f"{name}:written"] or "lang" not in st.query_params):
            state[f"{name}:written"] = query
            st.query_params.from_dict({**query, "lang": self.language()})
        state[f"{name}:touched"] = False

    def replace(self, choice: T) -> None:
        """Put another choice in place of the present one."""
        state = st.session_state
        self.present = choice
        state[f"{self.name}:errors"], state[f"{self.name}:problems"], state[f"{self.name}:touched"] = {}, [], True

    def edit(self, key: str, text: str, *, afresh: tuple[str, ...] = ()) -> None:
        """Change one value by its key in the link; what is not understood is kept as an error of that key. A key in `afresh` forgets all errors."""
        state = st.session_state
        self.present, problem = self.present.set(key, text)
        former = state[f"{self.name}:errors"]
        kept = {} if key in afresh else {k: v for k, v in former.items() if k != key and not k.startswith(f"{key}.")}
        state[f"{self.name}:errors"], state[f"{self.name}:touched"] = kept | ({key: problem} if problem else {}), True

    def problems(self) -> list[Problem]:
        """What the link said and nobody understood."""
        return list(st.session_state.get(f"{self.name}:problems", []))

    def errors(self) -> dict[str, Problem]:
        """What the reader typed last and was not accepted, by key."""
        found: dict[str, Problem] = st.session_state.get(f"{self.name}:errors", {})
        return dict(found)

    def fail(self, errors: dict[str, Problem]) -> None:
        """Put other errors in the place of the present ones."""
        st.session_state[f"{self.name}:errors"] = errors
