#include "CRE2.h"

#include <re2/re2.h>

#include <cstring>
#include <memory>
#include <new>
#include <string>

struct understudy_pattern {
  RE2 expression;
};

namespace {

re2::StringPiece piece(const uint8_t *bytes, size_t count) {
  return count == 0 ? re2::StringPiece("", 0) : re2::StringPiece(reinterpret_cast<const char *>(bytes), count);
}

void report(const std::string &text, char *error, size_t capacity) {
  if (capacity == 0) return;
  const size_t count = text.size() < capacity ? text.size() : capacity - 1;
  std::memcpy(error, text.data(), count);
  error[count] = 0;
}

}  // namespace

understudy_pattern *understudy_pattern_compile(const uint8_t *bytes, size_t count, size_t maximum_memory, char *error, size_t error_capacity) try {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(static_cast<int64_t>(maximum_memory));
  // Nothing asks for groups, and without them expressions are smaller.
  options.set_never_capture(true);
  std::unique_ptr<understudy_pattern> pattern(new understudy_pattern{{piece(bytes, count), options}});
  if (pattern->expression.ok()) return pattern.release();
  report(pattern->expression.error(), error, error_capacity);
  return nullptr;
} catch (const std::bad_alloc &) {
  report("no memory", error, error_capacity);
  return nullptr;
}

bool understudy_pattern_matches(const understudy_pattern *pattern, const uint8_t *bytes, size_t count) try {
  return pattern->expression.Match(piece(bytes, count), 0, count, RE2::ANCHOR_BOTH, nullptr, 0);
} catch (const std::bad_alloc &) {
  return false;
}

void understudy_pattern_destroy(understudy_pattern *pattern) { delete pattern; }
