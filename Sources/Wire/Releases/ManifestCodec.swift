import Domain

/// Reads and completes `manifest.json`, schema `understudy.release/v1`.
///
/// Reading checks everything that a manifest can get wrong by itself; whether its stages fit is checked when they are
/// loaded.
package enum ManifestCodec {
  /// The schema that we read.
  package static let schema = "understudy.release/v1"

  /// Reads and checks a manifest. Fields that we do not know are ignored.
  package static func decode(_ bytes: [UInt8]) throws(WireError) -> Manifest {
    let manifest = try read(document(bytes))
    try ManifestRules.check(manifest)
    return manifest
  }

  /// A manifest's bytes with its list of files filled in, and the time if it had none.
  ///
  /// All other fields are kept in their order, also those that we do not know. The same arguments give the same bytes.
  /// - Parameter createdAt: RFC 3339 UTC.
  package static func filled(
    _ original: [UInt8], files: [Manifest.FileEntry], createdAt: String
  ) throws(WireError) -> [UInt8] {
    var json = try document(original)
    if JSONReader(json)["created_at"].value == nil { json.set("created_at", to: .text(createdAt)) }
    json.set("files", to: .array(files.map(encode)))
    return json.prettyBytes
  }

  /// A manifest's bytes, with what `Manifest` holds and no more.
  package static func encode(_ manifest: Manifest) -> [UInt8] {
    ManifestWriter.json(manifest).prettyBytes
  }

  static func encode(_ file: Manifest.FileEntry) -> JSON {
    .object([
      .init("path", .text(file.path)), .init("sha256", .text(file.sha256)), .init("size", .integer(Int64(file.size))),
    ])
  }

  private static func document(_ bytes: [UInt8]) throws(WireError) -> JSON {
    guard bytes.count <= Limits.manifestBytes else {
      throw .invalid(path: "", expected: "at most \(Limits.manifestBytes) bytes", found: "\(bytes.count)")
    }
    let json = try JSON(parsing: bytes)
    let reader = JSONReader(json)
    guard case .object = json else { throw reader.error(expected: "an object") }
    guard reader["schema"].value == .text(schema) else {
      throw reader["schema"].error(expected: Quotation.text(schema))
    }
    return json
  }

  private static func read(_ json: JSON) throws(WireError) -> Manifest {
    let reader = JSONReader(json)
    var inputs: [InputSpecification] = []
    for input in try reader["inputs"].elements(atMost: Limits.columnsPerRelease) {
      inputs.append(try self.input(input))
    }
    var outputs: [OutputSpecification] = []
    for output in try reader["outputs"].elements(atMost: Limits.columnsPerRelease) {
      outputs.append(try self.output(output))
    }
    var files: [Manifest.FileEntry] = []
    if reader["files"].value != nil {
      for file in try reader["files"].elements(atMost: Limits.filesPerRelease) { files.append(try self.file(file)) }
    }
    let limits = try limits(reader["limits"])
    let endToEndSet = try reader["end_to_end_set"].optional { set throws(WireError) in try self.endToEndSet(set) }
    let confidenceSet = try reader["confidence_set"].optional { set throws(WireError) in try self.confidenceSet(set) }
    let answerGuard = try reader["guard"].optional { rules throws(WireError) in try self.answerGuard(rules, outputs) }
    return Manifest(
      name: try reader["name"].name(), version: try reader["version"].name(),
      createdAt: try time(reader["created_at"]), description: try reader["description"].optionalText(),
      inputs: inputs, unknownFields: try unknownFields(reader["unknown_fields"]), outputs: outputs,
      stages: try stages(reader["stages"]), endToEndSet: endToEndSet, confidenceSet: confidenceSet,
      answerGuard: answerGuard, maximumRows: limits.rows, deadlineMilliseconds: limits.deadlineMilliseconds,
      maximumSlowdown: limits.slowdown, files: files)
  }

  private static func unknownFields(_ reader: JSONReader) throws(WireError) -> UnknownFields {
    try reader.optional { policy throws(WireError) in try policy.choice(UnknownFields.self) } ?? .ignore
  }

  private static func time(_ reader: JSONReader) throws(WireError) -> String? {
    guard let text = try reader.optionalText() else { return nil }
    guard Timestamp.milliseconds(text) != nil else { throw reader.error(expected: "a time as RFC 3339 writes it") }
    return text
  }

  private static func file(_ reader: JSONReader) throws(WireError) -> Manifest.FileEntry {
    _ = try reader.fields()
    let sha256 = try reader["sha256"].text()
    let isDigest =
      sha256.utf8.count == 64
      && sha256.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    guard isDigest else { throw reader["sha256"].error(expected: "64 lowercase hexadecimal digits") }
    return Manifest.FileEntry(
      path: try path(reader["path"]), sha256: sha256,
      size: Int(try reader["size"].integer(in: 0...Int64(Limits.releaseBytes))))
  }

  /// A path that stays inside the release.
  static func path(_ reader: JSONReader) throws(WireError) -> String {
    let path = try reader.text()
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let isSafe =
      path.utf8.count <= Limits.pathBytes && !path.utf8.contains { $0 == UInt8(ascii: "\\") || $0 < 0x20 || $0 == 0x7F }
      && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    guard isSafe else {
      throw reader.error(
        expected: "a relative path of at most \(Limits.pathBytes) bytes, without empty, . and .. parts and backslashes")
    }
    return path
  }
}
