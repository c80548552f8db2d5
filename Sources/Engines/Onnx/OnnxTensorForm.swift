import COnnxRuntime
import Domain

/// What one input or output of a graph looks like: its column and the graph's own dimensions behind the batch.
struct OnnxTensorForm: Sendable, Equatable {
  /// Name, datatype and width, the product of the inner dimensions.
  let descriptor: ColumnDescriptor
  /// Dimensions behind the first; none for `[n]`, one for `[n, k]`.
  let innerDimensions: [Int64]
  /// Whether a run may write the output straight into a column's memory. Not so for an output that is an input as well,
  /// which the library hands out without writing it, nor for one whose declared shape is not what runs make.
  let isWrittenInPlace: Bool

  /// - Throws: `unusable` if the dimensions are no width of a column.
  init(name: String, datatype: Datatype, innerDimensions: [Int64], isWrittenInPlace: Bool) throws(StageLoadError) {
    var width = 1
    for dimension in innerDimensions {
      let (product, overflow) = width.multipliedReportingOverflow(by: Int(dimension))
      guard !overflow, dimension > 0, product <= Limits.columnWidth else {
        let shape = (["n"] + innerDimensions.map(String.init)).joined(separator: ", ")
        throw .unusable("\(name): the shape [\(shape)] does not have 1 to \(Limits.columnWidth) elements a row")
      }
      width = product
    }
    descriptor = ColumnDescriptor(name: name, datatype: datatype, width: width)
    self.innerDimensions = innerDimensions
    self.isWrittenInPlace = isWrittenInPlace && datatype != .bytes
  }

  /// Lends the tensor's shape for `rows` rows.
  func withShape<Result, Failure: Error>(
    rows: Int, _ body: (UnsafeMutableBufferPointer<Int64>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe try withUnsafeTemporaryAllocation(of: Int64.self, capacity: innerDimensions.count + 1) {
      (shape) throws(Failure) -> Result in
      unsafe shape.initializeElement(at: 0, to: Int64(rows))
      for index in innerDimensions.indices { unsafe shape.initializeElement(at: index + 1, to: innerDimensions[index]) }
      return unsafe try body(shape)
    }
  }
}

extension ONNXTensorElementDataType {
  /// The type's name as ONNX writes it, for messages.
  var name: String {
    let names = [
      "undefined", "float", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "double",
      "uint32",
      "uint64", "complex64", "complex128", "bfloat16",
    ]
    return rawValue < names.count ? names[Int(rawValue)] : "element type \(rawValue)"
  }
}

extension Datatype {
  /// The datatype that a tensor's elements have as a column; nil for those that columns do not hold.
  init?(_ type: ONNXTensorElementDataType) {
    switch type {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL: self = .bool
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64: self = .int64
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT: self = .float32
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE: self = .float64
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING: self = .bytes
    default: return nil
    }
  }

  /// The type of a tensor's elements.
  var onnxElementType: ONNXTensorElementDataType {
    switch self {
    case .bool: ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL
    case .int64: ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64
    case .float32: ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT
    case .float64: ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE
    case .bytes: ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING
    }
  }
}
