import ArgumentParser
import Domain

/// `understudy retire`.
struct RetireCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire",
    abstract: "Make the workers forget a release and its files.",
    discussion: """
      What is live, or the way back from it, cannot be retired: then nothing is sent. The release's chunks are taken out of the releases topic too, once
      every worker has applied the command, for which it waits 60 s unless --wait says otherwise; not if a worker refuses or is not heard of in time,
      not after a dry run, and not if only some of the workers are meant: the others may need them. In those last two cases it waits only if asked to.

      Example:
        understudy retire breast-cancer 1.0.0
      """)

  @Argument(help: "The model.")
  var model: String

  @Argument(help: "The version.")
  var version: String

  @OptionGroup var sending: SendingOptions

  func run() async throws {
    let target = try sending.connection.target()
    let command = Command.retire(Retire(model: model, version: version))
    let envelope = try sending.envelope(command)
    let release = (model: model, version: version)
    let objection = try await onThread("status") {
      Self.objection(to: release.version, of: release.model, try StatusReader.read(target).filter(envelope.isFor))
    }
    if let objection { throw CommandFailure.failed(objection) }
    // Whoever is not meant, or only asked, may still fetch it.
    let isForAll = !sending.dryRun && sending.groups.isEmpty && sending.workers.isEmpty
    try await sending.send(
      command, wait: isForAll ? DurationArgument(seconds: Limits.retireWaitSeconds) : nil, to: target)
    guard isForAll else { return }
    let (model, version, json) = (model, version, sending.json)
    try await onThread("chunks") {
      let count = try ChunkRemoval.run(model: model, version: version, target: target)
      if !json { Terminal.show("\(count) chunk\(count == 1 ? "" : "s") taken out of \(target.topics.releases)") }
    }
  }

  /// Why the workers would refuse, seen before the command is sent; nil if nothing is known.
  /// - Parameter statuses: of the workers that the command is for.
  static func objection(to version: String, of model: String, _ statuses: [WorkerStatus]) -> String? {
    for status in statuses {
      guard let route = status.routes.first(where: { $0.model == model }) else { continue }
      let role =
        route.version == version ? "live" : route.previous == version ? "the way back from \(route.version)" : nil
      guard let role else { continue }
      return "\(model) \(version) cannot be retired: it is \(role) on \(status.name); no command was sent"
    }
    return nil
  }
}
