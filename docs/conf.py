"""How Sphinx builds the site: ``make docs``, or ``sphinx-build -W docs build/site``. Nothing is fetched from the network."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

import n1codec

project = "n1codec"
author = "The n1codec authors"
copyright = "The n1codec authors"
version = release = n1codec.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["examples/*"]

# Markdown: headings can be linked to, also those of other pages, as on a repository's web page.
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# The reference is made from docstrings; their `single backticks` name parameters and objects.
default_role = "py:obj"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_param = False  # types stay text: `n_samples` in a shape refers to no attribute of that name
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say it, with shapes and units
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_inherit_docstrings = True
python_maximum_signature_line_length = 100
add_module_names = False

html_theme = "furo"
html_title = f"n1codec {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False


def setup(app: Sphinx) -> None:
    """Keep Napoleon from taking what stands before a colon in the docstring of a property for its type."""
    docstrings: dict[str, list[str]] = {}

    def keep(_app: Sphinx, what: str, name: str, _object: Any, _options: Any, lines: list[str]) -> None:
        if what in ("attribute", "data", "property"):
            docstrings[name] = list(lines)

    def put_back(_app: Sphinx, what: str, name: str, _object: Any, _options: Any, lines: list[str]) -> None:
        if name in docstrings:
            lines[:] = docstrings.pop(name)

    app.connect("autodoc-process-docstring", keep, priority=400)
    app.connect("autodoc-process-docstring", put_back, priority=600)
