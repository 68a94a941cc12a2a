"""Whatever a websocket delivers, `fresh` answers with well-formed edits only, each once and in order."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lab.live import Action, assets, dragging, fresh, have

NAMES = st.sampled_from(["message", "actions", "have", "dragging", "set"]) | st.text(max_size=5)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=400),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=25,
)
KINDS = st.sampled_from(["set", "add", "hide", "duplicate", "remove", "reset", "draw", "exec"])
ALMOST = st.lists(st.lists(st.integers(-5, 2**60) | KINDS | JUNK, max_size=5) | JUNK, max_size=80)


def state(*actions: Any, **rest: Any) -> dict[str, Any]:
    return {"message": {"actions": list(actions), **rest}}


@given(JUNK | ALMOST.map(lambda actions: state(*actions)), st.integers(0, 100))
def test_junk_never_raises_and_never_passes(junk: Any, acknowledged: int) -> None:
    actions, ack = fresh(junk, acknowledged)
    assert acknowledged <= ack
    assert len(actions) <= 64
    assert [action.seq for action in actions] == sorted({action.seq for action in actions})
    for seq, kind, args in actions:
        assert acknowledged < seq <= ack
        assert kind in {"set", "add", "hide", "duplicate", "remove", "reset", "draw"}
        for arg in args:
            assert (isinstance(arg, str) and len(arg) <= 300) or (type(arg) is int and arg >= 0)
    assert isinstance(have(junk), frozenset)
    assert isinstance(dragging(junk), bool)


def test_edits_come_once_and_in_order() -> None:
    sent = state([5, "set", "a", "0,3"], [7, "add", "adam"], [9, "hide", 0, 1], [11, "draw", 0, "0: 1, 5: 0.5"])
    actions, ack = fresh(sent, 0)
    assert actions == [Action(5, "set", ("a", "0,3")), Action(7, "add", ("adam",)), Action(9, "hide", (0, 1)), Action(11, "draw", (0, "0: 1, 5: 0.5"))]
    assert ack == 11
    assert fresh(sent, ack) == ([], 11)
    assert [action.seq for action in fresh(sent, 5)[0]] == [7, 9, 11]


def test_a_malformed_edit_is_answered_but_not_done() -> None:
    texts = [[1, "set", "a"], [2, "set", "a", 3], [3, "set", "a", "x" * 301], [4, "drop"]]
    indices = [[5, "remove", -1], [6, "remove", True], [7, "remove", "0"], [8, "reset", 0, 0], [9, "draw", "0: 1"], [10, "draw", 0, 1]]
    assert fresh(state(*texts, *indices), 0) == ([], 10)


def test_order_is_kept_even_when_the_sender_does_not() -> None:
    actions, ack = fresh(state([5, "reset", 0], [3, "reset", 1], [True, "reset", 2], [2.5, "reset", 3], [2**53, "reset", 4]), 0)
    assert (actions, ack) == ([Action(5, "reset", (0,))], 5)


def test_a_flood_is_taken_in_portions() -> None:
    flood = state(*([i, "reset", 0] for i in range(1, 201)))
    actions, ack = fresh(flood, 0)
    assert (len(actions), ack) == (64, 64), "the rest stays with the sender, who was told how far it came"


def test_what_the_browser_has_and_whether_it_drags() -> None:
    sent = state(have=["a", 1, None, "b" * 301, "c"], dragging=True)
    assert have(sent) == {"a", "c"}
    assert dragging(sent)
    assert not dragging(state(dragging=1))


def test_all_that_the_browser_keeps_is_heard() -> None:
    kept = re.search(r"const KEPT = (\d+);", assets.bundle())
    assert kept
    names = [f"{i:024x}" for i in range(int(kept[1]))]
    assert have(state(have=names)) == set(names), "what is not heard, the present level lines for one, travels with every move"
