import Domain
import Foundation
import Serving
import Wire

/// A request of the table that `Tests/Fixtures/requests/make.py` made, with the response that it must get.
struct RequestCase: Sendable {
  /// What it is about.
  var name: String
  /// The release that it is for.
  var release: String
  /// The record's value.
  var request: [UInt8]
  /// Header `x-status` of the response.
  var status: String
  /// The response without what is for people; `$id` for the identifier that a request without one gets.
  var response: String
  /// What the messages must contain, in their order.
  var names: [String]

  /// The whole table.
  static func all() throws -> [RequestCase] {
    try lines("cases.jsonl").map { line in
      let json = try JSON(parsing: line)
      var request = Array(text(json["request"]).utf8)
      if case .text(let encoded)? = json["base64"] { request = Array(Data(base64Encoded: encoded) ?? Data()) }
      guard case .array(let names)? = json["names"] else {
        throw Malformed(line: String(decoding: line, as: UTF8.self))
      }
      return RequestCase(
        name: text(json["name"]), release: text(json["release"]), request: request, status: text(json["status"]),
        response: text(json["response"]), names: names.map(text))
    }
  }

  /// The manifests of the releases that the table is about. Of two with one name the second was live before.
  static func manifests() throws -> [[UInt8]] { try lines("releases.jsonl") }

  /// The releases, each of stages that echo its inputs.
  static func releases() throws -> [LoadedRelease] {
    try manifests().map { bytes in
      let manifest = try ManifestCodec.decode(bytes)
      let name = "\(manifest.name)-\(manifest.version)"
      let identity = ReleaseIdentity(model: manifest.name, version: manifest.version, digest: "sha256:\(name)")
      return try LoadedRelease(
        StoredRelease(identity: identity, manifest: manifest, directory: "/releases/\(name)"),
        loader: EchoLoader(manifest: manifest))
    }
  }

  /// Who answers in place of the releases, by model.
  static func fallbacks() throws -> [String: [FallbackStep]] {
    guard let line = try lines("fallbacks.json").first, case .object(let fields) = try JSON(parsing: line) else {
      throw Malformed(line: "fallbacks.json")
    }
    return try Dictionary(
      uniqueKeysWithValues: fields.map { field in
        guard case .array(let steps) = field.value else { throw Malformed(line: field.name) }
        return (field.name, steps.compactMap { FallbackStep(text($0)) })
      })
  }

  private struct Malformed: Error { var line: String }

  private static func lines(_ file: String) throws -> [[UInt8]] {
    let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures/requests")
    return try Data(contentsOf: directory.appending(path: file)).split(separator: UInt8(ascii: "\n")).map { Array($0) }
  }

  private static func text(_ json: JSON?) -> String {
    if case .text(let text)? = json { text } else { "" }
  }
}
