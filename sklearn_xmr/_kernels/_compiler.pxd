# Compiler features as Cython can say them. A function attribute goes in front of the return type,
# so it is spelled as a kind of `void`.

cdef extern from "_compiler.h" nogil:
    ctypedef void cloned_void "XMR_CLONES void"
    ctypedef void inlined_void "XMR_ALWAYS_INLINE void"
    void prefetch "XMR_PREFETCH" (const void *address) noexcept
    int lowest_bit "XMR_LOWEST_BIT" (unsigned long long word) noexcept  # of a word that is not 0
