"""The fair race on the page of trajectories: what for, progress, what was tried, and the winners put into the experiment."""

from __future__ import annotations

import functools

import streamlit as st

from lab import errands, race, session
from lab.experiment import Experiment
from lab.figures.numbers import number_text
from lab.figures.style import short_labels, unicode_symbol
from lab.i18n import Translate
from lab.jobs import Busy, Job
from lab.race import Aim
from lab.runs import LR
from optim_core.hyper import hypers
from optim_core.tuning import FACTORS, Objective, Score, Tuning

EVERY = 0.4
"""Seconds between two looks at a race that is being run."""
TOLERANCES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-6, 1e-8, 1e-10)


def race_button(experiment: Experiment, _: Translate) -> None:
    """A button that opens the dialog."""
    if st.button(_("Fair race"), icon=":material/sports_score:", help=_("Tunes every run for the same goal, then compares them.")):
        st.dialog(_("Fair race"), width="large")(_dialog)(experiment)


def _dialog(experiment: Experiment) -> None:
    _ = session.translate()
    st.caption(
        _("Every shown run is tuned for the same goal: from a grid over the whole range to finer ones around its best cells. The run as it is competes, too.")
    )
    _progress(experiment, aim_form(experiment, "race", _))


def aim_form(experiment: Experiment, key: str, _: Translate) -> Aim:
    """What the runs are tuned for."""
    offered = race.possible(experiment)
    titles: dict[Objective, str] = {"steps": _("fewest steps to the minimum"), "loss": _("lowest loss after all steps")}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        objective = st.selectbox(_("Goal"), offered, format_func=titles.__getitem__, key=f"{key}:goal", width=270)
        tolerance = 1e-3
        if objective == "steps":
            tolerance = st.selectbox("L − L* ≤", TOLERANCES, index=2, format_func=number_text, key=f"{key}:tolerance", width=110)
        decays = st.toggle(_("Tune β and γ, too"), key=f"{key}:decays")
    return Aim(objective, tolerance, decays)


@st.fragment(run_every=EVERY)
def _progress(experiment: Experiment, aim: Aim) -> None:
    """The button, how far the race is, and what came of it; only this part looks again."""
    _ = session.translate()
    shown = [index for index, run in enumerate(experiment.runs) if not run.hidden]
    question = (experiment, aim)
    job = run_button(question, experiment, shown, aim, _("Tune the runs"), "race", _)
    found = {index: tuning for index in shown if (tuning := race.known(experiment, index, aim)) is not None}
    if found and (job is None or job.over):
        st.table(_rows(experiment, found, aim, _))
        notes = [_("Sharpness: by which η may be divided and multiplied until the run needs a tenth more steps, or L − L* falls by a tenth fewer decades.")]
        if experiment.chance is not None:
            notes.append(_("The gradients are noisy: a score is the median over {n} seeds.").format(n=race.DRAWS))
        st.caption(" ".join(notes))
        if st.button(_("Apply"), type="primary", key="race:apply"):
            session.replace(race.applied(experiment, found))
            st.rerun()


def run_button(question: object, experiment: Experiment, indices: list[int], aim: Aim, label: str, key: str, _: Translate) -> Job | None:
    """A button that has runs tuned, how far that is, and a button to cancel it. Returns the job, if there is one for this question."""
    job = errands.race_job(question)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(label, disabled=not indices or (job is not None and not job.over), key=f"{key}:run"):
            try:
                job = errands.race_job(question, functools.partial(race.all_tuned, experiment, indices, aim))
            except Busy:
                st.warning(_("Many races are being run just now. Try again in a minute."))
        if job is not None and not job.over and st.button(_("Cancel"), key=f"{key}:cancel"):
            job.cancel()
    if job is not None and job.state in ("waiting", "running"):
        share = job.done / job.total if job.total else 0.0
        st.progress(min(share, 1.0), _("{share} % of the race").format(share=round(100 * share)))
    elif job is not None and job.state == "failed":
        st.error(_("The race could not be run. Try fewer steps."))
    return job


def _rows(experiment: Experiment, found: dict[int, Tuning], aim: Aim, _: Translate) -> dict[str, list[str]]:
    """The table: one column a heading, one line a run."""
    labels = short_labels(experiment.runs, _)
    rows: dict[str, list[str]] = {
        _("run"): [labels[index] for index in found],
        _("tried"): [_tried(experiment, index, tuning, _) for index, tuning in found.items()],
        _("winner"): [values_text(experiment, index, tuning) + _edges(experiment, index, tuning, _) for index, tuning in found.items()],
        _("before → after"): [f"{score_text(experiment, tuning.before, aim, _)} → {score_text(experiment, tuning.score, aim, _)}" for tuning in found.values()],
        _("sharpness of η"): [_sharpness(tuning, _) for tuning in found.values()],
    }
    return {title: [cell.replace("*", "\\*").replace("_", "\\_") for cell in cells] for title, cells in rows.items()}


def _tried(experiment: Experiment, index: int, tuning: Tuning, _: Translate) -> str:
    ranges = [f"{_symbol(experiment, index, name)} {number_text(low)} … {number_text(high, 6)}" for name, (low, high) in tuning.ranges.items()]
    return ", ".join(ranges) + "; " + _("{runs} runs on {levels} grids").format(runs=tuning.runs, levels=tuning.levels)


def values_text(experiment: Experiment, index: int, tuning: Tuning) -> str:
    """The winner's values."""
    return ", ".join(f"{_symbol(experiment, index, name)} = {number_text(value)}" for name, value in tuning.values.items())


def score_text(experiment: Experiment, score: Score, aim: Aim, _: Translate) -> str:
    """A score in words."""
    if score.diverged:
        return _("diverges")
    if aim.objective == "steps" and score.steps < float("inf"):
        return _("{steps} steps").format(steps=number_text(score.steps))
    loss = loss_text(experiment, score.loss)
    return _("not there, {loss}").format(loss=loss) if aim.objective == "steps" else loss


def loss_text(experiment: Experiment, loss: float) -> str:
    """A last loss: above L* where there is one."""
    return ("L − L* = " if "steps" in race.possible(experiment) else "L = ") + number_text(loss, 3)


def _edges(experiment: Experiment, index: int, tuning: Tuning, _: Translate) -> str:
    if not tuning.edges:
        return ""
    return "; " + _("{names} at an end of the range").format(names=", ".join(_symbol(experiment, index, name) for name in tuning.edges))


def _sharpness(tuning: Tuning, _: Translate) -> str:
    if tuning.score.diverged:
        return "—"
    down, up = tuning.sharpness
    if min(down, up) >= FACTORS[-1] * (1.0 - 1e-9):
        return _("a plateau")
    if max(down, up) == 1.0:
        return _("a lucky throw: half a percent is too much")
    return f"÷ {number_text(down, 3)} … × {number_text(up, 3)}"


def _symbol(experiment: Experiment, index: int, name: str) -> str:
    return unicode_symbol((LR if name == "lr" else hypers(experiment.runs[index].optimizer)[name]).symbol)
