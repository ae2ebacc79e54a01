"""Python in a process of its own, which imports what this one does."""

import os
import subprocess
import sys


def run_python(arguments, folder):
    """Run Python in a folder; return the `CompletedProcess`, with texts.

    Not in the repository's: there, the sources would be imported, not what is installed.
    """
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    how = {"cwd": folder, "env": env, "capture_output": True, "text": True, "check": False}
    return subprocess.run([sys.executable, *arguments], **how)
