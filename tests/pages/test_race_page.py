"""The dialog of the fair race and the page of the gallery, in both languages."""

from __future__ import annotations

import time

import pytest
from apptest import address_of, experiment_of, opened
from streamlit.testing.v1 import AppTest

from lab import race
from lab.i18n import LANGUAGES, translator
from lab.race import Aim
from optim_core import optimizers

SMALL = {"surface": "elongated_quadratic", "steps": "40", "run1": "gradient_descent", "run1.lr": "0.01", "run2": "momentum", "run2.lr": "0.01"}


def press(app: AppTest, *labels: str) -> None:
    """Press buttons together: AppTest runs whole pages, and a dialog stays open only while its own button is pressed."""
    for label in labels:
        next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception


def wait(app: AppTest) -> None:
    """Until the race is over; AppTest has no clock that looks again by itself."""
    job = app.session_state["race:job"][1]
    end = time.monotonic() + 60
    while not job.over and time.monotonic() < end:
        time.sleep(0.05)
    assert job.state == "done"
    app.run()
    assert not app.exception


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_race_is_run_told_and_applied(language: str) -> None:
    """The table has a line for each run; Apply puts the winners into experiment and address."""
    _ = translator(language)
    app = opened({**SMALL, "lang": language})
    press(app, _("Fair race"))
    press(app, _("Fair race"), _("Tune the runs"))
    wait(app)
    before = experiment_of(app)
    found = {index: race.known(before, index, Aim()) for index in (0, 1)}
    press(app, _("Fair race"))
    table = app.table[0].value
    assert list(table.columns) == [_("run"), _("tried"), _("winner"), _("before → after"), _("sharpness of η")]
    assert len(table) == 2 and "771" in table[_("tried")][0]
    press(app, _("Fair race"), _("Apply"))
    assert experiment_of(app) == race.applied(before, {index: tuning for index, tuning in found.items() if tuning})
    assert float(address_of(app)["run1.lr"]) == pytest.approx(0.4686, rel=0.2)
    assert not app.get("dialog")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gallery_shows_all_and_tunes_them(language: str) -> None:
    """A tile and a link for every optimizer, untuned at once; the order follows the choice; after the race all are tuned."""
    _ = translator(language)
    steps = str(50 + list(LANGUAGES).index(language))  # what one language has tuned, the cache has for the other
    app = opened({**SMALL, "steps": steps, "lang": language}, "pages/gallery.py")

    def tiles() -> list[str]:
        return [element.proto.body for element in app.get("html") if "lab-tile" in element.proto.body and "<img" in element.proto.body]

    assert len(tiles()) == len(optimizers.REGISTRY) == sum(_("not tuned yet") in body for body in tiles())
    links = [element.proto for element in app.get("page_link")]
    assert len(links) == len(optimizers.REGISTRY) and all("surface=elongated_quadratic" in link.query_string for link in links)
    app.segmented_control(key="gallery:sort").set_value("name").run()
    names = [link.proto.label.strip("*").casefold() for link in app.get("page_link")]
    assert names == sorted(names)
    press(app, _("Tune them all"))
    wait(app)
    assert not any(_("not tuned yet") in body for body in tiles())
    assert address_of(app)["run1.lr"] == "0.01"


def test_without_a_minimum_only_the_loss_can_be_raced() -> None:
    app = opened({**SMALL, "surface": "formula", "surface.expression": "w1 + w2"}, "pages/gallery.py")
    assert len(app.selectbox(key="gallery:goal").options) == 1
