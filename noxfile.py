"""The whole suite with the oldest or the newest dependencies, in an environment of its own.

    nox --session oldest
    nox --session newest -- tests/kernels

The oldest are the lower bounds of pyproject.toml, on the oldest Python.
"""

import nox

nox.options.default_venv_backend = "uv"


@nox.session(python="3.10")
def oldest(session):
    """With the lower bounds."""
    # matplotlib's oldest release warns of names that pyparsing 3.3 deprecates.
    session.install("--resolution", "lowest-direct", ".[test]", "pyparsing==3.2.*")
    session.run("pytest", "-q", "-n", "auto", *session.posargs)


@nox.session
def newest(session):
    """With all that is newest."""
    session.install("--upgrade", ".[test]")
    session.run("pytest", "-q", "-n", "auto", *session.posargs)
