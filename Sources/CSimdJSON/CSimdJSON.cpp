#include "CSimdJSON.h"

#include <simdjson.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <new>

struct understudy_json_parser {
  simdjson::dom::parser parser;
  size_t maximum_depth = 0;
  std::unique_ptr<uint8_t[]> bytes;
  size_t capacity = 0;
};

namespace {

/// Grows all buffers at least twofold, so that slowly growing documents do not allocate each time.
bool reserve(understudy_json_parser &parser, size_t count) {
  if (count <= parser.capacity) return true;
  size_t capacity = parser.capacity * 2;
  if (capacity < 4096) capacity = 4096;
  if (capacity < count) capacity = count;
  parser.capacity = 0;
  parser.bytes.reset(new (std::nothrow) uint8_t[capacity + simdjson::SIMDJSON_PADDING]());
  if (!parser.bytes) return false;
  if (parser.parser.allocate(capacity, parser.maximum_depth)) return false;
  if (parser.parser.doc.allocate(capacity)) return false;
  parser.capacity = capacity;
  return true;
}

int32_t code(simdjson::error_code error) {
  switch (error) {
    case simdjson::SUCCESS: return UNDERSTUDY_JSON_OK;
    case simdjson::EMPTY: return UNDERSTUDY_JSON_EMPTY;
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC: return UNDERSTUDY_JSON_MEMORY;
    case simdjson::DEPTH_ERROR: return UNDERSTUDY_JSON_DEPTH;
    case simdjson::STRING_ERROR:
    case simdjson::UNESCAPED_CHARS:
    case simdjson::UNCLOSED_STRING: return UNDERSTUDY_JSON_STRING;
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE: return UNDERSTUDY_JSON_NUMBER;
    case simdjson::UTF8_ERROR: return UNDERSTUDY_JSON_UTF8;
    default: return UNDERSTUDY_JSON_SYNTAX;
  }
}

size_t write(std::to_chars_result result, const uint8_t *buffer) {
  return result.ec == std::errc() ? static_cast<size_t>(result.ptr - reinterpret_cast<const char *>(buffer)) : 0;
}

template <typename Number>
size_t write_integer(Number value, uint8_t *buffer) {
  char *first = reinterpret_cast<char *>(buffer);
  return write(std::to_chars(first, first + UNDERSTUDY_NUMBER_BYTES, value), buffer);
}

/// From 2^63 on always with an exponent, even where the bare digits are shorter: readers, simdjson among them, take bare digits for an
/// integer, which then has no place in 64 bits.
template <typename Number>
size_t write_floating(Number value, uint8_t *buffer) {
  char *first = reinterpret_cast<char *>(buffer);
  char *last = first + UNDERSTUDY_NUMBER_BYTES;
  const Number bound = static_cast<Number>(9223372036854775808.0);
  if (value >= bound || value <= -bound) {
    return write(std::to_chars(first, last, value, std::chars_format::scientific), buffer);
  }
  return write(std::to_chars(first, last, value), buffer);
}

}  // namespace

understudy_json_parser *understudy_json_parser_create(size_t maximum_depth) {
  auto *parser = new (std::nothrow) understudy_json_parser;
  // simdjson counts the document itself as one level.
  if (parser) parser->maximum_depth = maximum_depth + 1;
  return parser;
}

void understudy_json_parser_destroy(understudy_json_parser *parser) { delete parser; }

int32_t understudy_json_parse(understudy_json_parser *parser, const uint8_t *bytes, size_t count) {
  if (count == 0) return UNDERSTUDY_JSON_EMPTY;
  if (!reserve(*parser, count)) return UNDERSTUDY_JSON_MEMORY;
  std::memcpy(parser->bytes.get(), bytes, count);
  return code(parser->parser.parse(parser->bytes.get(), count, false).error());
}

const uint64_t *understudy_json_tape(const understudy_json_parser *parser) { return parser->parser.doc.tape.get(); }

const uint8_t *understudy_json_strings(const understudy_json_parser *parser) {
  return parser->parser.doc.string_buf.get();
}

size_t understudy_write_float(float value, uint8_t *buffer) { return write_floating(value, buffer); }
size_t understudy_write_double(double value, uint8_t *buffer) { return write_floating(value, buffer); }
size_t understudy_write_int64(int64_t value, uint8_t *buffer) { return write_integer(value, buffer); }
size_t understudy_write_uint64(uint64_t value, uint8_t *buffer) { return write_integer(value, buffer); }
