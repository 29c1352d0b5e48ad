"""Launcher tests: socket folders outside the test's own folder are removed again."""

import shutil

import pytest

from anlan.site.launcher import node


@pytest.fixture(autouse=True)
def no_socket_folder_stays(monkeypatch, tmp_path):
    """A long test path gets its socket folder in /tmp; only those made by this test are removed."""
    made = []
    make = node._make_socket_folder

    def recorded(folder):
        made.append(folder)
        make(folder)

    monkeypatch.setattr(node, "_make_socket_folder", recorded)
    yield
    for folder in made:
        if tmp_path not in folder.parents:
            shutil.rmtree(folder, ignore_errors=True)
