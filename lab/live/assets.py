"""The scripts and styles as the browser gets them.

Streamlit sends a component's inline script again with every update, so what is registered there is a stub of a few lines; the stub imports the real module
from `static/`, where `publish` has put it under a name that contains its content's hash. Plotly's own script comes from the installed package.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import plotly
import streamlit as st

from lab.live import wire

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent.parent
SCRIPTS: Final = (
    *("wire", "outbox", "dom", "scale", "control", "plot", "ink", "cursor", "frame", "curve", "timeline", "draw", "rate", "panel"),
    *("arrows", "tangent", "ring", "player", "table", "share", "inspector", "stage", "atlas"),
    *("course", "regions", "lesson", "layers", "strips", "training", "relief", "landscape", "mount"),
)
STYLES: Final = ("base", "panel", "stage", "atlas", "training", "landscape")
_PREFIX: Final = "descent-lab"
_STALE: Final = 7 * 24 * 3600  # s; a younger file may still be asked for by a page that another process of the app made


class Urls(NamedTuple):
    """Where the browser finds what was published, relative to the app's own address."""

    script: str
    style: str
    plotly: str


def bundle() -> str:
    """All scripts as one module. Each file defines one constant, so laying them end to end is all the bundling they need."""
    return "\n".join((HERE / f"{name}.js").read_text("utf-8") for name in SCRIPTS) + "\nexport { Atlas, Landscape, Panel, Stage, Training, Wire, mount };\n"


def styles() -> str:
    """All styles as one sheet."""
    return "\n".join((HERE / f"{name}.css").read_text("utf-8") for name in STYLES)


@functools.cache
def plotly_script() -> bytes:
    """plotly.js as the installed package carries it."""
    return (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()


@functools.cache
def publish(root: Path = ROOT) -> Urls:
    """Put script, style and plotly.js under `root/static`, once a process; files already there are left alone, ours of last week removed."""
    static = root / "static"
    static.mkdir(exist_ok=True)
    contents = {"js": bundle().encode(), "css": styles().encode(), "plotly.js": plotly_script()}
    names = {kind: f"{_PREFIX}.{hashlib.sha256(content).hexdigest()[:12]}.{kind}" for kind, content in contents.items()}
    for kind, content in contents.items():
        _write_once(static / names[kind], content)
    for old in static.glob(f"{_PREFIX}.*"):
        if old.name not in names.values() and time.time() - old.stat().st_mtime > _STALE:
            old.unlink(missing_ok=True)
    return Urls(*(f"app/static/{names[kind]}" for kind in ("js", "css", "plotly.js")))


def _write_once(path: Path, content: bytes) -> None:
    """Write whole or not at all: another process, or a browser, may be reading."""
    if path.exists() and path.stat().st_size == len(content):
        return
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".descent-lab-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@functools.cache
def component(kind: str) -> ComponentRenderer:
    """The Streamlit component `panel`, `stage`, `atlas`, `training` or `landscape`, registered once a process."""
    urls = publish()
    stub = "\n".join(line.strip() for line in (HERE / "stub.js").read_text("utf-8").splitlines() if not line.startswith("//"))
    for name, value in {"KIND": kind, **urls._asdict()}.items():
        stub = stub.replace(f"__{name.upper()}__", value)
    return st.components.v2.component(f"descent_lab_{kind}", js=stub, isolate_styles=False)


def offline_html(payload: Mapping[str, Any], title: str, lang: str) -> str:
    """One file that shows the stage without a server: player, pictures and table, with plotly.js, the scripts and the numbers inside.

    Args:
        payload: the stage's payload.
        title: the page's title, plain text.
        lang: the language code of the labels.
    """
    data = base64.b64encode(wire.pack(payload)).decode()
    theme = "dark" if payload.get("theme") == "dark" else "light"
    # Neither script may contain the text that would end its own element.
    library, script = (text.replace("</script", r"<\/script") for text in (plotly_script().decode("utf-8"), bundle()))
    return f"""<!doctype html>
<html lang="{html.escape(lang)}" data-theme="{theme}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<style>{styles()}</style>
<body class="lab-page">
<h1>{html.escape(title)}</h1>
<main id="stage"></main>
<script type="text/plain" id="payload">{data}</script>
<script>{library}</script>
<script type="module">
{script}
const text = document.getElementById("payload").textContent;
Stage.offline(document.getElementById("stage"), Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
</script>
</body>
</html>
"""
