"""Generated calls with bad values: a right answer, or an error that names the parameter."""
