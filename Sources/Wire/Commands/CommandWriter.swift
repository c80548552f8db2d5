import Domain

/// Writes the data of each kind of command.
enum CommandWriter {
  /// The data of a command.
  static func data(_ envelope: CommandEnvelope) -> JSON {
    var data = data(envelope.command)
    if let version = envelope.ifCurrent { data.set("if_current", to: .text(version)) }
    if envelope.isDryRun { data.set("dry_run", to: .bool(true)) }
    if envelope.targetGroups != nil || envelope.targetWorkers != nil {
      var targets = JSON.object([])
      if let groups = envelope.targetGroups { targets.set("groups", to: .array(groups.map(JSON.text))) }
      if let workers = envelope.targetWorkers { targets.set("workers", to: .array(workers.map(JSON.text))) }
      data.set("targets", to: targets)
    }
    return data
  }

  private static func data(_ command: Command) -> JSON {
    var data = JSON.object([])
    if let model = command.model { data.set("model", to: .text(model)) }
    switch command {
    case .modelReady(let ready):
      data.set("version", to: .text(ready.identity.version))
      data.set(
        "release",
        to: .object([
          .init("digest", .text(ready.identity.digest)), .init("archive_sha256", .text(ready.archiveDigest)),
          .init("size", .integer(ready.size)), .init("uri", .text(ready.uri)),
        ]))
      data.set("activate", to: .text(ready.activate.rawValue))
    case .rollback(let rollback):
      data.set("to", to: .text(rollback.to ?? "previous"))
      data.set("hold", to: .bool(rollback.hold))
      data.set("reason", toOptional: rollback.reason)
    case .traffic(let traffic):
      let routes = traffic.routes.map { route in
        JSON.object([
          .init("version", .text(route.version)), .init("weight", .integer(Int64(route.weight))),
          .init("role", .text(route.role)),
        ])
      }
      data.set("routes", to: .array(routes))
    case .retire(let retire):
      data.set("version", to: .text(retire.version))
    case .pause(let pause):
      data.set("scope", to: .text(pause.scope.rawValue))
      data.set("until", toOptional: pause.until.map(Timestamp.text))
      data.set("reason", toOptional: pause.reason)
    case .resume(let resume):
      data.set("scope", to: .text(resume.scope.rawValue))
      data.set("reason", toOptional: resume.reason)
    }
    return data
  }
}
