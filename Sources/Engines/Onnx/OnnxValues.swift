import COnnxRuntime
import Domain

/// The tensors of one side of a run, inputs or outputs, released together.
///
/// Numbers stay where they are: a tensor is made over a column's own memory. That memory does not move while a run is
/// under way, for the columns belong to the calling lane and only grow between runs.
@safe struct OnnxValues: ~Copyable {
  /// `OrtValue`s in the graph's order; nil where the library shall make one.
  let pointers: UnsafeMutableBufferPointer<OpaquePointer?>
  private let runtime: OnnxRuntime

  /// No tensors yet, room for `count`.
  init(count: Int, runtime: OnnxRuntime) {
    unsafe pointers = .allocate(capacity: count)
    unsafe pointers.initialize(repeating: nil)
    self.runtime = runtime
  }

  deinit {
    for index in 0..<(unsafe pointers.count) {
      if let value = unsafe pointers[index] { unsafe runtime.api.functions.pointee.ReleaseValue?(value) }
    }
    unsafe pointers.deallocate()
  }

  /// Gives rows of a column to the graph: numbers in place, text as a copy.
  borrowing func set(_ column: Column, as form: OnnxTensorForm, rows: Range<Int>, at index: Int) throws(OnnxError) {
    if form.descriptor.datatype == .bytes {
      try copyText(column, as: form, rows: rows, at: index)
    } else {
      try lend(column, as: form, rows: rows, at: index)
    }
  }

  /// Puts a tensor over rows of a column at a position. For numbers only.
  borrowing func lend(_ column: Column, as form: OnnxTensorForm, rows: Range<Int>, at index: Int) throws(OnnxError) {
    let api = runtime.api
    unsafe pointers[index] = try column.withUnsafeMutableElements(rows: rows) {
      (elements) throws(OnnxError) -> OpaquePointer in
      unsafe try form.withShape(rows: rows.count) { (shape) throws(OnnxError) -> OpaquePointer in
        unsafe try api.make {
          unsafe api.functions.pointee.CreateTensorWithDataAsOrtValue?(
            runtime.memory, elements.baseAddress, elements.count, shape.baseAddress, shape.count,
            form.descriptor.datatype.onnxElementType, $0)
        }
      }
    }
  }

  /// Copies rows of a BYTES column into a new tensor. Lengths are explicit, so that any byte may occur in a text.
  private borrowing func copyText(_ column: Column, as form: OnnxTensorForm, rows: Range<Int>, at index: Int)
    throws(OnnxError)
  {
    let api = runtime.api
    let value = unsafe try form.withShape(rows: rows.count) { (shape) throws(OnnxError) -> OpaquePointer in
      unsafe try api.make {
        unsafe api.functions.pointee.CreateTensorAsOrtValue?(
          runtime.allocator, shape.baseAddress, shape.count, ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, $0)
      }
    }
    unsafe pointers[index] = value
    let width = form.descriptor.width
    let first = rows.lowerBound * width
    for element in 0..<rows.count * width {
      let status: OpaquePointer? = unsafe column.withBytes(at: first + element) { bytes in
        var buffer: UnsafeMutablePointer<CChar>?
        let status = unsafe api.functions.pointee.GetResizedStringTensorElementBuffer?(
          value, element, bytes.byteCount, &buffer)
        if unsafe status == nil, let buffer = unsafe buffer {
          unsafe bytes.withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(start: buffer, count: source.count).copyMemory(from: source)
          }
        }
        return unsafe status
      }
      unsafe try api.check(status)
    }
  }

  /// Copies a tensor that the library made into rows of a column.
  borrowing func store(
    at index: Int, into column: Column, as form: OnnxTensorForm, rows: Range<Int>
  ) throws(OnnxError) {
    guard let value = unsafe pointers[index] else { throw OnnxError("\(form.descriptor.name): the graph made nothing") }
    let (type, dimensions) = try shape(at: index)
    let expected = [Int64(rows.count)] + form.innerDimensions
    guard type == form.descriptor.datatype.onnxElementType, dimensions == expected else {
      throw OnnxError("\(form.descriptor.name): the graph made the shape \(dimensions) where \(expected) was expected")
    }
    if form.descriptor.datatype == .bytes {
      unsafe try storeText(value, into: column, rows: rows)
    } else {
      unsafe try storeNumbers(value, into: column, rows: rows)
    }
  }

  private borrowing func storeNumbers(_ value: OpaquePointer, into column: Column, rows: Range<Int>) throws(OnnxError) {
    var data: UnsafeMutableRawPointer?
    unsafe try runtime.api.check(runtime.api.functions.pointee.GetTensorMutableData?(value, &data))
    guard let data = unsafe data else { throw OnnxError("\(column.descriptor.name): the graph made nothing") }
    unsafe column.withUnsafeMutableElements(rows: rows) { elements in
      unsafe elements.copyMemory(from: UnsafeRawBufferPointer(start: data, count: elements.count))
    }
  }

  private borrowing func storeText(_ value: OpaquePointer, into column: Column, rows: Range<Int>) throws(OnnxError) {
    let api = runtime.api
    let count = rows.count * column.descriptor.width
    let first = rows.lowerBound * column.descriptor.width
    var byteCount = 0
    unsafe try api.check(api.functions.pointee.GetStringTensorDataLength?(value, &byteCount))
    unsafe try withUnsafeTemporaryAllocation(of: Int.self, capacity: count) { (starts) throws(OnnxError) in
      unsafe try withUnsafeTemporaryAllocation(byteCount: max(byteCount, 1), alignment: 1) {
        (text) throws(OnnxError) in
        unsafe try api.check(
          api.functions.pointee.GetStringTensorContent?(value, text.baseAddress, byteCount, starts.baseAddress, count))
        for element in 0..<count {
          let end = element + 1 < count ? unsafe starts[element + 1] : byteCount
          let bytes = unsafe UnsafeRawBufferPointer(rebasing: text[starts[element]..<end])
          unsafe column.set(bytes: bytes.bytes, at: first + element)
        }
      }
    }
  }

  /// Element type and dimensions of a tensor that the library made.
  borrowing func shape(at index: Int) throws(OnnxError) -> (type: ONNXTensorElementDataType, dimensions: [Int64]) {
    let api = runtime.api
    guard let value = unsafe pointers[index] else { throw OnnxError("the graph made nothing") }
    let information = unsafe try api.make { unsafe api.functions.pointee.GetTensorTypeAndShape?(value, $0) }
    defer { unsafe api.functions.pointee.ReleaseTensorTypeAndShapeInfo?(information) }
    return unsafe try api.shape(of: information)
  }
}

extension OnnxAPI {
  /// Element type and dimensions of a declared or a real tensor; -1 stands for a dimension that is not fixed, and no
  /// dimension at all for a scalar or a shape that is not declared.
  func shape(of information: OpaquePointer) throws(OnnxError) -> (type: ONNXTensorElementDataType, dimensions: [Int64])
  {
    var type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED
    unsafe try check(functions.pointee.GetTensorElementType?(information, &type))
    var rank = 0
    unsafe try check(functions.pointee.GetDimensionsCount?(information, &rank))
    var dimensions = [Int64](repeating: 0, count: rank)
    unsafe try check(functions.pointee.GetDimensions?(information, &dimensions, rank))
    return (type, dimensions)
  }
}
