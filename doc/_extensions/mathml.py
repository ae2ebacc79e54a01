"""Formulas as MathML, which browsers draw by themselves: no script, no network."""

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.errors import ExtensionError


def mathml(node, as_block):
    """A formula's markup. Docutils knows most of LaTeX's commands, but not all."""
    try:
        return tex2mathml(node.astext(), as_block)
    except MathError as error:
        raise ExtensionError(f"{error} In a formula: {node.astext()}") from error


def visit_inline(writer, node):
    """Write a formula of a line of text."""
    writer.body.append(mathml(node, as_block=False))
    raise nodes.SkipNode


def visit_block(writer, node):
    """Write a formula that stands by itself."""
    writer.body.append(f'<div class="math">{mathml(node, as_block=True)}</div>')
    raise nodes.SkipNode


def setup(app):
    """Let Sphinx know the renderer."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True}
