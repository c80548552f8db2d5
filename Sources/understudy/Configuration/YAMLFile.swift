import Domain
import Foundation
import Yams

/// A YAML file as nodes, which know their lines.
enum YAMLFile {
  /// The root of a file; nil if the file is empty.
  static func root(of path: String) throws(CommandFailure) -> Node? {
    let text = try text(of: path)
    do { return try compose(yaml: text) } catch {
      throw .usage("\(path): not YAML: \(error)")
    }
  }

  private static func text(of path: String) throws(CommandFailure) -> String {
    let bytes: Data
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      bytes = try file.read(upToCount: Limits.configurationBytes + 1) ?? Data()
    } catch {
      throw .usage("\(path): cannot be read (\(error.localizedDescription))")
    }
    guard bytes.count <= Limits.configurationBytes else {
      throw .usage("\(path): expected at most \(Limits.configurationBytes) bytes, and there are more")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .usage("\(path): expected UTF-8, and it is none")
    }
    return text
  }

  /// `worker.yaml:12`.
  static func place(_ path: String, _ node: Node) -> String {
    node.mark.map { "\(path):\($0.line)" } ?? path
  }

  /// The items of a list of plain values. None is left out: one that is a list, keys and values, or nothing is refused.
  static func items(_ list: Node.Sequence, _ path: String, _ key: String) throws(CommandFailure) -> [String] {
    var items: [String] = []
    for (index, node) in list.enumerated() {
      guard let text = value(node) else {
        throw .usage("\(place(path, node)): \(key)[\(index)]: expected a plain value")
      }
      items.append(text)
    }
    return items
  }

  /// The text of a plain value; nil for a list, for keys and values, and for nothing.
  static func value(_ node: Node) -> String? {
    guard case .scalar(let scalar) = node, !scalar.string.isEmpty, node.tag != .init(.null) else { return nil }
    return scalar.string
  }

  /// A key of a mapping, which must be a plain value.
  static func key(_ node: Node, _ path: String, in prefix: String) throws(CommandFailure) -> String {
    guard let text = value(node) else {
      throw .usage("\(place(path, node)): \(prefix.isEmpty ? "" : prefix + ": ")expected a name as the key")
    }
    return text
  }
}
