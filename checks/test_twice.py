"""Each cell may be run again, as students do: twice in succession, it must not fail.

One language is enough, since a test holds the code of both to be the same.
"""

import nbformat
import pytest
from conftest import ROOT
from nbclient import NotebookClient

CHAPTERS = sorted((ROOT / "book" / "en").glob("*.ipynb"))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_cell_runs_a_second_time(path):
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) > 5
    notebook.cells = [
        nbformat.v4.new_code_cell(cell.source, metadata=cell.metadata)
        for cell in cells
        for _ in range(2)
    ]
    folder = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=300, resources=folder).execute()
