// Counts the edges of the control flow that were taken, in code that was compiled to tell of them (`-sanitize-coverage=edge,trace-pc-guard`;
// clang's SanitizerCoverage documentation has the two functions that are called for it). In other builds nothing calls them.
#ifndef CEDGECOVERAGE_H
#define CEDGECOVERAGE_H

#include <stdint.h>

/// The edges of everything that was compiled to tell of them; 0 if nothing was.
uint32_t understudy_edges(void);

/// Those that were taken since the last `understudy_edges_forget`.
uint32_t understudy_edges_taken(void);

/// Begins anew.
void understudy_edges_forget(void);

#endif
