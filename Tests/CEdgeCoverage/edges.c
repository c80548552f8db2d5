#include "CEdgeCoverage.h"

#include <string.h>

// More than all rooms together have; edges beyond are not counted.
enum { most = 1 << 22 };
static uint32_t count;
// Written by any thread, always the same value.
static uint8_t taken[most];

void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, uint32_t *stop) {
  if (start == stop || *start != 0) return;
  for (uint32_t *guard = start; guard < stop && count + 1 < most; guard++) *guard = ++count;
}

void __sanitizer_cov_trace_pc_guard(uint32_t *guard) {
  // A store of what is there already would take the line from other processors.
  uint8_t *place = &taken[*guard];
  if (!__atomic_load_n(place, __ATOMIC_RELAXED)) __atomic_store_n(place, 1, __ATOMIC_RELAXED);
}

uint32_t understudy_edges(void) { return count; }

uint32_t understudy_edges_taken(void) {
  uint32_t sum = 0;
  for (uint32_t number = 1; number <= count; number++) sum += __atomic_load_n(&taken[number], __ATOMIC_RELAXED);
  return sum;
}

void understudy_edges_forget(void) { memset(taken, 0, sizeof taken); }
