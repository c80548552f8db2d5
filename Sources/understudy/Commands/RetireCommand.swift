import ArgumentParser
import Domain

/// `understudy retire`.
struct RetireCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire",
    abstract: "Make the workers forget a release and its files.",
    discussion: """
      What is live, or the way back from it, cannot be retired. The release's chunks are taken out of the releases topic too, once the command is
      acknowledged; not after a dry run, and not if only some of the workers are meant: the others may need them.

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
    try await sending.send(.retire(Retire(model: model, version: version)), to: target)
    // Whoever is not meant, or only asked, may still fetch it.
    guard !sending.dryRun, sending.groups.isEmpty, sending.workers.isEmpty else { return }
    let (model, version, json) = (model, version, sending.json)
    try await onThread("chunks") {
      let count = try ChunkRemoval.run(model: model, version: version, target: target)
      if !json { Terminal.show("\(count) chunk\(count == 1 ? "" : "s") taken out of \(target.topics.releases)") }
    }
  }
}
