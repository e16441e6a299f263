r"""Formulas are typeset while the book is built, as MathML that browsers draw without a script.

The TeX source stays inside each formula as an annotation, where copying and screen readers find
it. A formula that cannot be read is a build warning that names page, place and formula.
"""

import re
from html import escape

from book_places import place
from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)

CONVERTER = LatexToMathML(annotation=True, fancy_error=False)

# Numbers belong to Sphinx, so rows are aligned, not numbered.
_ENVIRONMENT = re.compile(r"\\(begin|end)\{(align|split|gather)\*?\}")
_UNNUMBERED = {"align": "aligned", "split": "aligned", "gather": "gathered"}

# A prime has its height built in; as a superscript it would shrink to a speck.
_PRIME = re.compile(r"<msup>(<mi[^>]*>[^<]*</mi>)<mo>([′″‴])</mo></msup>")
_PRIME_POWER = re.compile(
    r"<msup>(<mi[^>]*>[^<]*</mi>)<mrow><mo>([′″‴])</mo>(<(m[in])>[^<]*</\4>)</mrow></msup>"
)
_PRIMED = r'<mrow>\1<mo lspace="0" rspace="0">\2</mo></mrow>'
# \bigl( and its like lose the side that they stand on, and get the space of a relation.
_BIG_BRACKET = re.compile(r"<mo (minsize=[^>]*)>(?=[()\[\]{}])")

# What follows a formula without a space: a particle, a full stop, a closing bracket.
TOUCHING = re.compile(r"[^\s—–/(]{1,8}")


def to_mathml(tex: str, display: bool) -> str:
    """Typeset a formula. Raises LatexError if it cannot be read."""
    tex = _ENVIRONMENT.sub(
        lambda found: rf"\{found[1]}{{{_UNNUMBERED[found[2]]}}}", tex.strip()
    )
    mathml = CONVERTER.convert_with_local_state(tex, displaystyle=display)
    mathml = _PRIME.sub(_PRIMED, mathml)
    mathml = _PRIME_POWER.sub(rf"<msup>{_PRIMED}\3</msup>", mathml)
    return _BIG_BRACKET.sub(r'<mo lspace="0" rspace="0" \1>', mathml)


def typeset(node, display: bool) -> str:
    tex = node.astext()
    try:
        return to_mathml(tex, display)
    except LatexError as error:
        reason = " ".join(str(error).split())
        logger.warning(
            "%scannot typeset the formula %r: %s",
            place(node),
            tex,
            reason,
            location=node,
            type="math",
        )
        return f"<code>{escape(tex)}</code>"


def visit_inline(translator, node):
    translator.body.append(
        f'<span class="math notranslate">{typeset(node, display=False)}</span>'
    )
    raise nodes.SkipNode


def glue(app, doctree, docname):
    """Keep a short formula on one line with what touches it, such as a Korean particle.

    Browsers break lines beside a formula even where there is no space, and 의 or 를 would begin the
    next line.
    """
    for formula in list(doctree.findall(nodes.math)):
        following = formula.next_node(descend=False, siblings=True, ascend=False)
        touching = isinstance(following, nodes.Text) and TOUCHING.match(following)
        if touching and len(formula.astext()) < 40:
            word = touching[0]
            formula.parent.replace(following, nodes.Text(following[len(word) :]))
            together = nodes.inline("", "", classes=["glued"])
            formula.parent.replace(formula, together)
            together += [formula, nodes.Text(word)]


def visit_display(translator, node):
    translator.body.append(
        translator.starttag(node, "div", CLASS="math-display notranslate")
    )
    translator.body.append(
        f'<div class="math-scroll">{typeset(node, display=True)}</div>'
    )
    if node["number"]:
        translator.body.append(
            f'<span class="eqno">({get_node_equation_number(translator, node)})'
        )
        translator.add_permalink_ref(node, _("Link to this equation"))
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    app.connect("doctree-resolved", glue)
    app.add_html_math_renderer(
        "mathml",
        inline_renderers=(visit_inline, None),
        block_renderers=(visit_display, None),
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
