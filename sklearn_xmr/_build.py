"""How the Cython kernels are found and compiled, and what a source distribution holds.

Each ``.pyx`` file of ``_kernels`` is an extension, so that a new kernel is one new file. Set
``SKLEARN_XMR_DEBUG=1`` while building to compile the kernels with bounds checks.
"""

import gzip
import os
import tarfile
from glob import glob
from pathlib import Path
from threading import Lock

import numpy as np
from Cython.Distutils.build_ext import build_ext as cython_build_ext
from setuptools import Extension
from setuptools.command.sdist import sdist as setuptools_sdist

DEBUG = os.environ.get("SKLEARN_XMR_DEBUG", "0") == "1"

# Archives tell nothing of when they were made: who builds one again gets the same bytes.
EPOCH = int(os.environ.setdefault("SOURCE_DATE_EPOCH", "315532800"))  # 1980, when zip's time begins

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
    "freethreading_compatible": True,
}

# -O3 makes the solver twice as fast as -O2, and Python builds differ in what they pass. Without
# -ffp-contract=off, the last bits of a model would depend on the machine's instruction set.
UNIX_FLAGS = ["-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"]
# Debug information would make a wheel several times as large. A debug build has one version of each
# loop: it is compiled in a third of the time, and a debugger finds its lines.
UNIX_FLAGS += ["-O1", "-g", "-DXMR_ONE_VERSION"] if DEBUG else ["-O3", "-g0"]
MSVC_FLAGS = ["/O2", "/fp:precise"]

# Of NumPy's C interface, what every version since 2.0 has.
NUMPY_MACROS = ["NPY_TARGET_VERSION", "NPY_NO_DEPRECATED_API"]

# What Cython puts beside every kernel, memoryviews above all, is compiled once, in a module of its
# own: in each of twenty it took most of the time.
SHARED_MODULE = "sklearn_xmr._kernels._cyutility"


def find_kernels():
    """Return an extension for each source among the kernels, and the module that they share."""
    headers = sorted(glob("sklearn_xmr/_kernels/*.h"))
    shared = Extension(SHARED_MODULE, ["sklearn_xmr/_kernels/_cyutility.c"])  # made by Cython
    return [shared] + [
        Extension(f"sklearn_xmr._kernels.{Path(source).stem}", [source], depends=headers)
        for source in sorted(glob("sklearn_xmr/_kernels/*.pyx"))
    ]


# Extensions are built by several threads, which now and then disturb each other in Cython: then C
# sources differ from build to build. So one at a time is translated, while others are compiled.
_TRANSLATION = Lock()


class _Compiling(cython_build_ext.__base__):
    def build_extension(self, ext):
        _TRANSLATION.release()
        try:
            super().build_extension(ext)
        finally:
            _TRANSLATION.acquire()


class build_ext(cython_build_ext, _Compiling):  # noqa: N801 (setuptools' name for the command)
    """``build_ext`` with this project's Cython directives and compiler flags."""

    def finalize_options(self):
        self.distribution.ext_modules = find_kernels()
        super().finalize_options()
        self.cython_directives = DIRECTIVES
        self.shared_utility_qualified_name = SHARED_MODULE
        # Kernels include a header of their package, and C files are written to the build folder.
        self.include_dirs += [os.path.join("sklearn_xmr", "_kernels"), np.get_include()]

    def build_extension(self, ext):
        ext.define_macros = [(name, "NPY_2_0_API_VERSION") for name in NUMPY_MACROS]
        ext.extra_compile_args = MSVC_FLAGS if self.compiler.compiler_type == "msvc" else UNIX_FLAGS
        with _TRANSLATION:
            super().build_extension(ext)


class sdist(setuptools_sdist):  # noqa: N801
    """``sdist`` with all that the tests read: setuptools adds ``tests/test*.py`` alone."""

    def make_distribution(self):
        self.filelist.process_template_line("recursive-include tests *.py *.json *.md *.xmr")
        self.filelist.process_template_line("recursive-include examples *.py *.rst")
        self.filelist.process_template_line("recursive-include doc *.py *.rst *.csv *.txt")
        self.filelist.process_template_line("recursive-exclude doc/auto_examples *")
        self.filelist.process_template_line("recursive-exclude doc/generated *")
        super().make_distribution()

    def make_archive(self, base_name, format, root_dir=None, base_dir=None, **_):
        """A tar of sorted names, all of one time and of nobody."""
        path = f"{base_name}.tar.gz"
        with (
            open(path, "wb") as file,
            gzip.GzipFile("", "wb", fileobj=file, mtime=EPOCH) as compressed,
            tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            archive.add(base_dir, filter=_of_nobody)
        return path


def _of_nobody(member):
    member.mtime = EPOCH
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
