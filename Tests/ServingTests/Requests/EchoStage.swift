import Domain
import Serving

/// A stage without a library that copies each input `x` to an output `got_x`, so that answers show what was decoded.
final class EchoStage: Stage {
  let signature: StageSignature
  private let effect: Effect

  /// What becomes of a value on its way, by the name of the stage's file.
  enum Effect: String {
    /// It stays as it is.
    case echo
    /// The sign of numbers and truths turns.
    case negate
    /// What is FP32 or FP64 becomes its root: below zero that is no number.
    case root
    /// It stays as it is, but rows whose `i` is 3 or −1 fail the stage, the latter with many words.
    case brittle
    /// It stays as it is; the column that is made is a guess how likely the answer is wrong.
    case risk
  }

  init(_ inputs: [ColumnDescriptor], _ effect: Effect = .echo) {
    self.effect = effect
    let prefix = effect == .risk ? "risk_" : "got_"
    signature = StageSignature(
      inputs: inputs,
      outputs: inputs.map { ColumnDescriptor(name: prefix + $0.name, datatype: $0.datatype, width: $0.width) })
  }

  func run(
    _ binding: StageBinding, on columns: borrowing Columns, rows: Range<Int>, within limit: Duration
  ) throws(StageFailure) {
    if effect == .brittle { try Self.failIfTold(binding, columns, rows) }
    for (input, output) in zip(binding.inputs, binding.outputs) {
      let width = columns[input].descriptor.width
      copy(columns[input], columns[output], rows.lowerBound * width..<rows.upperBound * width)
    }
  }

  private static func failIfTold(
    _ binding: StageBinding, _ columns: borrowing Columns, _ rows: Range<Int>
  ) throws(StageFailure) {
    for input in binding.inputs where columns[input].descriptor.name == "i" {
      for row in rows {
        let number = columns[input].int64(at: row)
        if number == 3 { throw StageFailure(message: "it was told to fail") }
        if number == -1 { throw StageFailure(message: String(repeating: "it was told to fail, ", count: 40)) }
      }
    }
  }

  private func copy(_ from: Column, _ to: Column, _ elements: Range<Int>) {
    for index in elements {
      switch from.descriptor.datatype {
      case .bool: to.set(bool: from.bool(at: index) != (effect == .negate), at: index)
      case .int64: to.set(int64: effect == .negate ? 0 &- from.int64(at: index) : from.int64(at: index), at: index)
      case .float32: to.set(float32: changed(from.float32(at: index)), at: index)
      case .float64: to.set(float64: changed(from.float64(at: index)), at: index)
      case .bytes: from.withBytes(at: index) { to.set(bytes: $0, at: index) }
      }
    }
  }

  private func changed<Number: BinaryFloatingPoint>(_ value: Number) -> Number {
    switch effect {
    case .negate: -value
    case .root: value.squareRoot()
    case .echo, .brittle, .risk: value
    }
  }
}

/// Gives out echoes of a manifest's inputs; a guess at the risk is made of `d` alone.
struct EchoLoader: StageLoader {
  var manifest: Manifest

  func load(engine: String, path: String, sha256: String) throws(StageLoadError) -> any Stage {
    let file = path.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? ""
    guard let effect = EchoStage.Effect(rawValue: file) else { throw .loadFailed("there is no \(path)") }
    let inputs = manifest.inputs.map(\.column)
    return EchoStage(effect == .risk ? inputs.filter { $0.name == "d" } : inputs, effect)
  }

  func returnMemory() {}
}
