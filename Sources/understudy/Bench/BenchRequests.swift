import Domain
import Foundation
import Wire

/// The bodies of the requests of a bench, which are sent round and round: contexts of a file, or made ones.
struct BenchRequests: Sendable {
  /// What one request carries, and the model that it is for.
  struct Body: Sendable, Equatable {
    var model: String
    var bytes: [UInt8]
  }

  /// In the order in which they are sent; those of several models take turns.
  let bodies: [Body]
  /// Rows of each.
  let rows: Int

  /// How the bodies are to be.
  struct Shape: Sendable {
    /// Contexts of one request; more than one make it an array.
    var rows = 1
    /// Bytes that a body has at least; a field that means nothing fills it up.
    var recordBytes: Int?
    /// What made contexts come from.
    var seed: UInt64 = 1
  }

  /// Different bodies of each model: enough that no two batches of the usual size are alike.
  private static let bodiesPerModel = 1024
  private static let padding = "understudy_bench_padding"

  /// The body that request number `number` has.
  subscript(number: Int) -> Body { bodies[number % bodies.count] }

  /// Bytes of an average body.
  var averageBytes: Int { max(1, bodies.reduce(0) { $0 + $1.bytes.count } / max(1, bodies.count)) }

  /// Reads or makes the bodies.
  /// - Parameter files: by position of the model; contexts of models without a file are made.
  init(_ manifests: [Manifest], files: [String], shape: Shape) throws(CommandFailure) {
    guard files.count <= manifests.count else {
      throw .usage("--requests is given \(files.count) times for \(manifests.count) release(s): expected one for each")
    }
    var byModel: [[Body]] = []
    for (position, manifest) in manifests.enumerated() {
      try Self.check(shape, manifest)
      let contexts =
        position < files.count
        ? try Self.read(files[position], manifest) : try Self.make(manifest, shape)
      byModel.append(try Self.bodies(contexts, manifest.name, shape))
    }
    let count = byModel.map(\.count).max() ?? 0
    bodies = (0..<count).flatMap { number in byModel.map { $0[number % $0.count] } }
    rows = shape.rows
  }

  private static func check(_ shape: Shape, _ manifest: Manifest) throws(CommandFailure) {
    guard shape.rows <= manifest.maximumRows else {
      throw .usage("--rows \(shape.rows): \(manifest.name) takes at most \(manifest.maximumRows) rows in a request")
    }
    if shape.recordBytes != nil, manifest.unknownFields != .ignore {
      throw .usage(
        "--record-bytes: \(manifest.name) refuses requests with fields that it does not know, and such a field fills them up"
      )
    }
  }

  private static func read(_ path: String, _ manifest: Manifest) throws(CommandFailure) -> [[UInt8]] {
    var source: RowSource
    do throws(CommandFailure) { source = try RowSource(path, inputs: manifest.inputs) } catch {
      throw .usage("\(error)".replacing("--input", with: "--requests"))
    }
    var contexts: [[UInt8]] = []
    while contexts.count < Limits.benchContexts, let row = try source.next() { contexts.append(row) }
    guard !contexts.isEmpty else { throw .usage("--requests \(path): is empty; expected a context on each line") }
    return contexts
  }

  private static func make(_ manifest: Manifest, _ shape: Shape) throws(CommandFailure) -> [[UInt8]] {
    var generator = try ContextGenerator(manifest.inputs, seed: shape.seed)
    return (0..<bodiesPerModel).map { _ in generator.next() }
  }

  private static func bodies(_ contexts: [[UInt8]], _ model: String, _ shape: Shape) throws(CommandFailure) -> [Body] {
    var bodies: [Body] = []
    for number in contexts.indices {
      var bytes = contexts[number]
      if shape.rows > 1 {
        let several = (0..<shape.rows).map { contexts[(number * shape.rows + $0) % contexts.count] }
        bytes = [UInt8(ascii: "[")] + several.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
      }
      bodies.append(Body(model: model, bytes: try padded(bytes, shape)))
    }
    return bodies
  }

  /// A body as long as was asked for, by a field of its first context; one that is longer stays as it is.
  private static func padded(_ body: [UInt8], _ shape: Shape) throws(CommandFailure) -> [UInt8] {
    guard let wanted = shape.recordBytes else { return body }
    let place = shape.rows > 1 ? 1 : 0
    guard body.count > place + 2, body[place] == UInt8(ascii: "{"), body[place + 1] != UInt8(ascii: "}") else {
      throw .usage("--record-bytes: expected contexts that are JSON objects with fields, found another one")
    }
    let missing = wanted - body.count - "\"\(padding)\":\"\",".utf8.count
    guard missing > 0 else { return body }
    let field = "\"\(padding)\":\"\(String(repeating: "x", count: missing))\","
    return body[...place] + Array(field.utf8) + body[(place + 1)...]
  }
}
