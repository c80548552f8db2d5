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

/// What a field of a flat object must be.
enum {
  UNDERSTUDY_JSON_NUMBER_FIELD = 0,
  UNDERSTUDY_JSON_TRUTH_FIELD,
  UNDERSTUDY_JSON_TEXT_FIELD,
  /// A text or an integer.
  UNDERSTUDY_JSON_IDENTIFIER_FIELD,
};

/// A field of a flat object: its name with the closing quote behind it, and one of the kinds above.
typedef struct {
  const uint8_t *name;
  uint32_t name_size;
  uint32_t kind;
} understudy_json_field;

/// Words of the tape of a flat object for each of its fields: the value of field k is at 1 + k * this.
enum { UNDERSTUDY_JSON_FLAT_WORDS = 2 };

/// Reads an object that has exactly these fields in this order, each with a value of its kind, in one pass and without a look at the
/// rest of JSON. What it accepts, `understudy_json_parse` accepts with the same values, but that whole numbers are doubles here; so
/// numbers for which that would make a difference (from 2^53 on, and -0) are not accepted.
/// Returns 1, with a tape of values only; 0 for any other document, good or bad. Names must hold no quote, backslash or control character.
int32_t understudy_json_read_flat(understudy_json_parser *parser, const uint8_t *bytes, size_t count,
                                  const understudy_json_field *fields, size_t field_count);

/// The tape and the strings of the object that was read last, laid out as those of a document.
const uint64_t *understudy_json_flat_tape(const understudy_json_parser *parser);
const uint8_t *understudy_json_flat_strings(const understudy_json_parser *parser);

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
