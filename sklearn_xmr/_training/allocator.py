"""What the allocator holds on to."""

import ctypes
from contextlib import suppress


def return_free_memory():
    """Give memory that is free back to the system.

    glibc keeps what lies between arrays in use, in the heap of each thread: after training, with
    its many small arrays, about as much as the weights take. Other allocators are left alone.
    """
    with suppress(AttributeError, OSError, TypeError):  # not glibc, or not even POSIX
        ctypes.CDLL(None).malloc_trim(0)
