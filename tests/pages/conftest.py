"""Pages run in this process: their compilations are kept in a folder of their own, where no server of another test was ended while it wrote, and nothing is
compiled in the background, where the end of the tests would meet it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab import startup


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(startup, "DELAY", 1e6)
        yield
