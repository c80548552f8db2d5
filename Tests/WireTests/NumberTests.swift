import Domain
import TestSupport
import Testing
import Wire

@Suite struct NumberTests {
  @Test(
    arguments: [
      (0, "0"), (-0.0, "-0.0"), (1, "1"), (0.1, "0.1"), (-1.5, "-1.5"), (1e300, "1e+300"),
      (Double.leastNonzeroMagnitude, "5e-324"),
      (Double.greatestFiniteMagnitude, "1.7976931348623157e+308"),
      (Double.leastNormalMagnitude, "2.2250738585072014e-308"),
      (9007199254740992, "9007199254740992"), (1.2345678901234568e20, "1.2345678901234568e+20"),
      (0x1p63, "9.223372036854776e+18"), (0.1 + 0.2, "0.30000000000000004"), (1.0 / 3, "0.3333333333333333"),
    ] as [(Double, String)])
  func `a double is written as the shortest text`(value: Double, text: String) {
    #expect(String(decoding: JSON.number(value).bytes, as: UTF8.self) == text)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `what JSON has no number for is null`(value: Double) {
    #expect(JSON.number(value).bytes == Array("null".utf8))
  }

  @Test(arguments: [Int64.min, Int64.max, 0, -1, 10, 1_000_000] as [Int64])
  func `an integer reads back`(value: Int64) throws {
    #expect(try JSON(parsing: JSON.integer(value).bytes) == .integer(value))
  }

  @Test func `any finite double reads back as the same bits, and no text is shorter`() throws {
    var generator = SeededGenerator()
    for _ in 0..<20_000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      let text = JSON.number(value).bytes
      let back = try JSON(parsing: text)
      switch back {
      case .number(let number): #expect(number.bitPattern == value.bitPattern, "seed \(generator.seed)")
      case .integer(let integer): #expect(Double(integer) == value, "seed \(generator.seed)")
      default: Issue.record("seed \(generator.seed): \(text)")
      }
      // A whole number below 2⁶³ has all of its digits where an exponent would not be shorter.
      if abs(value) >= 0x1p53 && abs(value) < 0x1p63 { continue }
      #expect(digits(String(decoding: text, as: UTF8.self)) == digits(value.description), "seed \(generator.seed)")
    }
  }

  @Test func `any finite float reads back as the same bits, and no text is shorter`() throws {
    var generator = SeededGenerator()
    let values: [Float] =
      [0, -0.0, 0.1, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 16_777_216]
      + (0..<20_000).map { _ in Float(bitPattern: UInt32.random(in: .min ... .max, using: &generator)) }.filter(
        \.isFinite)
    let response = try response(to: values)
    guard case .array(let elements)? = response["outputs"]?["x"] else { Issue.record("no outputs"); return }
    #expect(elements.count == values.count)
    for (element, value) in zip(elements, values) {
      switch element {
      case .number(let number): #expect(Float(number).bitPattern == value.bitPattern, "seed \(generator.seed)")
      case .integer(let integer): #expect(Float(integer).bitPattern == value.bitPattern, "seed \(generator.seed)")
      default: Issue.record("seed \(generator.seed): \(value)")
      }
    }
  }

  /// The response of one row with these floats as its only output.
  private func response(to values: [Float]) throws -> JSON {
    let column = ColumnDescriptor(name: "x", datatype: .float32, width: values.count)
    var columns = Columns([column])
    _ = columns.beginRow()
    for (index, value) in values.enumerated() { columns[0].set(float32: value, at: index) }
    columns.finishRow()
    var table = RequestTable()
    var request = RequestTable.Request()
    request.rows = 0..<1
    table.requests.append(request)
    table.rows.append(.init(columnRow: 0))
    let origin = ResponseOrigin(model: "m", version: "1", worker: "w", generation: 1, outputs: [(column, 0)])
    var output: [UInt8] = []
    #expect(JSONResponseEncoder().encode(0, of: table, columns: columns, origin: origin, into: &output) == .ok)
    return try JSON(parsing: output)
  }

  /// Significant digits of a number's text.
  private func digits(_ text: String) -> Int {
    let mantissa = text.prefix { $0 != "e" && $0 != "E" }
    let digits = mantissa.filter(\.isNumber).drop { $0 == "0" }
    // Zeros at the end of a whole number only give its size.
    return digits.reversed().drop { $0 == "0" }.count
  }
}
