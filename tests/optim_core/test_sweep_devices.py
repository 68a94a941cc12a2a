"""The same bits on one device, on four virtual ones, and from two processes; and what happens to them together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from optim_core.sweep import devices, files

ROOT = Path(__file__).parents[2]
LINK = "v=1&surface=rosenbrock&steps={steps}&run1=adam&run1.schedule=cosine&map=plane&map.x=lr&map.y=beta1"
CELLS = "90"  # 8,100 runs: several chunks, the last one not full, and no even share for four devices


def command(out: Path, *more: str, steps: int = 60) -> list[str]:
    return [sys.executable, "-m", "optim_core.sweep", LINK.format(steps=steps), "--cells", CELLS, "--out", str(out), *more]


def run(out: Path, *more: str) -> str:
    """Run the command; what it said."""
    return subprocess.run(command(out, *more), cwd=ROOT, check=True, capture_output=True, text=True, timeout=100).stderr


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of one device and one process."""
    out = tmp_path_factory.mktemp("alone") / "map.npz"
    run(out)
    saved = files.read(out)
    assert saved.shape == (90, 90) and len(np.unique(saved.outcome.loss)) > 8000  # or the same bits would mean little
    return out.read_bytes()


@pytest.mark.parametrize("count", ["3", "4"])
def test_virtual_devices(count: str, alone: bytes, tmp_path: Path) -> None:
    """An even share of the chunks for each, or none."""
    run(tmp_path / "map.npz", "--devices", count)
    assert (tmp_path / "map.npz").read_bytes() == alone


def test_virtual_devices_are_there() -> None:
    """Or the test above would compare one device with itself."""
    code = "import sys, jax; from optim_core.sweep.__main__ import main; main(sys.argv[1:]); print(jax.device_count())"
    said = subprocess.run(
        [sys.executable, "-c", code, "hello", "--out", "x", "--devices", "4"], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
    )
    assert said.stdout.strip() == "4"


def test_two_processes(alone: bytes, tmp_path: Path) -> None:
    """Two here, started by one command; two devices each."""
    said = run(tmp_path / "map.npz", "--processes", "2", "--devices", "2")
    assert (tmp_path / "map.npz").read_bytes() == alone and os.listdir(tmp_path) == ["map.npz"]
    assert said.count("1 were computed") == 1  # the first one alone speaks


def test_two_processes_by_hand(alone: bytes, tmp_path: Path) -> None:
    """As on two hosts: only the first one's file is written, whatever the other calls its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        shared = ("--processes", "2", "--coordinator", f"127.0.0.1:{free.getsockname()[1]}")
    with subprocess.Popen(command(tmp_path / "other.npz", *shared, "--process", "1"), cwd=ROOT, stderr=subprocess.DEVNULL) as other:
        run(tmp_path / "map.npz", *shared, "--process", "0")
        assert other.wait(60) == 0
    assert (tmp_path / "map.npz").read_bytes() == alone and os.listdir(tmp_path) == ["map.npz"]


def test_all_refuse_together(tmp_path: Path) -> None:
    """The first process finds parts of another sweep; the other one does not wait for it."""
    folder = tmp_path / "map.npz.parts"
    folder.mkdir()
    (folder / "fingerprint").write_text("another")
    done = subprocess.run(command(tmp_path / "map.npz", "--processes", "2"), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "parts of another sweep" in done.stderr and "Traceback" not in done.stderr


def test_processes_end_with_the_first(tmp_path: Path) -> None:
    """kill −9 of the one that was started leaves none behind."""
    out = tmp_path / "map.npz"
    with subprocess.Popen(command(out, "--processes", "2", steps=10_000), cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as started:
        deadline = time.monotonic() + 60
        while not (tmp_path / "map.npz.parts").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        others = [int(pid) for pid in Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()]
        assert len(others) == 1
        started.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while Path(f"/proc/{others[0]}/stat").exists() and Path(f"/proc/{others[0]}/stat").read_text().rsplit(")")[1].split()[0] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_counts_of_devices() -> None:
    """What is not there is not promised."""
    assert devices.mesh().size == devices.mesh(1).size == 1
    for count in (0, 2, -1):
        with pytest.raises(ValueError, match=r"the devices there are"):
            devices.mesh(count)
