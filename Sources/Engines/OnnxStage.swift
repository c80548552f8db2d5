import Domain

/// A stage that is an ONNX graph.
///
/// Columns are bound by the graph's own tensors: numbers are read and written in the columns' memory without a copy,
/// text is copied. A tensor `[n]` or `[n, 1]` is a column of width 1, `[n, k]` one of width k, and `[n, a, b]` one of
/// width a × b.
package final class OnnxStage: Stage {
  /// Names, datatypes and widths of the graph's inputs and outputs.
  package let signature: StageSignature

  private let session: OnnxSession
  private let forms: OnnxSession.Forms

  /// Compiles the graph in a file and reads its signature. Blocks.
  /// - Throws: `loadFailed` if there is no such file, or it is not a graph that ONNX Runtime can run; `unusable` if the
  ///   graph has a form that no manifest can bind, or data outside of its file.
  package init(path: String, options: OnnxOptions = OnnxOptions()) throws(StageLoadError) {
    let file = try OnnxFile(path: path)
    do throws(OnnxError) {
      session = try OnnxSession(file, options: options, runtime: OnnxRuntime.shared.get())
    } catch {
      throw .loadFailed(error.message)
    }
    forms = try session.forms()
    signature = StageSignature(inputs: forms.inputs.map(\.descriptor), outputs: forms.outputs.map(\.descriptor))
  }

  /// Runs the graph on `rows` of the bound columns; on the calling thread, any number of callers at once.
  ///
  /// Interrupted when the time is over, but not within one operator. Allocates per batch, never per row. An output that
  /// does not have the declared or learned shape is a failure.
  ///
  /// A row alone is run as two: the library has code of its own for one row, which rounds otherwise (measured with 1.21.1:
  /// `ai.onnx.ml.LinearRegressor` and `LinearClassifier` change the last digit of most rows, and from two rows on of none),
  /// and an answer must not depend on its company.
  package func run(
    _ binding: StageBinding, on columns: borrowing Columns, rows: Range<Int>, within limit: Duration
  ) throws(StageFailure) {
    if rows.isEmpty { return }
    let inputs = try bound(binding.inputs, forms.inputs, columns, rows)
    let outputs = try bound(binding.outputs, forms.outputs, columns, rows)
    do throws(OnnxError) {
      if rows.count == 1 {
        try runAsTwo(inputs, outputs, row: rows.lowerBound, limit)
      } else {
        try run(inputs, outputs, rows, limit)
      }
    } catch {
      throw StageFailure(message: error.message, isOverTime: error.isOverTime)
    }
  }

  private func runAsTwo(
    _ inputs: [Column], _ outputs: [Column], row: Int, _ limit: Duration
  ) throws(OnnxError) {
    let (given, made) = (inputs.map { Column($0.descriptor) }, outputs.map { Column($0.descriptor) })
    for (twin, column) in zip(given + made, inputs + outputs) where !twin.reserve(rows: 2, exactly: true) {
      throw OnnxError("\(column.descriptor) has no room for two rows")
    }
    for (twin, column) in zip(given, inputs) {
      for target in 0..<2 { twin.copy(row: row, of: column, to: target) }
    }
    try run(given, made, 0..<2, limit)
    for (twin, column) in zip(made, outputs) { column.copy(row: 0, of: twin, to: row) }
  }

  private func run(
    _ inputs: [Column], _ outputs: [Column], _ rows: Range<Int>, _ limit: Duration
  ) throws(OnnxError) {
    let given = OnnxValues(count: inputs.count, runtime: session.runtime)
    for (index, column) in inputs.enumerated() {
      try given.set(column, as: forms.inputs[index], rows: rows, at: index)
    }
    let made = OnnxValues(count: outputs.count, runtime: session.runtime)
    for (index, column) in outputs.enumerated() where forms.outputs[index].isWrittenInPlace {
      try made.lend(column, as: forms.outputs[index], rows: rows, at: index)
    }
    try session.run(given, into: made, within: limit)
    for (index, column) in outputs.enumerated() where !forms.outputs[index].isWrittenInPlace {
      try made.store(at: index, into: column, as: forms.outputs[index], rows: rows)
    }
  }

  /// The columns at `positions`, once they are known to fit `forms` and to have room for `rows`: a tensor over less
  /// memory than its shape says would be read or written past its end.
  private func bound(
    _ positions: [Int], _ forms: [OnnxTensorForm], _ columns: borrowing Columns, _ rows: Range<Int>
  ) throws(StageFailure) -> [Column] {
    guard positions.count == forms.count else {
      throw StageFailure(message: "\(positions.count) columns are bound where the graph has \(forms.count)")
    }
    var bound: [Column] = []
    bound.reserveCapacity(positions.count)
    for (position, form) in zip(positions, forms) {
      guard columns.all.indices.contains(position) else {
        throw StageFailure(message: "\(form.descriptor) is bound to column \(position), which does not exist")
      }
      let column = columns[position]
      guard column.descriptor.datatype == form.descriptor.datatype, column.descriptor.width == form.descriptor.width
      else {
        throw StageFailure(message: "\(form.descriptor) is bound to \(column.descriptor)")
      }
      guard rows.lowerBound >= 0, rows.upperBound <= column.rowCapacity else {
        throw StageFailure(message: "\(column.descriptor) has no room for rows \(rows)")
      }
      bound.append(column)
    }
    return bound
  }
}
