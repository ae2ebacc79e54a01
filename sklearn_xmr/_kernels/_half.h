/* IEEE half precision, in integer arithmetic and one exact product: no F16C, no table. */
#ifndef SKLEARN_XMR_HALF_H
#define SKLEARN_XMR_HALF_H

#include <stdint.h>
#include <string.h>

/* The exponents of float and half are biased by 127 and 15. */
#define XMR_TWO_TO_112 5192296858534827628530496329220096.0f

/* The float of a finite half. */
static inline float xmr_float_of_half(uint16_t half) {
    uint32_t magnitude = (uint32_t)(half & 0x7FFF) << 13, sign = (uint32_t)(half & 0x8000) << 16;
    float value;
    memcpy(&value, &magnitude, sizeof(value));
    value *= XMR_TWO_TO_112;
    memcpy(&magnitude, &value, sizeof(value));
    magnitude |= sign;
    memcpy(&value, &magnitude, sizeof(value));
    return value;
}

/* The half that is exactly the float. */
static inline uint16_t xmr_half_of_float(float value) {
    uint32_t bits, sign;
    memcpy(&bits, &value, sizeof(value));
    sign = bits >> 16 & 0x8000;
    bits &= 0x7FFFFFFF;
    memcpy(&value, &bits, sizeof(value));
    value *= 1.0f / XMR_TWO_TO_112;
    memcpy(&bits, &value, sizeof(value));
    return (uint16_t)(bits >> 13 | sign);
}

#endif
