"""What the browser is given: one module, published once under names that change with their content."""

from __future__ import annotations

import base64
import os
import re
import time
from pathlib import Path

import numpy as np

from lab.figures import style
from lab.live import ATLAS_LABELS, LANDSCAPE_LABELS, PANEL_LABELS, STAGE_LABELS, TRAINING_LABELS, assets, offline_html, wire


def test_each_script_is_one_constant_and_short() -> None:
    for name in assets.SCRIPTS:
        text = (assets.HERE / f"{name}.js").read_text("utf-8")
        assert len(re.findall(r"^const \w+ = \(\(\) => \{$", text, re.M)) == 1, name
        assert len(re.findall(r"^\S", re.sub(r"^//.*$", "", text, flags=re.M), re.M)) == 2, f"{name}: something stands outside the constant"
        assert text.count("\n") < 300, name
    assert {path.stem for path in assets.HERE.glob("*.js")} == {*assets.SCRIPTS, "stub"}
    assert {path.stem for path in assets.HERE.glob("*.css")} == set(assets.STYLES)


def test_the_bundle_is_safe_inside_a_page() -> None:
    assert "</script" not in assets.bundle()
    assert "<!--" not in assets.bundle()
    assert "</style" not in assets.styles()
    assert assets.bundle().rstrip().endswith("export { Atlas, Landscape, Panel, Stage, Training, Wire, mount };")


def test_every_label_used_in_a_script_is_declared() -> None:
    used = set(re.findall(r"labels\??\.(\w+)", assets.bundle()))
    declared = {*ATLAS_LABELS, *LANDSCAPE_LABELS, *PANEL_LABELS, *STAGE_LABELS, *TRAINING_LABELS}
    assert used <= declared, used - declared


def test_publish_writes_whole_files_and_removes_stale_ones(tmp_path: Path) -> None:
    static = tmp_path / "static"
    static.mkdir()
    for name, age in (("descent-lab.000000000000.js", 30), ("descent-lab.111111111111.js", 0)):
        (static / name).write_text("of another version")
        os.utime(static / name, (time.time() - age * 86400,) * 2)
    (static / "photo.png").write_text("not ours")
    urls = assets.publish.__wrapped__(tmp_path)
    names = {path.name for path in static.iterdir()}
    assert names == {"photo.png", "descent-lab.111111111111.js", *(Path(url).name for url in urls)}
    assert (static / Path(urls.script).name).read_text("utf-8") == assets.bundle()
    before = {path.name: path.stat().st_mtime_ns for path in static.iterdir()}
    assert assets.publish.__wrapped__(tmp_path) == urls
    assert {path.name: path.stat().st_mtime_ns for path in static.iterdir()} == before


def test_offline_page_carries_everything_and_escapes_the_title() -> None:
    page = offline_html({"labels": {}, "theme": "dark", "a": np.arange(3.0)}, "<b>GD & co</b>", "ru")
    assert '<html lang="ru" data-theme="dark">' in page
    assert "&lt;b&gt;GD &amp; co&lt;/b&gt;" in page
    assert "<b>" not in page.split("<script")[0]
    data = re.search(r'id="payload">([^<]+)<', page)
    assert data is not None
    assert wire.unpack(base64.b64decode(data[1]))["a"].tolist() == [0, 1, 2]
    ours = page.replace(assets.plotly_script().decode("utf-8"), "")
    assert not re.search(r"<link|<script[^>]+src|https?://(?!www\.w3\.org)", ours), "nothing is fetched"


def test_the_browser_knows_every_dash_and_marker() -> None:
    """A look that only Python knows would be drawn as another run's."""
    script = assets.bundle()
    for name in style.MARKERS:
        assert f'"{name}":' in script or f" {name}:" in script, name
    for dash in set(style.DASHES) - {"solid"}:
        assert f"{dash}:" in script, dash
