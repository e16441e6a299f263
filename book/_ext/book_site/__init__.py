"""The frame around every page, and what the reader's browser gets with it.

A page brings its style in its own head and asks for one script of 5 KB; it can be read before any
other file has come, and without scripts. `style` makes the style, `body` mends the markup that
other extensions make, `folds` makes folded boxes work without a script, `frame` fills the template
book/_themes/book/layout.html.
"""

from . import body, folds, frame, style


def setup(app):
    body.connect(app)
    folds.connect(app)
    style.connect(app)
    frame.connect(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
