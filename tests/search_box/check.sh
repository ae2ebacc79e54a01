#!/usr/bin/env bash
# The search box of examples/search_box in a browser, under load, and pictures of it in a folder:
#   pip install . pytest pytest-xdist hypothesis fastapi "uvicorn[standard]" playwright
#   playwright install chromium    # where there is no Chromium or Chrome
#   tests/search_box/check.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/../.."

pytest -q tests/search_box
python examples/search_box/load.py
python examples/search_box/load.py --searches
python examples/search_box/load.py --rate 500

python examples/search_box/server.py &
trap 'kill $!' EXIT
until curl --silent --output /dev/null http://127.0.0.1:8000/api/state; do sleep 1; done
python tests/search_box/screenshots.py "$1"
