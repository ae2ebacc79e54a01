"""The hot loops: flat arrays in, flat arrays out, without the GIL and without Python objects."""
