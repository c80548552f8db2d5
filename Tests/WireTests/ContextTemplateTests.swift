import Domain
import Testing
import Wire

struct ContextTemplateTests {
  private static let inputs: [InputSpecification] = [
    InputSpecification(column: .init(name: "age", datatype: .float32)),
    InputSpecification(column: .init(name: "count", datatype: .int64), isOptional: true, defaultValue: .int64(1)),
    InputSpecification(column: .init(name: "state", datatype: .bytes)),
    InputSpecification(column: .init(name: "note", datatype: .bytes), isOptional: true, defaultValue: .text("none")),
    InputSpecification(column: .init(name: "member", datatype: .bool)),
    InputSpecification(column: .init(name: "pixels", datatype: .float32, width: 2)),
  ]

  private func context(_ cells: [String: String]) -> String {
    let columns = cells.keys.sorted()
    let template = ContextTemplate(columns: columns, inputs: Self.inputs)
    return String(decoding: template.context(columns.map { cells[$0] ?? "" }), as: UTF8.self)
  }

  @Test func `cells become what the inputs are`() {
    #expect(context(["age": "41.5", "id": "7"]) == #"{"age":41.5,"id":"7"}"#)
    #expect(context(["count": "3", "state": "12"]) == #"{"count":3,"state":"12"}"#)
    #expect(context(["member": "TRUE"]) == #"{"member":true}"#)
    #expect(context(["member": "false"]) == #"{"member":false}"#)
    #expect(context(["pixels": "[1,2.5]"]) == #"{"pixels":[1,2.5]}"#)
    #expect(context(["state": "a \"b\"\nc"]) == #"{"state":"a \"b\"\nc"}"#)
  }

  @Test
  func `a name whose characters are composed otherwise is the input's all the same, and spelled as the release does`() {
    let inputs = [InputSpecification(column: .init(name: "gr\u{F6}\u{DF}e", datatype: .int64))]
    let template = ContextTemplate(columns: ["gro\u{308}\u{DF}e"], inputs: inputs)
    #expect(template.unusedColumns.isEmpty)
    #expect(template.context(["3"]) == Array("{\"gr\u{F6}\u{DF}e\":3}".utf8))
  }

  @Test func `what is no number stays text, so that the decoder names it`() {
    for text in ["lots", "1,5", "0x10", "+1", "01", "NaN", "1 2", "[1,", "\"", "1}"] {
      var quoted = [UInt8]()
      quoted.append(contentsOf: JSON.text(text).bytes)
      #expect(context(["age": text]) == "{\"age\":\(String(decoding: quoted, as: UTF8.self))}", "\(text)")
    }
  }

  @Test func `an empty cell is a missing field, but for a required text`() {
    #expect(context(["age": "", "count": "", "state": "", "note": "", "id": ""]) == #"{"state":""}"#)
  }

  @Test func `columns that are no input are named, and a row that is too short lacks its last fields`() {
    let template = ContextTemplate(columns: ["label", "age", "id"], inputs: Self.inputs)
    #expect(template.unusedColumns == ["label"])
    #expect(String(decoding: template.context(["x", "3"]), as: UTF8.self) == #"{"age":3}"#)
  }
}
