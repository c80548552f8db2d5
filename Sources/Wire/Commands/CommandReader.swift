import Domain

/// Reads the data of each kind of command.
enum CommandReader {
  /// The command of a kind.
  static func command(_ kind: CommandKind, _ data: JSONReader) throws(WireError) -> Command {
    switch kind {
    case .modelReady: .modelReady(try modelReady(data))
    case .rollback: .rollback(try rollback(data))
    case .traffic: .traffic(try traffic(data))
    case .retire: .retire(Retire(model: try data["model"].name(), version: try data["version"].name()))
    case .pause: .pause(try pause(data))
    case .resume: .resume(try resume(data))
    }
  }

  /// A list of those who are meant; nil for all.
  static func targets(_ reader: JSONReader, _ name: String) throws(WireError) -> [String]? {
    guard reader.value != nil else { return nil }
    _ = try reader.fields()
    return try reader[name].optional { list throws(WireError) in
      var names: [String] = []
      for element in try list.elements(atMost: Limits.targetsPerCommand) { names.append(try element.text()) }
      return names
    }
  }

  private static func modelReady(_ data: JSONReader) throws(WireError) -> ModelReady {
    let release = data["release"]
    _ = try release.fields()
    let uri = release["uri"]
    let text = try uri.text()
    let schemes = ["kafka:", "http:", "https:", "file:"]
    guard text.utf8.count <= Limits.uriBytes else {
      throw uri.error(expected: "a URI of at most \(Limits.uriBytes) bytes")
    }
    guard schemes.contains(where: { text.hasPrefix($0) }) else {
      throw uri.error(expected: "a URI that begins with kafka:, http:, https: or file:")
    }
    return ModelReady(
      identity: ReleaseIdentity(
        model: try data["model"].name(), version: try data["version"].name(), digest: try digest(release["digest"])),
      archiveDigest: try digest(release["archive_sha256"]),
      size: try release["size"].integer(in: 0...Int64(Limits.archiveBytes)), uri: text,
      activate: try data["activate"].optional { mode throws(WireError) in try mode.choice(ActivationMode.self) }
        ?? .auto)
  }

  /// A SHA-256 with or without `sha256:` in front.
  private static func digest(_ reader: JSONReader) throws(WireError) -> String {
    let text = try reader.text()
    let digits = text.hasPrefix("sha256:") ? text.dropFirst("sha256:".count) : Substring(text)
    let isDigest =
      digits.utf8.count == 64
      && digits.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    guard isDigest else { throw reader.error(expected: "sha256: and 64 lowercase hexadecimal digits") }
    return "sha256:" + digits
  }

  private static func rollback(_ data: JSONReader) throws(WireError) -> Rollback {
    let target = try data["to"].optional { version throws(WireError) in try version.name() }
    return Rollback(
      model: try data["model"].name(), to: target == "previous" ? nil : target,
      hold: try data["hold"].optional { flag throws(WireError) in try flag.bool() } ?? true,
      reason: try reason(data))
  }

  private static func traffic(_ data: JSONReader) throws(WireError) -> Traffic {
    let list = data["routes"]
    var routes: [Traffic.Route] = []
    for route in try list.elements(atMost: Limits.routesPerModel) {
      _ = try route.fields()
      routes.append(
        Traffic.Route(
          version: try route["version"].name(), weight: Int(try route["weight"].integer(in: 0...100)),
          role: try route["role"].optionalText() ?? "primary"))
    }
    let sum = routes.reduce(0) { $0 + $1.weight }
    guard sum == 100 else {
      throw .invalid(path: list.path, expected: "weights that sum to 100", found: "\(sum)")
    }
    return Traffic(model: try data["model"].name(), routes: routes)
  }

  private static func pause(_ data: JSONReader) throws(WireError) -> Pause {
    let (scope, model) = try scope(data)
    let until = try data["until"].optional { time throws(WireError) in try self.time(time) }
    return Pause(scope: scope, model: model, until: until, reason: try reason(data))
  }

  private static func resume(_ data: JSONReader) throws(WireError) -> Resume {
    let (scope, model) = try scope(data)
    return Resume(scope: scope, model: model, reason: try reason(data))
  }

  private static func reason(_ data: JSONReader) throws(WireError) -> String? {
    try data["reason"].optionalText()?.shortened(toBytes: Limits.commandReasonBytes)
  }

  private static func scope(_ data: JSONReader) throws(WireError) -> (PauseScope, String?) {
    let scope = try data["scope"].choice(PauseScope.self)
    switch scope {
    case .activation: return (scope, try data["model"].name())
    case .consume: return (scope, try data["model"].optional { model throws(WireError) in try model.name() })
    }
  }

  /// A time as milliseconds since 1970.
  static func time(_ reader: JSONReader) throws(WireError) -> Int64 {
    guard let milliseconds = Timestamp.milliseconds(try reader.text()) else {
      throw reader.error(expected: "a time as RFC 3339 writes it")
    }
    return milliseconds
  }
}
