import Deployment
import Domain
import Foundation
import Glibc
import Logging
import Serving
import StateStore
import Synchronization
import Testing
import Wire

/// A controller at work, with one lane that the test plays: releases are made up, the state is real.
final class ControllerScene {
  static let model = "loan"

  let controller: DeploymentController
  let releases = FakeReleases()
  let loader = TrackedLoader()
  private let table = RoutingTable()
  private let repository: SQLiteStateRepository
  private let directory: String
  private let ended = Signal()
  private var nextOffset: Int64 = 0
  /// What the lane goes by: it holds on to the releases in it.
  private var snapshot = RoutingSnapshot.empty

  init(warm: Int = 2) throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("control-\(UUID().uuidString)").path
    let bench = GateBench()
    let contents = FakeContents(files: ["e.jsonl": bench.endToEnd, "c.jsonl": bench.confidence])
    repository = try SQLiteStateRepository(
      StateDirectory(path: directory, owner: "test"), reports: GateReportCodec())
    controller = try DeploymentController(
      settings: DeploymentMachine.Settings(group: "g", worker: "w", retain: 5, warm: warm),
      dependencies: DeploymentController.Dependencies(
        repository: repository, releases: releases, loader: loader,
        gate: ValidityGate(policy: GatePolicy(), contents: contents), probe: PassingProbe(), table: table,
        lanes: OneLane(), logger: Logger(label: "test")))
    let (controller, ended) = (controller, ended)
    let thread = Thread {
      do { try controller.run() } catch { Issue.record("\(error)") }
      ended.signal()
    }
    thread.start()
    controller.backlogEnded()
  }

  deinit {
    controller.stop()
    ended.wait(atMost: .seconds(60))
    try? FileManager.default.removeItem(atPath: directory)
  }

  // MARK: The control topic

  func receive(_ record: TopicRecord) {
    var record = record
    record.offset = nextOffset
    nextOffset += 1
    controller.receive(record)
  }

  func send(_ command: Command, id: String) {
    receive(CommandCodec.encode(CommandEnvelope(id: id, source: "test", command: command)))
  }

  /// Announces a release.
  /// - Parameter archive: a hexadecimal digit, which stands for the digest of its archive.
  func announce(_ version: String, archive: String = "a", id: String) {
    let identity = ReleaseIdentity(model: Self.model, version: version, digest: Self.digest(version))
    send(
      .modelReady(
        ModelReady(identity: identity, archiveDigest: Self.digest(archive), size: 10, uri: "file:/\(version).tar")),
      id: id)
  }

  /// The digest that a hexadecimal digit stands for.
  static func digest(_ digit: String) -> String { "sha256:" + String(repeating: digit, count: 64) }

  // MARK: The lane

  /// The lane takes what is published, lets go of what it had, and does not say so yet.
  func takeRouting() { snapshot = table.current }

  /// The lane tells what it has taken.
  func tellOfRouting() { controller.lane(0, tookSnapshot: snapshot.serial, positions: [:]) }

  var live: String? { table.current.models[Self.model]?.live?.identity.version }

  // MARK: What is seen

  var events: [Event] { get throws { try repository.pendingEvents(limit: Limits.outboxEvents).map(\.event) } }

  /// The types and reasons of the events that ended a command, in order.
  func endings(of command: String) throws -> [String] {
    try events.filter { $0.commandID == command && $0.type.endsCommand }
      .map { [$0.type.rawValue, $0.reason?.rawValue].compactMap(\.self).joined(separator: " ") }
  }

  func wait(_ what: String, until isSo: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try !isSo() {
      guard ContinuousClock.now < deadline else { throw WaitIsOver(what: what) }
      controller.waitForChange(atMost: .milliseconds(20))
    }
  }

  struct WaitIsOver: Error {
    let what: String
  }
}

/// A lane that takes whatever the test has it take.
private final class OneLane: LaneGroup {
  var running: Set<Int> { [0] }
  func wake() {}
  func setPaused(_ isPaused: Bool) {}
}

/// A gate that lets everything pass.
private struct PassingProbe: ReleaseProbe {
  func probe(
    _ release: StoredRelease, against live: StoredRelease?, giveUp: GiveUp
  ) throws(Refusal) -> GateReport? {
    GateReport()
  }
}

/// Releases that are wherever they are asked for, but for archives that never come.
final class FakeReleases: ReleaseRepository {
  private let hanging = Mutex<Set<String>>([])
  private let fetching = Mutex<[String]>([])
  private let removed = Mutex<[String]>([])

  /// The archive of this digest does not come.
  func hang(_ archive: String) { hanging.withLock { _ = $0.insert(archive) } }

  /// Digests of archives that were asked for.
  var asked: [String] { fetching.withLock { $0 } }
  /// Digests of archives that were removed.
  var removals: [String] { removed.withLock { $0 } }

  func fetch(_ release: ReleaseRecord, giveUp: GiveUp) throws(Refusal) {
    fetching.withLock { $0.append(release.archiveDigest) }
    let pause = Signal()
    while hanging.withLock({ $0.contains(release.archiveDigest) }) {
      try giveUp.check()
      pause.wait(atMost: .milliseconds(10))
    }
  }

  func verify(_ release: ReleaseRecord) throws(Refusal) -> StoredRelease { try open(release.identity) }

  func open(_ identity: ReleaseIdentity) throws(Refusal) -> StoredRelease {
    StoredRelease(
      identity: identity, manifest: GateBench(version: identity.version).manifest, directory: identity.version)
  }

  func remove(_ release: ReleaseRecord) { removed.withLock { $0.append(release.archiveDigest) } }

  func sweep(keeping releases: [ReleaseRecord]) {}
}

/// Makes a stage for each release, and knows on which threads they are freed.
final class TrackedLoader: StageLoader {
  private let threads = Mutex<[String: pthread_t]>([:])

  /// The thread on which the stage of a version was freed.
  func freeingThread(of version: String) -> pthread_t? { threads.withLock { $0[version] } }

  func load(engine: String, path: String, sha256: String) throws(StageLoadError) -> any Stage {
    let version = String(path.prefix { $0 != "/" })
    return TrackedStage { [self] in
      let thread = pthread_self()
      threads.withLock { $0[version] = thread }
    }
  }

  func returnMemory() {}
}

/// A stage that tells when it is freed.
private final class TrackedStage: Stage {
  private let stage = GateStage.threshold()
  private let onEnd: @Sendable () -> Void

  init(onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }

  deinit { onEnd() }

  var signature: StageSignature { stage.signature }

  func run(
    _ binding: StageBinding, on columns: borrowing Columns, rows: Range<Int>, within limit: Duration
  ) throws(StageFailure) {
    try stage.run(binding, on: columns, rows: rows, within: limit)
  }
}
