/* Loops around functions of SLEEF, one for each instruction set: vectors cannot pass from Rust to C by value. The functions
   are declared here: sleef.h declares those of an instruction set only to a file that is compiled for it as a whole. */
#include <immintrin.h>
#include <stddef.h>

#define LOOP(features, name, width, vector, load, store)                       \
  __attribute__((target(features))) vector Sleef_##name(vector);               \
  __attribute__((target(features))) void loop_##name(const double *in,         \
                                                     double *out, size_t n) {  \
    for (size_t i = 0; i < n; i += width)                                      \
      store(out + i, Sleef_##name(load(in + i)));                              \
  }
#define SSE2(name) LOOP("sse2", name, 2, __m128d, _mm_load_pd, _mm_store_pd)
#define AVX(name) LOOP("avx", name, 4, __m256d, _mm256_load_pd, _mm256_store_pd)
#define AVX512(name)                                                           \
  LOOP("avx512f", name, 8, __m512d, _mm512_load_pd, _mm512_store_pd)

SSE2(expd2_u10sse2)
SSE2(logd2_u10sse2)
SSE2(logd2_u35sse2)
AVX(expd4_u10avx)
AVX(logd4_u10avx)
AVX(logd4_u35avx)
AVX(expd4_u10avx2)
AVX(logd4_u10avx2)
AVX(logd4_u35avx2)
AVX512(expd8_u10avx512f)
AVX512(logd8_u10avx512f)
AVX512(logd8_u35avx512f)
AVX512(expd8_u10avx512fnofma)
AVX512(logd8_u10avx512fnofma)
AVX512(logd8_u35avx512fnofma)
