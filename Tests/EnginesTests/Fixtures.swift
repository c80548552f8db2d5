import Domain
import Engines
import Foundation
import Testing

/// Graphs made by `Tests/Fixtures/onnx/make.py`.
enum Fixtures {
  /// Where a graph lies.
  static func path(_ name: String, file: String = #filePath) -> String {
    URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/onnx/\(name)").path
  }

  /// Loads a graph as its own.
  static func load(_ name: String) throws(StageLoadError) -> OnnxStage {
    try OnnxStage(path: path(name + ".onnx"))
  }

  /// Why a graph is refused; fails the test if it is not.
  static func refusal(_ name: String) -> StageLoadError? {
    do throws(StageLoadError) {
      let stage = try load(name)
      Issue.record("\(name) was accepted: \(stage.signature)")
      return nil
    } catch {
      return error
    }
  }
}

extension Stage {
  /// Runs it with all the time that a test has.
  func run(_ binding: StageBinding, on columns: borrowing Columns, rows: Range<Int>) throws(StageFailure) {
    try run(binding, on: columns, rows: rows, within: .seconds(60))
  }
}

extension OnnxStage {
  /// Columns for the inputs and then the outputs of a stage, with `rows` rows of zeros.
  func columns(rows: Int) -> Columns {
    var columns = Columns(signature.inputs + signature.outputs)
    for _ in 0..<rows where columns.beginRow() != nil { columns.finishRow() }
    return columns
  }

  /// A binding to what `columns(rows:)` makes.
  var binding: StageBinding {
    let count = signature.inputs.count
    return StageBinding(inputs: Array(0..<count), outputs: Array(count..<count + signature.outputs.count))
  }
}

extension Column {
  /// Sets an element of a BYTES column.
  func set(text: String, at index: Int) {
    let bytes = Array(text.utf8)
    unsafe set(bytes: bytes.span.bytes, at: index)
  }

  /// An element of a BYTES column.
  func text(at index: Int) -> String {
    withBytes(at: index) { span in
      String(
        decoding: (0..<span.byteCount).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }, as: UTF8.self
      )
    }
  }

  /// Sets any element so that every index gives another value.
  func setSample(_ index: Int) {
    switch descriptor.datatype {
    case .bool: set(bool: index % 3 == 1, at: index)
    case .int64: set(int64: Int64(index) &* 0x1_0000_0001 - 5, at: index)
    case .float32: set(float32: Float(index) / 4 - 1, at: index)
    case .float64: set(float64: Double(index) / 3 - 1, at: index)
    case .bytes: set(text: "sample \(index)", at: index)
    }
  }

  /// An element as a comparable text.
  func element(_ index: Int) -> String {
    switch descriptor.datatype {
    case .bool: "\(bool(at: index))"
    case .int64: "\(int64(at: index))"
    case .float32: "\(float32(at: index))"
    case .float64: "\(float64(at: index))"
    case .bytes: text(at: index)
    }
  }
}
