"""Where a mistake stands, in the words of somebody who edits a notebook: the cell and the line in
it.

myst-nb counts the lines of a notebook as 10,000 for each cell, beginning with 1, and leaves the
line off some nodes.
"""


def cell_and_line(node) -> tuple[int, int]:
    """The number of the cell, 0 outside a notebook, and the line in it, 0 if it is not known."""
    while node is not None:
        if node.line:
            return divmod(node.line, 10_000)
        node = node.parent
    return 0, 0


def place(node) -> str:
    """A beginning for a message. In a text file the line is shown by Sphinx already."""
    cell, line = cell_and_line(node)
    return f"cell {cell}, line {line}: " if cell else ""
