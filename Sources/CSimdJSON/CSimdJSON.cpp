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
  simdjson::ondemand::parser flat_parser;
  std::unique_ptr<uint64_t[]> flat_words;
  size_t flat_word_capacity = 0;
  std::unique_ptr<uint8_t[]> flat_strings;
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
  // A text of n bytes takes n + 2 of a document at least, and n + 5 here.
  parser.flat_strings.reset(new (std::nothrow) uint8_t[3 * capacity + simdjson::SIMDJSON_PADDING]());
  if (!parser.bytes || !parser.flat_strings) return false;
  if (parser.parser.allocate(capacity, parser.maximum_depth)) return false;
  if (parser.parser.doc.allocate(capacity)) return false;
  if (parser.flat_parser.allocate(capacity)) return false;
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

namespace ondemand = simdjson::ondemand;

/// A word of the tape: a letter and a payload.
uint64_t word(char letter, uint64_t payload) { return static_cast<uint64_t>(static_cast<uint8_t>(letter)) << 56 | payload; }

/// The values of one flat object on their way to a tape.
struct flat_writer {
  uint64_t *words;
  uint8_t *strings;
  size_t string_bytes = 0;

  bool write(ondemand::value value, uint32_t kind) {
    switch (kind) {
      case UNDERSTUDY_JSON_NUMBER_FIELD: return write_number(value);
      case UNDERSTUDY_JSON_TRUTH_FIELD: return write_truth(value);
      case UNDERSTUDY_JSON_TEXT_FIELD: return write_text(value);
      default: return *value.raw_json_token().data() == '"' ? write_text(value) : write_integer(value);
    }
  }

 private:
  bool write_number(ondemand::value &value) {
    double number;
    if (value.get_double().get(number)) return false;
    uint64_t bits;
    std::memcpy(&bits, &number, sizeof bits);
    constexpr double exact = 9007199254740992.0;
    if (!(number < exact && number > -exact) || bits == uint64_t(1) << 63) return false;
    words[0] = word('d', 0);
    words[1] = bits;
    words += UNDERSTUDY_JSON_FLAT_WORDS;
    return true;
  }

  bool write_integer(ondemand::value &value) {
    int64_t number;
    if (value.get_int64().get(number)) return false;
    words[0] = word('l', 0);
    words[1] = static_cast<uint64_t>(number);
    words += UNDERSTUDY_JSON_FLAT_WORDS;
    return true;
  }

  bool write_truth(ondemand::value &value) {
    bool truth;
    if (value.get_bool().get(truth)) return false;
    words[0] = word(truth ? 't' : 'f', 0);
    words += UNDERSTUDY_JSON_FLAT_WORDS;
    return true;
  }

  bool write_text(ondemand::value &value) {
    std::string_view text;
    if (value.get_string().get(text)) return false;
    const uint32_t size = static_cast<uint32_t>(text.size());
    words[0] = word('"', string_bytes);
    words += UNDERSTUDY_JSON_FLAT_WORDS;
    std::memcpy(strings + string_bytes, &size, sizeof size);
    std::memcpy(strings + string_bytes + sizeof size, text.data(), size);
    string_bytes += sizeof size + size + 1;
    return true;
  }
};

bool read_flat(understudy_json_parser &parser, size_t count, const understudy_json_field *fields, size_t field_count) {
  ondemand::document document;
  ondemand::object object;
  const size_t room = parser.capacity + simdjson::SIMDJSON_PADDING;
  if (parser.flat_parser.iterate(parser.bytes.get(), count, room).get(document)) return false;
  if (document.get_object().get(object)) return false;
  const char *end = reinterpret_cast<const char *>(parser.bytes.get()) + count;
  flat_writer writer{parser.flat_words.get() + 1, parser.flat_strings.get()};
  size_t place = 0;
  for (auto item : object) {
    ondemand::field field;
    if (place == field_count || std::move(item).get(field)) return false;
    const understudy_json_field &expected = fields[place++];
    const char *key = field.key().raw();
    if (expected.name_size > static_cast<size_t>(end - key)) return false;
    if (std::memcmp(key, expected.name, expected.name_size) != 0) return false;
    if (!writer.write(field.value(), expected.kind)) return false;
  }
  // What stands behind the object, if anything does, is the next token.
  return place == field_count && document.current_location().error() == simdjson::OUT_OF_BOUNDS;
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

int32_t understudy_json_read_flat(understudy_json_parser *parser, const uint8_t *bytes, size_t count,
                                  const understudy_json_field *fields, size_t field_count) {
  if (count == 0 || !reserve(*parser, count)) return 0;
  const size_t words = 1 + field_count * UNDERSTUDY_JSON_FLAT_WORDS;
  if (parser->flat_word_capacity < words) {
    parser->flat_words.reset(new (std::nothrow) uint64_t[words]());
    parser->flat_word_capacity = parser->flat_words ? words : 0;
    if (!parser->flat_words) return 0;
  }
  parser->flat_words[0] = words;
  std::memcpy(parser->bytes.get(), bytes, count);
  return read_flat(*parser, count, fields, field_count) ? 1 : 0;
}

const uint64_t *understudy_json_flat_tape(const understudy_json_parser *parser) { return parser->flat_words.get(); }
const uint8_t *understudy_json_flat_strings(const understudy_json_parser *parser) { return parser->flat_strings.get(); }

size_t understudy_write_float(float value, uint8_t *buffer) { return write_floating(value, buffer); }
size_t understudy_write_double(double value, uint8_t *buffer) { return write_floating(value, buffer); }
size_t understudy_write_int64(int64_t value, uint8_t *buffer) { return write_integer(value, buffer); }
size_t understudy_write_uint64(uint64_t value, uint8_t *buffer) { return write_integer(value, buffer); }
