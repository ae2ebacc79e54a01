"""Times and peak memory over the history of the project, on the embedded data."""
