import COnnxRuntime
import Domain

/// Reads a graph's signature and refuses what no manifest can bind, with what to change.
extension OnnxSession {
  /// What an export looks like in columns: see `OnnxTensorForm`.
  struct Forms: Sendable {
    var inputs: [OnnxTensorForm]
    var outputs: [OnnxTensorForm]
  }

  /// Rows of the run that learns what a graph does not declare. One would not tell `[n]` from `[1]`.
  private static let learningRows = 2

  /// The forms of all inputs and outputs. Outputs whose inner dimensions are not declared are learned by running the
  /// graph on rows of zeros and empty texts.
  func forms() throws(StageLoadError) -> Forms {
    guard !inputNames.texts.isEmpty, !outputNames.texts.isEmpty else {
      throw .unusable("the graph has no inputs or no outputs")
    }
    let inputs = try inputForms()
    var declarations: [Declaration] = []
    for (index, name) in outputNames.texts.enumerated() {
      let declared = unsafe try withOutputType(index) { (type) throws(StageLoadError) in
        unsafe try declaration("output", name, type)
      }
      declarations.append(declared)
    }
    let isComplete = declarations.allSatisfy { !($0.innerDimensions ?? [-1]).contains { $0 < 0 } }
    let learned = isComplete ? [] : try learnedDimensions(inputs, outputs: declarations.count)
    var outputs: [OnnxTensorForm] = []
    for (index, name) in outputNames.texts.enumerated() {
      let inner = isComplete ? declarations[index].innerDimensions ?? [] : learned[index]
      outputs.append(
        try OnnxTensorForm(
          name: name, datatype: declarations[index].datatype, innerDimensions: inner,
          isWrittenInPlace: declarations[index].hasDynamicBatch && !inputNames.texts.contains(name)))
    }
    return Forms(inputs: inputs, outputs: outputs)
  }

  private func inputForms() throws(StageLoadError) -> [OnnxTensorForm] {
    var forms: [OnnxTensorForm] = []
    for (index, name) in inputNames.texts.enumerated() {
      let declared = unsafe try withInputType(index) { (type) throws(StageLoadError) in
        unsafe try declaration("input", name, type)
      }
      guard let inner = declared.innerDimensions, !inner.contains(where: { $0 < 0 }) else {
        throw .unusable("input '\(name)': the width is not declared; export it with the shape [None, k], k a number")
      }
      forms.append(
        try OnnxTensorForm(
          name: name, datatype: declared.datatype, innerDimensions: inner, isWrittenInPlace: false))
    }
    return forms
  }

  /// What a graph says of an input or output. Inner dimensions are nil if it says nothing of the shape that can be
  /// relied on, and -1 where it leaves one open.
  private struct Declaration {
    var datatype: Datatype
    var innerDimensions: [Int64]?
    var hasDynamicBatch = true
  }

  private func declaration(
    _ kind: String, _ name: String, _ type: OpaquePointer
  ) throws(StageLoadError) -> Declaration {
    var form = ONNX_TYPE_UNKNOWN
    var tensor: OpaquePointer?
    let shape: (type: ONNXTensorElementDataType, dimensions: [Int64])
    do throws(OnnxError) {
      unsafe try runtime.api.check(runtime.api.functions.pointee.GetOnnxTypeFromTypeInfo?(type, &form))
      unsafe try runtime.api.check(runtime.api.functions.pointee.CastTypeInfoToTensorInfo?(type, &tensor))
      guard form == ONNX_TYPE_TENSOR, let tensor = unsafe tensor else { throw OnnxError("") }
      unsafe shape = try runtime.api.shape(of: tensor)
    } catch {
      guard form != ONNX_TYPE_TENSOR else { throw .loadFailed(error.message) }
      throw .unusable(Self.refusal(of: form, kind, name))
    }
    guard let datatype = Datatype(shape.type) else {
      throw .unusable(
        "\(kind) '\(name)' has elements of type \(shape.type.name); "
          + "supported are float, double, int64, bool and string: add a Cast to the graph")
    }
    guard let first = shape.dimensions.first else { return Declaration(datatype: datatype, innerDimensions: nil) }
    if first >= 0 {
      // Converters of LightGBM declare the label as [1] and make [n]: an output is judged by what a run makes.
      if kind == "output" { return Declaration(datatype: datatype, innerDimensions: nil, hasDynamicBatch: false) }
      throw .unusable(
        "\(kind) '\(name)' has a fixed first dimension, \(first); "
          + "export with a dynamic batch dimension (None, or dynamic_axes)")
    }
    return Declaration(datatype: datatype, innerDimensions: Array(shape.dimensions.dropFirst()))
  }

  private static func refusal(of form: ONNXType, _ kind: String, _ name: String) -> String {
    switch form {
    case ONNX_TYPE_SEQUENCE where kind == "output":
      "output '\(name)' is a sequence, not a tensor; export a scikit-learn classifier with options={\"zipmap\": False}"
    case ONNX_TYPE_MAP where kind == "output":
      "output '\(name)' is a map, not a tensor; export a scikit-learn classifier with options={\"zipmap\": False}"
    case ONNX_TYPE_SEQUENCE: "\(kind) '\(name)' is a sequence; only tensors are supported"
    case ONNX_TYPE_MAP: "\(kind) '\(name)' is a map; only tensors are supported"
    case ONNX_TYPE_OPTIONAL: "\(kind) '\(name)' is optional; only tensors are supported, declare it as one"
    case ONNX_TYPE_SPARSETENSOR: "\(kind) '\(name)' is a sparse tensor; only dense tensors are supported"
    default: "\(kind) '\(name)' is not a tensor"
    }
  }

  private func learnedDimensions(
    _ inputs: [OnnxTensorForm], outputs count: Int
  ) throws(StageLoadError) -> [[Int64]] {
    let rows = Self.learningRows
    do throws(OnnxError) {
      let values = OnnxValues(count: inputs.count, runtime: runtime)
      let columns = inputs.map { Column($0.descriptor) }
      for (index, form) in inputs.enumerated() {
        guard columns[index].reserve(rows: rows) else { throw OnnxError("'\(form.descriptor.name)' is too wide") }
        try values.set(columns[index], as: form, rows: 0..<rows, at: index)
      }
      let results = OnnxValues(count: count, runtime: runtime)
      // The values lie in the columns' memory.
      try withExtendedLifetime(columns) { () throws(OnnxError) in try run(values, into: results, within: nil) }
      var learned: [[Int64]] = []
      for index in 0..<count {
        let dimensions = try results.shape(at: index).dimensions
        guard dimensions.first == Int64(rows) else {
          throw OnnxError(
            "output '\(outputNames.texts[index])' has the shape \(dimensions) for \(rows) rows; its first dimension must be the batch"
          )
        }
        learned.append(Array(dimensions.dropFirst()))
      }
      return learned
    } catch {
      throw .unusable(
        "a width is not declared, and a run on zeros to learn it failed; declare the outputs' shapes: \(error.message)")
    }
  }
}
