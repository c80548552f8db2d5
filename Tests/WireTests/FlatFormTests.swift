import Domain
import TestSupport
import Testing

@testable import Wire

/// Contexts that look alike are read in one pass; what they get must not depend on it.
@Suite struct FlatFormTests {
  private static let inputs: [InputSpecification] = [
    InputSpecification(column: .init(name: "age", datatype: .float32), minimum: 0, maximum: 130),
    InputSpecification(column: .init(name: "income", datatype: .float64)),
    InputSpecification(column: .init(name: "state", datatype: .bytes), values: [.text("FL"), .text("Île-de-France")]),
    InputSpecification(column: .init(name: "visits", datatype: .int64), isOptional: true, defaultValue: .int64(7)),
    InputSpecification(column: .init(name: "member", datatype: .bool)),
    InputSpecification(column: .init(name: "né", datatype: .bytes)),
    InputSpecification(column: .init(name: "rate", datatype: .float32)),
  ]

  /// All that a request left behind.
  private struct Decoded: Equatable {
    var requests: [String]
    var failures: [RequestTable.Failure]
    var text: [UInt8]
    var rows: [[String]]
  }

  private final class Lane {
    let decoder = JSONRequestDecoder()
    let schema: RequestSchema

    init(_ unknownFields: UnknownFields) {
      schema = RequestSchema(
        inputs: FlatFormTests.inputs, unknownFields: unknownFields, outputs: [], maximumRows: 4)
    }

    func decode(_ request: [UInt8]) -> Decoded {
      var table = RequestTable()
      var columns = Columns(schema.inputs.map(\.column))
      unsafe decoder.decode(request.span.bytes, schema: schema, columns: &columns, table: &table)
      return Decoded(
        requests: table.requests.map { "\($0)" }, failures: table.failures, text: table.text,
        rows: (0..<columns.rowCount).map { row in schema.inputs.indices.map { Self.text(columns[$0], row) } })
    }

    /// A number by its bits, so that -0 is not 0.
    private static func text(_ column: Column, _ row: Int) -> String {
      switch column.descriptor.datatype {
      case .float32: String(column.float32(at: row).bitPattern)
      case .float64: String(column.float64(at: row).bitPattern)
      case .int64: String(column.int64(at: row))
      case .bool: String(column.bool(at: row))
      case .bytes: Exchange.text(column, row)
      }
    }
  }

  private static let numbers = [
    "0", "-0", "0.0", "-0.0", "1", "41", "130", "131", "1e2", "1E+2", "1.5", "0.1", "16777217", "9007199254740991",
    "9007199254740992", "9007199254740993", "-9007199254740993", "9223372036854775807", "18446744073709551615",
    "123456789012345678901234567890", "1e308", "1e400", "-1e-400", "3.4028236e38", "01", "1.", ".5", "+1", "-", "1e",
    "1e5 ", " 7", "NaN", "Infinity", "null", "true", "\"1\"", "[1]", "{}", "", "1 2", "0x10", "4.9e-324", "1_0",
  ]
  private static let texts = [
    "\"FL\"", "\"Île-de-France\"", "\"\\u0046L\"", "\"\"", "\"\\ud83c\\udf4c\"", "\"\\ud83c\"", "\"\\x\"", "\"a\nb\"",
    "\"a\\nb\"",
    "\"né\"", "FL", "null", "7", "\"FL", "\"\u{1F34C}\"", "\"FL\" \"FL\"",
  ]
  private static let truths = ["true", "false", "null", "0", "\"true\"", "tru", "truex", "True"]

  private static func context(_ generator: inout SeededGenerator) -> String {
    func pick(_ good: String, _ any: [String], _ generator: inout SeededGenerator) -> String {
      Int.random(in: 0..<12, using: &generator) == 0 ? any.randomElement(using: &generator) ?? good : good
    }
    let (number, text) = ("\(Double(Int.random(in: 0...13_000, using: &generator)) / 100)", "\"FL\"")
    var fields = [
      ("\"id\"", pick(["\"r-\(number)\"", "7"].randomElement(using: &generator) ?? "7", numbers + texts, &generator)),
      ("\"age\"", pick(number, numbers, &generator)), ("\"income\"", pick("-\(number)", numbers, &generator)),
      ("\"state\"", pick(text, texts, &generator)),
      ("\"visits\"", pick("\(Int.random(in: -9...9, using: &generator))", numbers, &generator)),
      ("\"member\"", pick("true", truths, &generator)), ("\"né\"", pick("\"ü\\t\"", texts, &generator)),
      ("\"rate\"", pick("1.25", numbers, &generator)),
    ]
    switch Int.random(in: 0..<16, using: &generator) {
    case 0: fields.swapAt(1, 2)
    case 1: fields.remove(at: Int.random(in: 0..<fields.count, using: &generator))
    case 2: fields.insert(fields[1], at: Int.random(in: 0..<fields.count, using: &generator))
    case 3: fields.append(("\"more\"", "[1,{\"a\":2}]"))
    case 4: fields[2].0 = "\"inc\\u006fme\""
    default: break
    }
    let body = fields.map { "\($0.0):\($0.1)" }.joined(separator: ",")
    return [
      "{\(body)}", "{\(body)}", "{\(body)}", " {\(body)}\n", "{\(body),}", "{\(body)}{}", "{\(body)} x", "{\(body)",
    ]
    .randomElement(using: &generator) ?? body
  }

  @Test(arguments: [UnknownFields.ignore, .reject])
  func `P7: what a context gets does not depend on those before it`(_ unknownFields: UnknownFields) {
    var generator = SeededGenerator()
    let seasoned = Lane(unknownFields)
    for round in 0..<20_000 {
      var request = Array(Self.context(&generator).utf8)
      if Int.random(in: 0..<8, using: &generator) == 0, let at = request.indices.randomElement(using: &generator) {
        request[at] = UInt8.random(in: 0...255, using: &generator)
      }
      let (expected, found) = (Lane(unknownFields).decode(request), seasoned.decode(request))
      #expect(
        found == expected,
        "seed \(generator.seed), round \(round): \(String(decoding: request, as: UTF8.self))")
      guard found == expected else { return }
    }
  }

  /// Every way that a short number is written, and ways that none is; in the middle of a document and at its end.
  @Test func `P7: numbers of up to twelve characters have the value that the parser of all of JSON gives them`() throws
  {
    let inputs = ["x", "y"].map { InputSpecification(column: .init(name: $0, datatype: .float32)) }
    let schema = RequestSchema(inputs: inputs, outputs: [], maximumRows: 1)
    let plan = RequestPlan(schema)
    let forms = [
      (try #require(FlatForm(order: [1, 0], plan: plan)), #"{"y":"#, #","x":1.5}"#),
      (try #require(FlatForm(order: [0, 1], plan: plan)), #"{"x":1.5,"y":"#, "}"),
    ]
    var generator = SeededGenerator()
    let characters = Array("00112345678999....--,} e+\n\u{E9}".utf8)
    for round in 0..<12_000 {
      let isNumber = round % 2 == 1
      var number: [UInt8] =
        isNumber
        ? Array(Int.random(in: -1_000_000...1_000_000, using: &generator).decimal(round % 7).utf8)
        : (0..<Int.random(in: 1...12, using: &generator)).map { _ in characters.randomElement(using: &generator) ?? 0 }
      if round % 5 == 0 { number.append(UInt8(ascii: " ")) }
      for (form, head, tail) in forms {
        let document = Array(head.utf8) + number + Array(tail.utf8)
        var columns = Columns(inputs.map(\.column))
        let begun = columns.beginRow()
        let row = try #require(begun)
        var identifier: [UInt8] = []
        let isRead = unsafe FlatReader.read(
          document.span.bytes, as: form, plan, into: columns, row: row, identifier: &identifier)
        let text = "seed \(generator.seed), round \(round): \(String(decoding: document, as: UTF8.self))"
        #expect(isRead || !isNumber, "\(text)")
        guard isRead else { continue }
        var whole = Columns(inputs.map(\.column))
        var table = RequestTable()
        unsafe JSONRequestDecoder().decode(document.span.bytes, schema: schema, columns: &whole, table: &table)
        #expect(whole.rowCount == 1 && table.failures.isEmpty, "\(text)")
        for input in inputs.indices where whole.rowCount == 1 {
          let (found, expected) = (columns[input].float32(at: row), whole[input].float32(at: 0))
          #expect(found.bitPattern == expected.bitPattern, "\(text): \(found) for \(expected)")
        }
      }
    }
  }

  /// Releases that take the same inputs are read with one plan, others never with that of another.
  @Test func `P7: schemas in turns get what each of them declares, also more of them than are remembered`() {
    let decoder = JSONRequestDecoder()
    let schemas = (0..<Limits.requestPlans + 3).map { number in
      RequestSchema(
        inputs: [.init(column: .init(name: "x", datatype: .float32), minimum: Double(number))],
        unknownFields: number % 2 == 0 ? .ignore : .reject, outputs: [], maximumRows: 1)
    }
    for round in 0..<4 {
      for (number, schema) in schemas.enumerated() {
        for (value, extra) in [(number, ""), (number - 1, ""), (number, #","z":1"#)] {
          var columns = Columns(schema.inputs.map(\.column))
          var table = RequestTable()
          let request = Array(#"{"x":\#(value)\#(extra)}"#.utf8)
          unsafe decoder.decode(request.span.bytes, schema: schema, columns: &columns, table: &table)
          let isRight = value == number && (extra.isEmpty || number % 2 == 0)
          #expect(columns.rowCount == (isRight ? 1 : 0), "round \(round), schema \(number), \(value) \(extra)")
        }
      }
    }
  }

  @Test func `P7: an object without fields is one however it is written, and half a one never is`() {
    let decoder = JSONRequestDecoder()
    let schema = RequestSchema(
      inputs: [
        InputSpecification(column: .init(name: "x", datatype: .float32), isOptional: true, defaultValue: .number(3))
      ],
      outputs: [], maximumRows: 4)
    func isSound(_ request: String) -> Bool {
      var table = RequestTable()
      var columns = Columns(schema.inputs.map(\.column))
      let bytes = Array(request.utf8)
      unsafe decoder.decode(bytes.span.bytes, schema: schema, columns: &columns, table: &table)
      return table.failures.isEmpty && columns.rowCount == 1 && columns[0].float32(at: 0) == 3
    }
    for _ in 0..<3 { #expect(["{}", "{}", " {}", "{ }\n"].allSatisfy(isSound)) }
    #expect(!["}", " }", "\n}", "{}}"].contains(where: isSound))
  }
}

extension Int {
  /// The number with a point before so many of its digits.
  fileprivate func decimal(_ places: Int) -> String {
    guard places > 0 else { return String(self) }
    let digits = String(magnitude)
    let padded = String(repeating: "0", count: Swift.max(0, places + 1 - digits.count)) + digits
    return (self < 0 ? "-" : "") + padded.dropLast(places) + "." + padded.suffix(places)
  }
}
