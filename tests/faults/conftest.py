import os
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def quick_disk(tmp_path):
    """A folder in memory where there is one: the tests here sync tens of thousands of files."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)
