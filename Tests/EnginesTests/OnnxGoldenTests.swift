import Domain
import Engines
import Foundation
import Testing

@Suite struct OnnxGoldenTests {
  @Test(arguments: [
    "sklearn_pipeline", "sklearn_boosting", "lightgbm_classifier", "lightgbm_regressor", "xgboost_classifier",
    "xgboost_regressor",
  ])
  func `answers equal those of ONNX Runtime in Python`(name: String) throws {
    let stage = try Fixtures.load("golden_\(name)")
    let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("golden_\(name).json")))
    let golden = try JSONDecoder().decode(Golden.self, from: data)
    let rows = try #require(golden.inputs.values.first).count
    let columns = stage.columns(rows: rows)
    for (position, input) in stage.signature.inputs.enumerated() {
      for (index, cell) in try cells(golden.inputs, input, rows).enumerated() { fill(columns[position], index, cell) }
    }
    try stage.run(stage.binding, on: columns, rows: 0..<rows)
    #expect(Set(stage.signature.outputs.map(\.name)) == Set(golden.outputs.keys))
    for (position, output) in stage.signature.outputs.enumerated() {
      let column = columns[stage.signature.inputs.count + position]
      for (index, cell) in try cells(golden.outputs, output, rows).enumerated() { compare(column, index, cell) }
    }
  }

  private func cells(_ table: [String: [Row]], _ column: ColumnDescriptor, _ rows: Int) throws -> [Cell] {
    let cells = try #require(table[column.name]).flatMap(\.cells)
    try #require(cells.count == rows * column.width)
    return cells
  }

  private func fill(_ column: Column, _ index: Int, _ cell: Cell) {
    switch (column.descriptor.datatype, cell) {
    case (.bytes, .text(let text)): column.set(text: text, at: index)
    case (.float32, .number(let number)): column.set(float32: Float(number), at: index)
    case (.float64, .number(let number)): column.set(float64: number, at: index)
    case (.int64, .number(let number)): column.set(int64: Int64(number), at: index)
    default: Issue.record("\(column.descriptor) cannot hold \(cell)")
    }
  }

  private func compare(_ column: Column, _ index: Int, _ cell: Cell) {
    switch (column.descriptor.datatype, cell) {
    case (.bytes, .text(let text)): #expect(column.text(at: index) == text)
    case (.float32, .number(let number)): #expect(abs(Double(column.float32(at: index)) - number) <= 1e-6)
    case (.float64, .number(let number)): #expect(abs(column.float64(at: index) - number) <= 1e-6)
    case (.int64, .number(let number)): #expect(Double(column.int64(at: index)) == number)
    default: Issue.record("\(column.descriptor) cannot be \(cell)")
    }
  }
}

private struct Golden: Decodable {
  var inputs: [String: [Row]]
  var outputs: [String: [Row]]
}

/// A value or a list of values.
private struct Row: Decodable {
  var cells: [Cell]

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do { cells = [try container.decode(Cell.self)] } catch { cells = try container.decode([Cell].self) }
  }
}

private enum Cell: Decodable {
  case number(Double)
  case text(String)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do { self = .number(try container.decode(Double.self)) } catch { self = .text(try container.decode(String.self)) }
  }
}
