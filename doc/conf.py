"""Configuration of the documentation's build.

Neither building it nor reading it needs a network: links to other projects come from the short
lists in ``inventories``, formulas are MathML, and drawings are made here.
"""

import os
import sys
from pathlib import Path

import sklearn_xmr

HERE = Path(__file__).parent
sys.path.append(str(HERE / "_extensions"))

project = "sklearn_xmr"
author = "the sklearn_xmr developers"
copyright = author
version = release = sklearn_xmr.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.doctest",
    "sphinx.ext.intersphinx",
    "matplotlib.sphinxext.plot_directive",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "code_map",
    "mathml",
    "no_mail",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]

html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_theme = "pydata_sphinx_theme"
html_title = project

# All versions on the web look up the newest list of versions; elsewhere, it is the build's own.
BRANCH = os.environ.get("GITHUB_REF_NAME")
SITE = "https://sklearn-xmr.github.io/sklearn_xmr/"
html_theme_options = {
    "show_prev_next": False,
    "show_toc_level": 2,
    "switcher": {
        "json_url": f"{SITE if BRANCH else ''}_static/versions.json",
        "version_match": (BRANCH or "main").removeprefix("v"),
    },
    "check_switcher": not BRANCH,
    "navbar_end": ["version-switcher", "theme-switcher"],
}
html_show_sourcelink = False
# Pages of the top that have none below have nothing to show beside them.
TOP_PAGES = "benchmarks", "citation", "faq", "glossary", "install", "parameters", "whats_new"
html_sidebars = {page: [] for page in TOP_PAGES}

# A class's page has its methods, those of our mixins included, written out below its parameters.
# What comes from scikit-learn's base classes, or from tuple, is described there.
autosummary_generate = True
autodoc_default_options = {
    "members": True,
    "inherited-members": "BaseEstimator, ClassifierMixin, TransformerMixin, tuple",
    "member-order": "bysource",
}
numpydoc_show_class_members = False
toc_object_entries_show_parents = "hide"

# What a reader copies from a session is the input alone.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# Names of other projects that we mention, and where they are described. The lists are in the first
# form of Sphinx's inventories, which is plain text: a name, its kind and its page.
DOCUMENTED_AT = {
    "joblib": "https://joblib.readthedocs.io/en/stable/",
    "numpy": "https://numpy.org/doc/stable/",
    "scipy": "https://docs.scipy.org/doc/scipy/",
    "sklearn": "https://scikit-learn.org/stable/",
}
intersphinx_mapping = {
    name: (url, str(HERE / "inventories" / f"{name}.txt")) for name, url in DOCUMENTED_AT.items()
}

# What `sphinx-build -b linkcheck` cannot reach: a reader's own machine.
linkcheck_ignore = [r"http://127\.0\.0\.1.*"]

plot_formats = ["svg"]
plot_html_show_formats = False
plot_html_show_source_link = False

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": "/plot_",
    "within_subsection_order": "gallery_order.ByNeed",
    "abort_on_example_error": True,
    # Which examples use a class: its page shows them.
    "backreferences_dir": "generated/backreferences",
    "doc_module": ("sklearn_xmr",),
    "show_memory": False,
}


def skip_metadata_requests(app, what, name, obj, skip, options):
    """Leave out what metadata routing adds, whose texts refer to scikit-learn's own pages."""
    is_setter = name.startswith("set_") and name.endswith("_request")
    return True if is_setter or name == "get_metadata_routing" else None


def setup(app):
    """Connect to Sphinx's events."""
    app.connect("autodoc-skip-member", skip_metadata_requests)
