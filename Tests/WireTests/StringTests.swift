import Domain
import TestSupport
import Testing
import Wire

@Suite struct StringTests {
  @Test func `every scalar of the first planes reads back`() throws {
    for value in [
      0..<0x3000, 0xD7F0..<0xD800, 0xE000..<0xE010, 0xFFF0..<0x10010, 0x1F34C..<0x1F34D, 0x10FFF0..<0x110000,
    ]
    .joined() {
      guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
      let text = "a\(Character(scalar))b"
      #expect(try JSON(parsing: JSON.text(text).bytes) == .text(text))
    }
  }

  @Test(arguments: [
    ("", #""""#), ("\"\\/", #""\"\\/""#), ("\u{8}\u{c}\n\r\t", #""\b\f\n\r\t""#),
    ("\u{0}\u{1f}\u{7f}", "\"\\u0000\\u001f\u{7f}\""),
    ("é🍌\u{2028}", "\"é🍌\u{2028}\""),
  ])
  func `what must be is escaped, and nothing else`(text: String, json: String) {
    #expect(String(decoding: JSON.text(text).bytes, as: UTF8.self) == json)
  }

  /// Ill-formed sequences of Unicode 15, section 3.9, and the number of bytes that are replaced.
  @Test(
    arguments: [
      ([0x80], "\u{FFFD}"), ([0xC0, 0xAF], "\u{FFFD}\u{FFFD}"), ([0xC3], "\u{FFFD}"),
      ([0xE0, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"), ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
      ([0xF0, 0x9F, 0x8D], "\u{FFFD}\u{FFFD}\u{FFFD}"), ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
      ([0xFF, 0x41, 0xFE], "\u{FFFD}A\u{FFFD}"), ([0x41, 0xE2, 0x82, 0x42], "A\u{FFFD}\u{FFFD}B"),
      ([0xC3, 0xA9, 0x22, 0xC3], "é\\\"\u{FFFD}"),
    ] as [([UInt8], String)])
  func `bytes that are not UTF-8 are replaced`(bytes: [UInt8], json: String) {
    var output: [UInt8] = []
    unsafe JSONResponseEncoder().appendString(bytes.span.bytes, to: &output)
    #expect(String(validating: output, as: UTF8.self) == "\"\(json)\"")
  }

  @Test func `any bytes become a string that reads back as their repair`() throws {
    var generator = SeededGenerator()
    let encoder = JSONResponseEncoder()
    for _ in 0..<5000 {
      let bytes = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
        Bool.random(using: &generator)
          ? UInt8.random(in: 0x20..<0x7F, using: &generator) : .random(in: 0...255, using: &generator)
      }
      var output: [UInt8] = []
      unsafe encoder.appendString(bytes.span.bytes, to: &output)
      guard case .text(let text) = try JSON(parsing: output) else { Issue.record("seed \(generator.seed)"); return }
      if let valid = String(validating: bytes, as: UTF8.self) { #expect(text == valid, "seed \(generator.seed)") }
    }
  }
}
