"""Models that live for years: in files that are checked, mapped, and safe to open.

- `save_and_load`: `save` and `load`, which people call.
- `object_graph`: a model as JSON values and arrays, and back, without running code of a file.
- `model_file`: a file of these: whole or not there at all, and checked when it is read.
- `versions`: stored estimators know which version of the package made them, in which format.
- `stored_arrays`: checks of arrays that come from files, before a kernel trusts them.
"""
