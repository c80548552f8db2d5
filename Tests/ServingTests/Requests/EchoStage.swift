import Domain
import Serving

/// A stage without a library that copies each input `x` to an output `got_x`, so that answers show what was decoded.
final class EchoStage: Stage {
  let signature: StageSignature

  init(_ inputs: [ColumnDescriptor]) {
    signature = StageSignature(
      inputs: inputs,
      outputs: inputs.map { ColumnDescriptor(name: "got_" + $0.name, datatype: $0.datatype, width: $0.width) })
  }

  func run(_ binding: StageBinding, on columns: borrowing Columns, rows: Range<Int>) throws(StageFailure) {
    for (input, output) in zip(binding.inputs, binding.outputs) {
      let width = columns[input].descriptor.width
      Self.copy(columns[input], columns[output], rows.lowerBound * width..<rows.upperBound * width)
    }
  }

  private static func copy(_ from: Column, _ to: Column, _ elements: Range<Int>) {
    for index in elements {
      switch from.descriptor.datatype {
      case .bool: to.set(bool: from.bool(at: index), at: index)
      case .int64: to.set(int64: from.int64(at: index), at: index)
      case .float32: to.set(float32: from.float32(at: index), at: index)
      case .float64: to.set(float64: from.float64(at: index), at: index)
      case .bytes: from.withBytes(at: index) { to.set(bytes: $0, at: index) }
      }
    }
  }
}

/// Gives out echoes of a manifest's inputs.
struct EchoLoader: StageLoader {
  var manifest: Manifest

  func load(engine: String, path: String, sha256: String) throws(StageLoadError) -> any Stage {
    EchoStage(manifest.inputs.map(\.column))
  }

  func returnMemory() {}
}
