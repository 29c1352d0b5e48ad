"""What the launcher arranges before anything of the node runs."""

import os
import subprocess
import sys
from pathlib import Path

from anlan.site.launcher.bootstrap import keep_bytecode


def test_who_asks_for_no_bytecode_beside_the_sources_gets_it_below_the_checkouts_own_folder(tmp_path):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tmp_path)}
    environment.pop("PYTHONPYCACHEPREFIX", None)
    keep_bytecode(environment, tmp_path / "checkout")
    (tmp_path / "kept.py").write_text("WORD = 1\n")
    subprocess.run([sys.executable, "-c", "import kept"], env=environment, check=True)
    assert not (tmp_path / "__pycache__").exists()
    assert [found.name for found in Path(tmp_path / "checkout" / ".anlan" / "bytecode").rglob("kept.*.pyc")]


def test_everybody_elses_way_of_keeping_bytecode_stays_as_it_is(tmp_path):
    for given in ({}, {"PYTHONPYCACHEPREFIX": "/var/cache/python"}, {"PYTHONDONTWRITEBYTECODE": ""}):
        environment = dict(given)
        keep_bytecode(environment, tmp_path)
        assert environment.get("PYTHONPYCACHEPREFIX") == given.get("PYTHONPYCACHEPREFIX")
    chosen = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": "/var/cache/python"}
    keep_bytecode(chosen, tmp_path)
    assert chosen == {"PYTHONPYCACHEPREFIX": "/var/cache/python"}
