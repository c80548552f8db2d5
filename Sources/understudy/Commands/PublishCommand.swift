import ArgumentParser
import Artifacts
import Domain
import Foundation
import Kafka
import Wire

/// `understudy publish`.
struct PublishCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish",
    abstract: "Announce a release to the workers.",
    discussion: """
      Streams the archive as chunks to the releases topic and then sends `model.ready`, so that workers need no shared disk. With --uri the archive
      is fetched from there instead. Returns when the broker has acknowledged the command; with --wait, when every worker that is alive has made the
      release live or refused it: with exit code 0 if all have applied it, and 1 with the gate's report if any has refused it.

      Examples:
        understudy publish releases/breast-cancer-2.0.0.tar --bootstrap 127.0.0.1:9092 --wait 60s
        understudy publish releases/2.0.0 --activate manual
        understudy publish releases/2.0.0 --dry-run --wait 60s
        understudy publish releases/2.0.0 --only-worker worker-0
        understudy publish 2.0.0.tar --wait 60s --json | tail -n 1 | jq .outcome
        understudy publish big.tar --uri file:///mnt/models/big.tar
      """)

  @Argument(help: "The release: a tar, or a directory, which is packed first.")
  var release: String

  @Option(help: "auto: goes live when it has proved itself; manual: is stored until `understudy traffic` promotes it.")
  var activate: String = "auto"

  @Option(help: "Where workers fetch the archive instead of the releases topic, e.g. file:///mnt/models/a.tar.")
  var uri: String?

  @OptionGroup var sending: SendingOptions

  func run() async throws {
    guard let mode = ActivationMode(rawValue: activate), mode == .auto || mode == .manual else {
      throw CommandFailure.usage("--activate \(activate): expected auto or manual")
    }
    let target = try sending.connection.target()
    let (release, uri, json) = (release, uri, sending.json)
    let ready = try await onThread("publish") { () throws -> ModelReady in
      try Self.ready(try Self.source(release), uri: uri, activate: mode, target: target, isQuiet: json)
    }
    try await sending.send(.modelReady(ready), to: target)
  }

  /// The announcement of a release whose archive is where workers find it: at `uri`, or in the releases topic, where it
  /// is put.
  static func ready(
    _ source: ReleaseSource, uri: String?, activate: ActivationMode, target: ConnectionOptions.Target, isQuiet: Bool
  ) throws -> ModelReady {
    guard let archive = source.archive else { throw CommandFailure.failed("expected a tar") }
    return try ready(
      source.release.identity, archive, uri: uri, activate: activate, target: target, isQuiet: isQuiet)
  }

  /// The announcement of a release by its archive.
  /// - Parameter publisher: puts the chunks into the topic; a new one unless given.
  static func ready(
    _ identity: ReleaseIdentity, _ archive: ReleaseSource.Archive, uri: String?, activate: ActivationMode,
    target: ConnectionOptions.Target, isQuiet: Bool, by publisher: Publisher? = nil
  ) throws -> ModelReady {
    let place = try uri ?? upload(archive, target: target, isQuiet: isQuiet, by: publisher)
    return ModelReady(
      identity: identity, archiveDigest: archive.digest, size: archive.size, uri: place, activate: activate)
  }

  /// A tar, or a directory, which is packed.
  private static func source(_ path: String) throws -> ReleaseSource {
    var isDirectory: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
      return try ReleaseSource(path, manifests: WireManifestCoding())
    }
    let packed = try ReleasePacker(manifests: WireManifestCoding()).pack(
      path, createdAt: Timestamp.text(WallClock.milliseconds))
    return try ReleaseSource(packed.archivePath, manifests: WireManifestCoding())
  }

  /// Streams the chunks and returns their place.
  private static func upload(
    _ archive: ReleaseSource.Archive, target: ConnectionOptions.Target, isQuiet: Bool, by given: Publisher?
  ) throws -> String {
    let publisher =
      try given ?? Publisher(properties: target.properties, clientID: "understudy-cli", logger: target.logger)
    let chunks = try ReleaseChunks(archivePath: archive.path, archiveDigest: archive.digest, size: archive.size)
    var first: Int64?
    var last: Int64 = 0
    var done = 0
    while let chunk = try chunks.next() {
      let offset = try publisher.publish([.init(topic: target.topics.releases, record: chunk)])
      last = offset.first ?? last
      first = first ?? last
      done += 1
      if !isQuiet { Terminal.progress("chunk \(done) of \(chunks.count)") }
    }
    if !isQuiet { Terminal.endProgress() }
    if !isQuiet {
      Terminal.show(
        "\(chunks.count) chunk\(chunks.count == 1 ? "" : "s") (\(byteText(archive.size))) in \(target.topics.releases)")
    }
    return ReleaseLocation.uri(topic: target.topics.releases, partition: 0, offsets: (first ?? 0)...last)
  }
}
