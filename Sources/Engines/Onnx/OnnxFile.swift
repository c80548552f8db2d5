import Domain
import FoundationEssentials

/// The bytes of a graph's file, once they are known to hold all of the graph.
///
/// ONNX lets a tensor name another file, or with ONNX Runtime an address in memory, where its data lie. The library
/// follows any path, also out of the release, and such data are not covered by the file's digest, which is the key for
/// sharing sessions. So a graph with external data is refused before the library sees it. This reads the Protocol
/// Buffers encoding just far enough to find every tensor (onnx.proto3 of ONNX 1.23), and refuses what it cannot read.
struct OnnxFile {
  private let content: Data

  /// Reads and checks a file. Blocks.
  init(path: String) throws(StageLoadError) {
    do {
      content = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
    } catch {
      let message = ErrorText.shortened("cannot read the graph's file: \(error)")
      let isThere = (error as? CocoaError)?.code != .fileReadNoSuchFile
      throw isThere ? .unreadable(message) : .loadFailed(message)
    }
    try Self.check(content.bytes, Message.model, depth: 0)
  }

  /// Lends the file's content.
  func withUnsafeContent<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe content.withUnsafeBytes(body)
  }

  /// Depth at which Protocol Buffers itself gives up.
  private static let maximumDepth = 100

  /// The messages on the way to a tensor.
  private enum Message {
    case model, training, function, graph, node, attribute, sparseTensor, tensor

    /// What a field of the message holds, if that is or may hold a tensor.
    func child(_ field: UInt64) -> Message? {
      switch (self, field) {
      case (.model, 7), (.training, 1), (.training, 2), (.attribute, 6), (.attribute, 11): .graph
      case (.model, 20): .training
      case (.model, 25): .function
      case (.graph, 1), (.function, 7): .node
      case (.node, 5), (.function, 11): .attribute
      case (.graph, 5), (.attribute, 5), (.attribute, 10), (.sparseTensor, 1), (.sparseTensor, 2): .tensor
      case (.graph, 15), (.attribute, 22), (.attribute, 23): .sparseTensor
      default: nil
      }
    }
  }

  private static func check(_ bytes: RawSpan, _ message: Message, depth: Int) throws(StageLoadError) {
    guard depth < maximumDepth else { throw .loadFailed("the file is not an ONNX graph: it nests too deeply") }
    var reader = ProtocolBufferReader()
    while let field = reader.next(bytes) {
      if message == .tensor, field.number == 13 || field.number == 14 && field.scalar != 0 {
        throw .unusable("the graph keeps a tensor's data outside of its file; save it with all data in one file")
      }
      if let child = message.child(field.number), let content = field.content {
        try check(bytes.extracting(content), child, depth: depth + 1)
      }
    }
    guard reader.position == bytes.byteCount else { throw .loadFailed("the file is not an ONNX graph, or it was cut") }
  }
}
