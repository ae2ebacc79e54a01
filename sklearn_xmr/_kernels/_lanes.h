/* A vector of floats that C arithmetic works on: several children of a node at once.

   GCC and Clang lower it to what the instruction set at hand has, and leave the order of each
   lane's operations alone. Compilers without such types get a single float, and the kernels, which
   count in sizeof(xmr_lanes), work on one child at a time. */
#ifndef SKLEARN_XMR_LANES_H
#define SKLEARN_XMR_LANES_H

#include <stdint.h>
#include <string.h>
#include "_compiler.h"

#define XMR_LANES 8

#if XMR_GNU_C
typedef float xmr_lanes __attribute__((vector_size(4 * XMR_LANES), aligned(4), may_alias));
typedef uint32_t xmr_bits __attribute__((vector_size(4 * XMR_LANES), aligned(4), may_alias));
/* A comparison of vectors is a mask, all ones where it holds. */
#define XMR_MASK(test) __typeof__(test)
#define XMR_SELECT(test, a, b) \
    ((xmr_lanes)(((test) & (XMR_MASK(test))(a)) | (~(test) & (XMR_MASK(test))(b))))
#define XMR_AT_LEAST(a, b) ((xmr_lanes)((a) >= (b)))
#else
typedef float xmr_lanes;
typedef uint32_t xmr_bits;
#define XMR_AT_LEAST(a, b) ((float)((a) >= (b)))
#define XMR_SELECT(test, a, b) ((test) ? (a) : (b))
#endif

/* Every lane on its own; XMR_AT_LEAST is +0 where it does not hold. */
#define XMR_MAXIMUM(a, b) XMR_SELECT((a) > (b), a, b)
#define XMR_MINIMUM(a, b) XMR_SELECT((a) < (b), a, b)
#define XMR_WHERE_POSITIVE(x, a, b) XMR_SELECT((x) > 0, a, b)

/* Whether any lane differs from +0. Clang lets no clone of a function pass a vector by value. */
static inline XMR_ALWAYS_INLINE int xmr_any(const xmr_lanes *vector) {
    uint32_t bits, any = 0;
    size_t i;
    for (i = 0; i < sizeof(*vector); i += sizeof(bits)) {
        memcpy(&bits, (const char *)vector + i, sizeof(bits));
        any |= bits;
    }
    return any != 0;
}

/* Replace x by exp(x), for -87 <= x <= 0, to 2 units in the last place: 2^n times the polynomial
   of Cephes' expf (Moshier). It is sums and products alone, the same bits on every machine. */
static inline XMR_ALWAYS_INLINE void xmr_exp_of_negative(xmr_lanes *x) {
    const float shift = 12582912.0f; /* 1.5 * 2^23: a sum with it has no fraction bits */
    xmr_lanes sum = *x * 1.44269504f + shift;
    xmr_lanes n = sum - shift;
    xmr_lanes r = *x - n * 0.693359375f - n * -2.12194440e-4f;
    xmr_lanes polynomial = 1.9875691500e-4f * r + 1.3981999507e-3f;
    xmr_lanes power;
    xmr_bits bits;
    polynomial = polynomial * r + 8.3334519073e-3f;
    polynomial = polynomial * r + 4.1665795894e-2f;
    polynomial = polynomial * r + 1.6666665459e-1f;
    polynomial = polynomial * r + 5.0000001201e-1f;
    polynomial = polynomial * r * r + r + 1.0f;
    memcpy(&bits, &sum, sizeof(bits));
    bits = (bits << 23) + 0x3f800000u; /* n, moved to the exponent of 1 */
    memcpy(&power, &bits, sizeof(power));
    *x = polynomial * power;
}

#endif
