import Domain
import Engines
import Testing
import TestSupport

/// An answer depends on its row alone, to the last digit.
struct OnnxCompanyTests {
  @Test(arguments: [
    "linear_regressor", "linear_classifier", "golden_sklearn_boosting", "golden_lightgbm_classifier",
    "golden_lightgbm_regressor", "golden_xgboost_classifier", "golden_xgboost_regressor",
  ])
  func `P2: whatever company a row is in, also none, its outputs are the same`(name: String) throws {
    let stage = try Fixtures.load(name)
    var generator = SeededGenerator()
    let count = 200
    let together = stage.columns(rows: count)
    for (position, input) in stage.signature.inputs.enumerated() {
      for index in 0..<count * input.width {
        together[position].set(float32: .random(in: -3...3, using: &generator), at: index)
      }
    }
    try stage.run(stage.binding, on: together, rows: 0..<count)
    for size in [1, 2, 3, 7, 64] {
      let apart = stage.columns(rows: count)
      for (position, _) in stage.signature.inputs.enumerated() {
        for row in 0..<count { apart[position].copy(row: row, of: together[position], to: row) }
      }
      for start in stride(from: 0, to: count, by: size) {
        try stage.run(stage.binding, on: apart, rows: start..<min(start + size, count))
      }
      for (position, output) in stage.signature.outputs.enumerated() {
        let place = stage.signature.inputs.count + position
        for index in 0..<count * output.width {
          #expect(
            apart[place].number(at: index) == together[place].number(at: index),
            "\(output.name)[\(index)] in runs of \(size), seed \(generator.seed)")
        }
      }
    }
  }

  @Test func `a row alone changes no other row, and texts come through`() throws {
    let stage = try Fixtures.load("identity_string")
    let columns = stage.columns(rows: 3)
    for (position, input) in stage.signature.inputs.enumerated() {
      for index in 0..<3 * input.width { columns[position].set(text: "é\(position).\(index)", at: index) }
    }
    try stage.run(stage.binding, on: columns, rows: 1..<2)
    for (position, output) in stage.signature.outputs.enumerated() {
      let place = stage.signature.inputs.count + position
      for index in 0..<3 * output.width {
        let expected = index / output.width == 1 ? columns[position].text(at: index) : ""
        #expect(columns[place].text(at: index) == expected)
      }
    }
  }
}
