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
_BIG_SIDE = re.compile(r"\\[bB]igg?([lr])\s*(?:\\[{}]|[()\[\]|.])(\s*[\^_])?")
# The root of a low letter would hang below the line, as if it were a root of π.
_LOW_ROOT = re.compile(r"(<msqrt>)(<mi[^>]*>[^<]</mi></msqrt>)")
_STRUT = '<mspace height="0.75em" depth="0.1em"></mspace>'

# What follows a formula without a space: a particle, a full stop, a closing bracket.
TOUCHING = re.compile(r"[^\s—–/(]{1,8}")
OPENING = re.compile(r"[(\[“‘]+$")
WORD_AND_PARTICLE = re.compile(r"((?<![^\s(])[^\s(]{1,24}[)%][가-힣]{1,6}[.,]?)")
# What is kept with its neighbours if it has fewer characters; more may fill a phone's line.
TOGETHER = {nodes.math: 40, nodes.literal: 20, nodes.reference: 20}


def to_mathml(tex: str, display: bool) -> str:
    """Typeset a formula. Raises LatexError if it cannot be read."""
    tex = _ENVIRONMENT.sub(
        lambda found: rf"\{found[1]}{{{_UNNUMBERED[found[2]]}}}", tex.strip()
    )
    tex = power_of_the_whole(tex)
    mathml = CONVERTER.convert_with_local_state(tex, displaystyle=display)
    mathml = _PRIME.sub(_PRIMED, mathml)
    mathml = _PRIME_POWER.sub(rf"<msup>{_PRIMED}\3</msup>", mathml)
    mathml = _LOW_ROOT.sub(rf"\1{_STRUT}\2", mathml)
    return _BIG_BRACKET.sub(r'<mo lspace="0" rspace="0" \1>', mathml)


def power_of_the_whole(tex: str) -> str:
    """Braces round each pair of big brackets with a power: in Chromium one alone does not grow.

    A pair on two lines gets an empty base for its power instead.
    """
    opened, braces = [], []
    for side in _BIG_SIDE.finditer(tex):
        if side[1] == "l":
            opened.append(side.start())
        elif opened:
            start = opened.pop()
            if side[2] and "\\\\" in tex[start : side.start()]:
                braces.append((side.start(2), "{}"))
            elif side[2]:
                braces += [(start, "{"), (side.start(2), "}")]
    for at, brace in sorted(braces, reverse=True):
        tex = tex[:at] + brace + tex[at:]
    return tex


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


def is_text(siblings: list) -> bool:
    return bool(siblings) and isinstance(siblings[0], nodes.Text)


def glue(app, doctree, docname):
    """Keep what is short on one line with what touches it, such as a Korean particle.

    Browsers break lines beside a formula even where there is no space: 의 or 를 or a full stop
    would begin the next line, and an opening bracket end one. So they do between ) or % and 의.
    """
    for kind, most in TOGETHER.items():
        for node in list(doctree.findall(kind)):
            if len(node.astext()) < most:
                glue_one(node)
    for text in list(doctree.findall(nodes.Text)):
        parts = WORD_AND_PARTICLE.split(text)
        if len(parts) > 1 and isinstance(text.parent, (nodes.paragraph, nodes.strong)):
            at = next(i for i, node in enumerate(text.parent) if node is text)
            text.parent[at : at + 1] = [
                nodes.inline("", part, classes=["glued"]) if i % 2 else nodes.Text(part)
                for i, part in enumerate(parts)
                if part
            ]


def glue_one(node):
    """Put a node and the characters that touch it into one piece that is not broken."""
    parent = node.parent
    at = parent.index(node)
    before, after = parent[max(at - 1, 0) : at], parent[at + 1 : at + 2]
    opened = OPENING.search(before[0]) if is_text(before) else None
    closed = TOUCHING.match(after[0]) if is_text(after) else None
    if not (opened or closed):
        return
    together = nodes.inline("", "", classes=["glued"])
    if closed:  # by place, as the same words may stand elsewhere in the paragraph
        parent[at + 1] = nodes.Text(after[0][closed.end() :])
    parent[at] = together
    if opened:
        parent[at - 1] = nodes.Text(before[0][: opened.start()])
        together += nodes.Text(opened[0])
    together += node
    if closed:
        together += nodes.Text(closed[0])


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
