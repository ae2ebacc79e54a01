"""The architecture as data: what tests/test_architecture.py holds the package to."""

# Who may import whom. A room is a module or folder at the top of the package; what is in it imports
# what stands on lower floors, and its own room. Here the lowest floor comes first.
FLOORS = [
    [
        "_version",
        "_build",
        "_default_parts",
        "_kernels",
        "_sklearn",
        "_user_objects",
        "_user_warnings",
    ],
    ["_checks", "_growing"],
    ["_frames", "_saving", "_sparse", "_threads"],
    ["_label_sets"],
    ["_files", "_pipelines", "_row_taker", "_targets", "_text", "label_features"],
    ["_predictions"],
    ["_indexing"],
    ["_matching"],
    ["_ranking"],
    ["_fitted_model"],
    ["_training"],
    ["_fitted_state"],
    ["_label_ranker"],
    ["_rank", "_xr_linear"],
    ["_cross_val_rank", "_held_out", "_top_labels", "datasets", "metrics"],
    ["_calibrated_ranker"],
    ["inspection", "interop", "surgery"],
    ["_completion", "_retrieval"],
    ["demo"],
    ["sklearn_xmr"],
]

# Kernels are loops over flat arrays: C, and NumPy for the arrays that they return.
KERNELS_IMPORT = {"cpython", "cython", "libc", "numpy"}

# The one module that knows scikit-learn's private names.
KNOWS_SKLEARN = "_sklearn.py"

# Underscored names that are not private: of named tuples, and of scikit-learn's estimators.
COMMON_NAMES = {"_asdict", "_fields", "_make", "_replace"}
COMMON_NAMES |= {"_parameter_constraints", "_validate_params"}

# What is longer holds two ideas.
LINES = {"module": 400, "kernel": 300, "test": 600}
# What is longer all the same, and why.
LONGER = {"_xr_linear.py": "it documents the many parameters of one estimator"}
# What takes more wants a type. Constructors of estimators are exempt: users name their parameters.
PARAMETERS = {"module": 8, "kernel": 12}

# Folders of tests that mirror no room.
OTHER_TESTS = {
    "benchmarks",
    "faults",
    "fuzz",
    "helpers",
    "integration",
    "search_box",
    "sklearn_xmr_annif",
}
