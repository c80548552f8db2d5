import Foundation
import Yams

/// A YAML file as nodes, which know their lines.
enum YAMLFile {
  /// The root of a file; nil if the file is empty.
  static func root(of path: String) throws(CommandFailure) -> Node? {
    let text: String
    do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
      throw .usage("\(path): cannot be read (\(error.localizedDescription))")
    }
    do { return try compose(yaml: text) } catch {
      throw .usage("\(path): not YAML: \(error)")
    }
  }

  /// `worker.yaml:12`.
  static func place(_ path: String, _ node: Node) -> String {
    node.mark.map { "\(path):\($0.line)" } ?? path
  }
}
