/// Makes documents that are nearly right out of ones that are right or wrong in a known way.
package struct Mutator {
  private let corpus: [[UInt8]]
  private let members: [String]

  /// A mutator of these documents.
  /// - Parameter members: what else is put in as a member of an object.
  package init(_ corpus: [[UInt8]], members: [String] = []) {
    self.corpus = corpus
    self.members = Self.members + members
  }

  /// What a mutation must not make longer than this, so that rounds stay short.
  private static let byteLimit = 16_384

  /// What stands in the place of a value: ends of the datatypes, and what parsers trip over.
  private static let values: [String] = [
    "0", "-0", "-0.0", "1", "-1", "1e308", "-1e308", "1e309", "1e400", "5e-324", "1e-400", "3.4028235677973366e38",
    "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
    "-9.223372036854775808e18", "18446744073709551615", "18446744073709551616", "4294967296", "2147483648",
    "1048577", "4097", "0.1", "1E5", "01",
    "1.", "1" + String(repeating: "0", count: 400), "0." + String(repeating: "3", count: 400), "NaN", "-",
    "1e999999999",
    "null", "true", "false", "{}", "[]", "[[]]", "[1,2]", "\"\"", "\"é\"", "\"\\u0000\"", "\"\\ud83c\\udf4c\"",
    "\"\\ud83c\"", "\"(a*)*b\"", "\"\\\\pL{1,99}\"", "\"BYTES\"", "\"INT64\"", "\"FP32\"", "\"reject\"",
  ]

  /// What is put in anywhere.
  private static let pieces: [String] = [
    "{", "}", "[", "]", ":", ",", "\"", "\\", "[[[[[[[[", "]]]]]]]]", "\\u0000", "\\ud83c", "\\udf4c", "\u{0}",
    "\u{FEFF}", "é", "\u{2028}", "\n", "//", ",,", "\":\"", "\",\"", "{\"", "\"}",
  ]

  /// What is put in as a member of an object.
  private static let members: [String] = [
    "\"id\":7", "\"id\":1.5", "\"id\":\"a\"", "\"inputs\":[]", "\"inputs\":{}", "\"outputs\":[{\"name\":\"got_f\"}]",
    "\"outputs\":null", "\"parameters\":{}", "\"name\":\"f\"", "\"shape\":[1]", "\"shape\":[2,1]",
    "\"datatype\":\"BYTES\"", "\"data\":[[1]]", "\"data\":[1,2]", "\"f\":1", "\"unknown\":1",
    "\"pattern\":\"(a|b)*\"", "\"pattern\":\"[\"",
    "\"minimum_length\":2", "\"maximum_length\":1", "\"values\":[\"a\"]", "\"width\":3", "\"default\":1",
    "\"optional\":true", "\"minimum\":0", "\"maximum\":-1", "\"unknown_fields\":\"reject\"",
  ]

  /// A document of the corpus with a few mutations, mostly one.
  package func next(_ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = corpus.randomElement(using: &generator) ?? []
    mutate(&bytes, &generator)
    while Int.random(in: 0..<5, using: &generator) < 2 { mutate(&bytes, &generator) }
    return Array(bytes.prefix(Self.byteLimit))
  }

  private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    switch Int.random(in: 0..<20, using: &generator) {
    case 0: change(&bytes, &generator) { byte, generator in byte ^ (1 << UInt8.random(in: 0..<8, using: &generator)) }
    case 1: change(&bytes, &generator) { _, generator in .random(in: 0...255, using: &generator) }
    case 2: bytes.removeSubrange(range(bytes, &generator))
    case 3: insert(Self.pieces.randomElement(using: &generator) ?? "", into: &bytes, &generator)
    case 4: bytes.removeLast(min(bytes.count, Int.random(in: 0...20, using: &generator)))
    case 5: splice(&bytes, &generator)
    case 6: move(&bytes, &generator)
    case 7...10: replaceValue(&bytes, with: Self.values.randomElement(using: &generator) ?? "", &generator)
    case 11...13: transplant(&bytes, &generator)
    case 14...16: duplicate(&bytes, &generator)
    case 17: removeMember(&bytes, &generator)
    default: addMember(&bytes, &generator)
    }
  }

  // MARK: Of bytes

  private func change(
    _ bytes: inout [UInt8], _ generator: inout SeededGenerator, _ how: (UInt8, inout SeededGenerator) -> UInt8
  ) {
    guard let at = bytes.indices.randomElement(using: &generator) else { return }
    bytes[at] = how(bytes[at], &generator)
  }

  private func insert(_ piece: String, into bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    bytes.insert(contentsOf: Array(piece.utf8), at: Int.random(in: 0...bytes.count, using: &generator))
  }

  /// The head of this one and the tail of another.
  private func splice(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    guard let other = corpus.randomElement(using: &generator) else { return }
    let head = Int.random(in: 0...bytes.count, using: &generator)
    bytes.replaceSubrange(head..., with: other[Int.random(in: 0...other.count, using: &generator)...])
  }

  private func move(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    let range = range(bytes, &generator)
    let piece = Array(bytes[range])
    bytes.removeSubrange(range)
    bytes.insert(contentsOf: piece, at: Int.random(in: 0...bytes.count, using: &generator))
  }

  private func range(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> Range<Int> {
    let start = Int.random(in: 0...bytes.count, using: &generator)
    return start..<min(bytes.count, start + Int.random(in: 1...24, using: &generator))
  }

  // MARK: Of values

  private func replaceValue(_ bytes: inout [UInt8], with value: String, _ generator: inout SeededGenerator) {
    guard let span = JSONSpans(bytes).values.randomElement(using: &generator) else { return }
    bytes.replaceSubrange(span, with: Array(value.utf8))
  }

  /// A value of another document in the place of one.
  private func transplant(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    guard let other = corpus.randomElement(using: &generator),
      let span = JSONSpans(bytes).values.randomElement(using: &generator),
      let graft = JSONSpans(other).values.randomElement(using: &generator)
    else { return }
    bytes.replaceSubrange(span, with: other[graft])
  }

  /// A value or a member once more, or many times.
  private func duplicate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    let spans = JSONSpans(bytes)
    let candidates = Bool.random(using: &generator) ? spans.members : spans.values
    guard let span = candidates.randomElement(using: &generator) else { return }
    let times = Int.random(in: 0..<3, using: &generator) > 0 ? 1 : Int.random(in: 2...64, using: &generator)
    guard span.count * times < Self.byteLimit else { return }
    let copies = repeatElement([UInt8(ascii: ",")] + bytes[span], count: times).joined()
    bytes.insert(contentsOf: copies, at: span.upperBound)
  }

  /// A member with the comma behind it.
  private func removeMember(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    guard let span = JSONSpans(bytes).members.randomElement(using: &generator) else { return }
    let hasComma = span.upperBound < bytes.count && bytes[span.upperBound] == UInt8(ascii: ",")
    bytes.removeSubrange(span.lowerBound..<span.upperBound + (hasComma ? 1 : 0))
  }

  private func addMember(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    guard let span = JSONSpans(bytes).members.randomElement(using: &generator) else { return }
    let member = Array((members.randomElement(using: &generator) ?? "").utf8)
    bytes.insert(contentsOf: [UInt8(ascii: ",")] + member, at: span.upperBound)
  }
}
