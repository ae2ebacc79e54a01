"""Configuration of the documentation's build.

The build needs no network: names of other projects are not looked up.
"""

import sys
from pathlib import Path

import sklearn_xmr

sys.path.append(str(Path(__file__).parent / "development"))

project = "sklearn_xmr"
author = "the sklearn_xmr developers"
copyright = author
version = release = sklearn_xmr.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.doctest",
    "sphinx.ext.mathjax",
    "matplotlib.sphinxext.plot_directive",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "code_map",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]

html_theme = "pydata_sphinx_theme"
html_title = project
html_theme_options = {"show_prev_next": False, "show_toc_level": 2}
html_show_sourcelink = False

# A class's page has its methods, those of our mixins included, written out below its parameters.
# What comes from scikit-learn's base classes, or from tuple, is described there.
autosummary_generate = True
autodoc_default_options = {
    "members": True,
    "inherited-members": "BaseEstimator, ClassifierMixin, TransformerMixin, tuple",
    "member-order": "bysource",
}
numpydoc_show_class_members = False

# What a reader copies from a session is the input alone.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": "/plot_",
    "abort_on_example_error": True,
    "show_memory": False,
}


def skip_metadata_requests(app, what, name, obj, skip, options):
    """Leave out what metadata routing adds, whose texts refer to scikit-learn's own pages."""
    is_setter = name.startswith("set_") and name.endswith("_request")
    return True if is_setter or name == "get_metadata_routing" else None


def setup(app):
    """Connect to Sphinx's events."""
    app.connect("autodoc-skip-member", skip_metadata_requests)
