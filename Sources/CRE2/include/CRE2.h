// What Swift cannot call of RE2 (C++ classes), as C.
//
// RE2 and not a regular expression of Swift's or Foundation's: patterns are matched with what anybody sends, and RE2 takes time in proportion
// to the text, whatever the pattern. One that backtracks can be made to take for ever.
#ifndef CRE2_H
#define CRE2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled regular expression. Does not change any more: any thread may match with it.
typedef struct understudy_pattern understudy_pattern;

/// Compiles an expression in UTF-8, which together with what matching remembers may take `maximum_memory` bytes. Returns NULL if that does not
/// do, and leaves the reason in `error`: text that ends in a zero, cut to `error_capacity` bytes.
understudy_pattern *understudy_pattern_compile(const uint8_t *bytes, size_t count, size_t maximum_memory, char *error, size_t error_capacity);

/// Whether the whole text matches.
bool understudy_pattern_matches(const understudy_pattern *pattern, const uint8_t *bytes, size_t count);

/// Frees a pattern.
void understudy_pattern_destroy(understudy_pattern *pattern);

#ifdef __cplusplus
}
#endif
#endif
