/*
 * What one core can do at most: chains of multiply-adds that never leave the registers, in floats and in bytes, with the
 * widest instructions that this processor has. For each line that is read, one line of JSON: billions of operations (a
 * multiply and an add are two) for each second of processor time; null where there is no instruction for it.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Twelve chains hide the latency of every known core, and leave registers for the factors. */
#define CHAINS 12
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)

/* The compiler must not see that the factor never changes: it would multiply once. */
#define HIDE(x, constraint) __asm__ volatile("" : "+" constraint(x))
#define KEEP(x, constraint) __asm__ volatile("" : : constraint(x))

#define LOOP(name, target_attribute, vector, zero, constraint, step)                                                \
  target_attribute static void name(long turns) {                                                                   \
    vector x = zero, v0 = x, v1 = x, v2 = x, v3 = x, v4 = x, v5 = x, v6 = x, v7 = x, v8 = x, v9 = x, v10 = x, v11 = x; \
    for (long turn = 0; turn < turns; turn++) {                                                                     \
      EACH(step)                                                                                                    \
    }                                                                                                               \
    EACH(KEEP_##constraint)                                                                                         \
  }

typedef struct {
  const char *name;
  void (*loop)(long);
  /* Operations of one instruction, or of what stands in for it. */
  double operations;
} Level;

#if defined(__x86_64__)
#include <immintrin.h>
#define KEEP_v(i) KEEP(v##i, "v");
#define KEEP_x(i) KEEP(v##i, "x");
#define TARGET(features) __attribute__((target(features)))

#define FMA512(i) HIDE(x, "v"); v##i = _mm512_fmadd_ps(x, x, v##i);
#define FMA256(i) HIDE(x, "x"); v##i = _mm256_fmadd_ps(x, x, v##i);
#define SSE(i) HIDE(x, "x"); v##i = _mm_add_ps(v##i, _mm_mul_ps(x, x));
#define DOT512(i) HIDE(x, "v"); v##i = _mm512_dpbusd_epi32(v##i, x, x);
#define DOT256(i) HIDE(x, "x"); v##i = _mm256_dpbusd_avx_epi32(v##i, x, x);
#define MADD256(i) \
  HIDE(x, "x"); v##i = _mm256_add_epi32(v##i, _mm256_madd_epi16(_mm256_maddubs_epi16(x, x), x));

LOOP(fma512, TARGET("avx512f"), __m512, _mm512_setzero_ps(), v, FMA512)
LOOP(fma256, TARGET("avx2,fma"), __m256, _mm256_setzero_ps(), x, FMA256)
LOOP(sse, TARGET("sse2"), __m128, _mm_setzero_ps(), x, SSE)
LOOP(dot512, TARGET("avx512f,avx512vnni"), __m512i, _mm512_setzero_si512(), v, DOT512)
LOOP(madd256, TARGET("avx2"), __m256i, _mm256_setzero_si256(), x, MADD256)
#if (defined(__clang__) && __clang_major__ >= 12) || (!defined(__clang__) && __GNUC__ >= 11)
#define HAS_AVXVNNI
LOOP(dot256, TARGET("avx2,avxvnni"), __m256i, _mm256_setzero_si256(), x, DOT256)
#endif

static Level floats(void) {
  if (__builtin_cpu_supports("avx512f")) return (Level){"AVX-512", fma512, 32};
  if (__builtin_cpu_supports("fma")) return (Level){"AVX2 FMA", fma256, 16};
  return (Level){"SSE", sse, 8};
}

static Level bytes(void) {
  if (__builtin_cpu_supports("avx512vnni")) return (Level){"AVX-512 VNNI", dot512, 128};
#ifdef HAS_AVXVNNI
  if (__builtin_cpu_supports("avxvnni")) return (Level){"AVX VNNI", dot256, 64};
#endif
  if (__builtin_cpu_supports("avx2")) return (Level){"AVX2", madd256, 64};
  return (Level){0, 0, 0};
}

#elif defined(__aarch64__)
#include <arm_neon.h>
#define KEEP_w(i) KEEP(v##i, "w");
#define FMA128(i) HIDE(x, "w"); v##i = vfmaq_f32(v##i, x, x);
LOOP(fma128, , float32x4_t, vdupq_n_f32(0), w, FMA128)
static Level floats(void) { return (Level){"NEON", fma128, 8}; }

#if defined(__ARM_FEATURE_DOTPROD)
#define DOT128(i) HIDE(x, "w"); v##i = vdotq_s32(v##i, vreinterpretq_s8_s32(x), vreinterpretq_s8_s32(x));
LOOP(dot128, , int32x4_t, vdupq_n_s32(0), w, DOT128)
static Level bytes(void) { return (Level){"NEON dot product", dot128, 32}; }
#else
static Level bytes(void) { return (Level){0, 0, 0}; }
#endif

#else
static Level floats(void) { return (Level){0, 0, 0}; }
static Level bytes(void) { return (Level){0, 0, 0}; }
#endif

static double cpu_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

/* The best of several tries: whatever else the machine does can only slow them. */
static void print(const char *key, Level level) {
  const long turns = 2000000;
  double best = 0;
  for (int attempt = 0; level.loop && attempt < 12; attempt++) {
    double started = cpu_seconds();
    level.loop(turns);
    double rate = turns * (double)CHAINS * level.operations / (cpu_seconds() - started) / 1e9;
    if (rate > best) best = rate;
  }
  if (level.loop) printf("\"%s\": {\"name\": \"%s\", \"gigaOperations\": %.1f}", key, level.name, best);
  else printf("\"%s\": null", key);
}

int main(void) {
  char line[64];
  puts("{}");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    if (!strchr(line, '\n')) continue;
    printf("{");
    print("floats", floats());
    printf(", ");
    print("bytes", bytes());
    puts("}");
    fflush(stdout);
  }
  return 0;
}
