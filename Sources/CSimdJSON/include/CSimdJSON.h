// What Swift cannot call of simdjson (C++ classes) and of the C++ library (std::to_chars), as C.
//
// Nothing here knows what a document means: a parse leaves simdjson's tape (see its doc/tape.md), which Swift walks.
#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A parser with the memory that it reuses from document to document. Belongs to one thread.
typedef struct understudy_json_parser understudy_json_parser;

/// How a parse ended.
enum {
  UNDERSTUDY_JSON_OK = 0,
  UNDERSTUDY_JSON_EMPTY,
  UNDERSTUDY_JSON_SYNTAX,
  UNDERSTUDY_JSON_STRING,
  UNDERSTUDY_JSON_NUMBER,
  UNDERSTUDY_JSON_UTF8,
  UNDERSTUDY_JSON_DEPTH,
  UNDERSTUDY_JSON_MEMORY,
};

/// A parser that refuses documents nested deeper than `maximum_depth`; NULL without memory.
understudy_json_parser *understudy_json_parser_create(size_t maximum_depth);

/// Frees a parser and the document that it parsed last.
void understudy_json_parser_destroy(understudy_json_parser *parser);

/// Parses a copy of the bytes, so that they need no padding. Returns one of the codes above.
int32_t understudy_json_parse(understudy_json_parser *parser, const uint8_t *bytes, size_t count);

/// The tape of the document parsed last without error. Its first word holds the number of words.
const uint64_t *understudy_json_tape(const understudy_json_parser *parser);

/// The strings of that document: for each a length of four bytes, its bytes and a zero. At least 8 bytes more may be read.
const uint8_t *understudy_json_strings(const understudy_json_parser *parser);

/// Room that a number's text needs.
enum { UNDERSTUDY_NUMBER_BYTES = 32 };

/// Write the shortest text that reads back as the same value, with an exponent from 2^63 on, and return its length. Numbers must be finite.
size_t understudy_write_float(float value, uint8_t *buffer);
size_t understudy_write_double(double value, uint8_t *buffer);
size_t understudy_write_int64(int64_t value, uint8_t *buffer);
size_t understudy_write_uint64(uint64_t value, uint8_t *buffer);

#ifdef __cplusplus
}
#endif
#endif
