/* What the kernels ask of the compiler, with a plain fallback for each. */
#ifndef SKLEARN_XMR_COMPILER_H
#define SKLEARN_XMR_COMPILER_H

/* With XMR_PORTABLE, GCC and Clang compile what other compilers get, so that it can be tested. */
#if defined(__GNUC__) && !defined(XMR_PORTABLE)
#define XMR_GNU_C 1
#else
#define XMR_GNU_C 0
#endif

/* Several instruction-set versions of one function in one binary, chosen when it is loaded.
   The loader needs ifunc: glibc has it, musl and other systems do not. XMR_ONE_VERSION is for
   debugging. */
#if defined(__clang__)
#define XMR_NAMES_X86_LEVELS (__clang_major__ >= 17)
#elif defined(__GNUC__)
#define XMR_NAMES_X86_LEVELS (__GNUC__ >= 12)
#else
#define XMR_NAMES_X86_LEVELS 0
#endif
#include <limits.h> /* defines __GLIBC__ where there is one */

#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && XMR_NAMES_X86_LEVELS && \
    XMR_GNU_C && !defined(XMR_ONE_VERSION)
#define XMR_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define XMR_CLONES
#endif

/* XMR_ALWAYS_INLINE stands beside `inline`, which Cython writes of its own. */
#if XMR_GNU_C
#define XMR_ALWAYS_INLINE __attribute__((always_inline))
#define XMR_PREFETCH(address) __builtin_prefetch(address)
#define XMR_LOWEST_BIT(word) __builtin_ctzll(word)
#else
#if defined(_MSC_VER)
#define XMR_ALWAYS_INLINE __forceinline
#else
#define XMR_ALWAYS_INLINE
#endif
#define XMR_PREFETCH(address) ((void)(address))
static inline XMR_ALWAYS_INLINE int XMR_LOWEST_BIT(unsigned long long word) {
    int bit = 0;
    for (; !(word & 255); word >>= 8) bit += 8;
    for (; !(word & 1); word >>= 1) bit += 1;
    return bit;
}
#endif

#endif
