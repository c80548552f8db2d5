import CSimdJSON

/// simdjson's parser with the memory that it reuses. Belongs to one lane.
@safe final class JSONParser {
  private let parser: OpaquePointer?

  /// A parser that refuses documents nested deeper than `maximumDepth`.
  init(maximumDepth: Int) {
    unsafe parser = understudy_json_parser_create(maximumDepth)
  }

  deinit {
    unsafe understudy_json_parser_destroy(parser)
  }

  /// Parses one document. The bytes need no padding: they are copied.
  /// - Returns: the tape, which is good until the next parse and as long as the parser lives.
  func parse(_ bytes: RawSpan) throws(JSONSyntaxError) -> JSONTape {
    guard let parser = unsafe parser else { throw .outOfMemory }
    let code = unsafe bytes.withUnsafeBytes { buffer -> Int32 in
      guard let start = buffer.baseAddress else { return Int32(UNDERSTUDY_JSON_EMPTY) }
      return unsafe understudy_json_parse(parser, start.assumingMemoryBound(to: UInt8.self), buffer.count)
    }
    if let error = JSONSyntaxError(code: code) { throw error }
    guard let words = unsafe understudy_json_tape(parser), let strings = unsafe understudy_json_strings(parser) else {
      throw .outOfMemory
    }
    return unsafe JSONTape(words: words, strings: strings)
  }

  /// Reads an object of a flat form in one pass.
  /// - Returns: its tape, which is good until the next call and as long as the parser lives; nil for any other document,
  ///   good or bad. Whole numbers of fields that are inputs are doubles there.
  func readFlat(_ bytes: RawSpan, as form: FlatForm) -> JSONTape? {
    guard let parser = unsafe parser else { return nil }
    let isRead = unsafe bytes.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress else { return false }
      return unsafe form.withFields { fields, count in
        unsafe understudy_json_read_flat(
          parser, start.assumingMemoryBound(to: UInt8.self), buffer.count, fields, count) != 0
      }
    }
    guard isRead, let words = unsafe understudy_json_flat_tape(parser),
      let strings = unsafe understudy_json_flat_strings(parser)
    else { return nil }
    return unsafe JSONTape(words: words, strings: strings)
  }
}
