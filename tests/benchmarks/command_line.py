"""The command line that the benchmarks have in common, and what they print."""

import argparse
import csv
import os
import sys
from pathlib import Path


def parser_with_data_dir(description, required=True):
    """Return a parser that knows where the data sets are, from the environment if not told."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = os.environ.get("SKLEARN_XMR_DATA")
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=default,
        required=required and default is None,
        help="folder that holds the data sets (default: $SKLEARN_XMR_DATA)",
    )
    return parser


def print_csv(rows):
    """Print dicts as CSV, each as soon as it is there."""
    writer = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(sys.stdout, row)
            writer.writeheader()
        writer.writerow(row)
        sys.stdout.flush()
