import Domain

/// Whether the outputs of a release make sense: finite, inside of their range, among their values.
struct OutputChecks: Sendable {
  fileprivate let checks: [Check]

  fileprivate struct Check: Sendable {
    var output: OutputSpecification
    var values: ValueList?
  }

  /// The checks of a manifest's outputs.
  init(_ outputs: [OutputSpecification]) {
    checks = outputs.map { output in
      Check(output: output, values: output.values.map { ValueList($0, output.column.datatype) })
    }
  }

  /// Gives each row that makes no sense to `reject`, with the reason. Good rows cost one pass over their columns.
  /// - Parameter columns: by position of the outputs.
  func run(_ columns: [Column], rows: Range<Int>, reject: (_ row: Int, _ message: String) -> Void) {
    for (check, column) in zip(checks, columns) { Self.run(check, column, rows, reject) }
  }

  /// Looks closer by halves, so that few bad rows cost little.
  private static func run(
    _ check: Check, _ column: Column, _ rows: Range<Int>, _ reject: (_ row: Int, _ message: String) -> Void
  ) {
    guard !check.isPassed(column, rows) else { return }
    if rows.count == 1 {
      if let problem = check.problem(column, rows.lowerBound) { reject(rows.lowerBound, problem) }
    } else {
      let middle = rows.lowerBound + rows.count / 2
      run(check, column, rows.lowerBound..<middle, reject)
      run(check, column, middle..<rows.upperBound, reject)
    }
  }

  /// What is wrong with one row; nil if nothing is.
  func problem(_ columns: [Column], row: Int) -> String? {
    for (check, column) in zip(checks, columns) {
      if let problem = check.problem(column, row) { return problem }
    }
    return nil
  }
}

extension OutputChecks.Check {
  /// Whether all rows pass.
  fileprivate func isPassed(_ column: Column, _ rows: Range<Int>) -> Bool {
    guard column.isWithin(minimum: output.minimum, maximum: output.maximum, rows: rows) else { return false }
    guard let values else { return true }
    let width = column.descriptor.width
    for index in rows.lowerBound * width..<rows.upperBound * width
    where values.position(of: index, in: column) == nil { return false }
    return true
  }

  /// The first element of a row that makes no sense.
  fileprivate func problem(_ column: Column, _ row: Int) -> String? {
    guard !isPassed(column, row..<row + 1) else { return nil }
    let width = column.descriptor.width
    for element in 0..<width {
      let index = row * width + element
      let place = width == 1 ? output.column.name : "\(output.column.name)[\(element)]"
      let number = column.number(at: index)
      switch column.descriptor.datatype {
      case .float32 where !number.isFinite, .float64 where !number.isFinite:
        return "\(place): the release made a number that is not finite"
      case .float32, .float64, .int64:
        if let minimum = output.minimum, isBelow(number, minimum) {
          return
            "\(place): the release made \(Self.text(column, index)), expected at least \(GuardText.number(minimum))"
        }
        if let maximum = output.maximum, isBelow(-number, -maximum) {
          return "\(place): the release made \(Self.text(column, index)), expected at most \(GuardText.number(maximum))"
        }
      case .bool, .bytes: break
      }
      if let values, values.position(of: index, in: column) == nil {
        return "\(place): the release made \(Self.text(column, index)), which is not one of the values of the output"
      }
    }
    // Integers are compared exactly; as the doubles of the message two of them look alike.
    return "\(output.column.name): the release made an integer just outside of its bounds"
  }

  private func isBelow(_ number: Double, _ bound: Double) -> Bool {
    output.column.datatype == .float32 ? Float(number) < Float(bound) : number < bound
  }

  private static func text(_ column: Column, _ index: Int) -> String {
    switch column.descriptor.datatype {
    case .float32: GuardText.number(Double("\(column.float32(at: index))") ?? Double(column.float32(at: index)))
    case .float64: GuardText.number(column.float64(at: index))
    case .int64: String(column.int64(at: index))
    case .bool: String(column.bool(at: index))
    case .bytes: GuardText.quoted(column, at: index)
    }
  }
}
