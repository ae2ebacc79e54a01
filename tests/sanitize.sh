#!/usr/bin/env bash
# Tests and calls with bad values on kernels that check themselves: built with bounds checks,
# AddressSanitizer and UndefinedBehaviorSanitizer, in a folder of their own. Needs GCC.
#
#     tests/sanitize.sh CALLS [PYTEST ARGUMENTS]
set -euo pipefail
cd "$(dirname "$0")/.."
calls=$1
shift

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r pyproject.toml setup.cfg sklearn_xmr tests "$work"
cd "$work"
rm -f sklearn_xmr/_kernels/*.so

SKLEARN_XMR_DEBUG=1 CC=gcc CFLAGS="-fsanitize=address,undefined -fno-omit-frame-pointer" \
    python -c "from setuptools import setup; setup()" -q build_ext --inplace >build.log 2>&1 ||
    { cat build.log; exit 1; }

# Python itself leaks at its end, and knows nothing of these libraries.
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
export LD_PRELOAD PYTHONPATH="$work:$work/tests"
python -m pytest -q -p no:cacheprovider --deselect tests/kernels/test_instruction_sets.py "$@"
python -m fuzz.run --calls "$calls"
