import Domain
import Foundation
import Testing
import Wire

@testable import understudy

/// A worker that serves the model `doubler` under load while releases come that are good or bad.
final class GateScene {
  let scene: Scene
  let load: SteadyLoad
  private(set) var worker: WorkerProcess
  /// What each version makes of a number, by version: the number, so many times.
  var factors: [String: Double] = [:]
  /// Versions whose answers are now and then off by ten.
  var offByTen: Set<String> = []
  /// What went live last, of what this scene announced.
  private(set) var live: String?

  var client: TestClient { scene.client }

  private let lines: [String]
  /// When the worker that runs was started, milliseconds since 1970.
  private var begun: Int64 = 0

  /// Starts a worker and a load, and has version 1 serve.
  /// - Parameter lines: of `worker.yaml`, besides the usual ones.
  /// - Parameter first: what serves first; nil for nothing.
  /// - Parameter gateSeconds: what the gate may take: its process has what time the others leave, which may be little.
  init(
    _ lines: [String] = [], first: GateRelease? = GateRelease("1"), partitions: Int = 3, perSecond: Int = 500,
    gateSeconds: Int = 200,
    alwaysEmbedded: Bool = false, _ change: (inout WorkerProcess.Setup) -> Void = { _ in }
  ) throws {
    scene = try Scene(partitions: partitions, model: GateRelease.model, alwaysEmbedded: alwaysEmbedded)
    self.lines = Self.yaml(["gate.memory_megabytes: 96", "gate.deadline_seconds: \(gateSeconds)"] + lines)
    let all = self.lines
    worker = try scene.worker {
      $0.lines = all
      change(&$0)
    }
    load = try SteadyLoad(scene.broker, perSecond: perSecond)
    guard let first else { return }
    let end = try announce(first)
    guard end.type == .commandApplied else { throw TestFailure("\(first.version) is not live: \(end)") }
    try client.wait("the status shows it") { client.status()?.routes.first?.version == first.version }
  }

  /// Another worker of the group, or the same one again.
  func start(_ change: (inout WorkerProcess.Setup) -> Void = { _ in }) throws -> WorkerProcess {
    let all = lines
    return try scene.worker {
      $0.lines = all
      change(&$0)
    }
  }

  /// The worker is another process from now on.
  func restart(_ change: (inout WorkerProcess.Setup) -> Void = { _ in }) throws {
    begun = WallClock.milliseconds
    worker = try start(change)
  }

  /// `gate.x: y` lines as the section that YAML wants them in.
  static func yaml(_ lines: [String]) -> [String] {
    var sections: [String: [String]] = [:]
    for line in lines {
      let parts = line.split(separator: ".", maxSplits: 1).map(String.init)
      sections[parts[0], default: []].append("  \(parts[1])")
    }
    return sections.sorted { $0.key < $1.key }.flatMap { ["\($0.key):"] + $0.value }
  }

  /// Announces a release and waits for the end of its command.
  @discardableResult
  func announce(
    _ release: GateRelease, activate: ActivationMode = .auto, workers: [String]? = nil
  ) throws -> Event {
    let end = try client.awaitEnd(of: try send(release, activate: activate, workers: workers))
    if end.outcome == "live" { live = release.version }
    return end
  }

  /// Announces a release.
  /// - Returns: the command's id.
  @discardableResult
  func send(_ release: GateRelease, activate: ActivationMode = .auto, workers: [String]? = nil) throws -> String {
    var ready = try release.announcement(in: scene.workplace)
    ready.activate = activate
    factors[release.version] = release.graph == "times_3" ? 3 : 2
    if release.graph == "random" { offByTen.insert(release.version) }
    let id = UUID().uuidString.lowercased()
    let envelope = CommandEnvelope(
      id: id, source: "test", command: .modelReady(ready), targetWorkers: workers)
    try client.send(
      CommandCodec.encode(envelope, time: WallClock.milliseconds), to: scene.broker.topics.control)
    return id
  }

  /// Announces a release whose answers are off now and then, but not in its first rows: it goes live, and fails later.
  /// - Returns: its version.
  func announceUnsteady(workers: [String]? = nil) throws -> String {
    let release = GateRelease("unsteady") {
      $0.graph = "random"
      $0.confidenceRows = 10
    }
    let end = try announce(release, workers: workers)
    guard end.type == .commandApplied else { throw TestFailure("the unsteady release is not live: \(end)") }
    return release.version
  }

  /// A release must be refused, with its figures, while the live one answers on.
  func refuse(
    _ release: GateRelease, _ reason: RefusalReason, saying words: String...,
    location: SourceLocation = #_sourceLocation
  ) throws {
    // The status follows the events.
    try client.wait("the status shows what is live") { client.status()?.routes.first?.version == live }
    let end = try announce(release)
    #expect(
      end.type == .commandFailed && end.reason == reason, "\(release.version): \(end)", sourceLocation: location)
    for word in words {
      #expect(end.message?.contains(word) == true, "\(release.version): \(end.message ?? "")", sourceLocation: location)
    }
    #expect(client.status()?.routes.first?.version == live, sourceLocation: location)
    try client.awaitProgress(50)
  }

  /// Waits for so many more answers.
  func awaitProgress(_ count: Int) throws {
    do { try client.awaitProgress(count) } catch {
      throw TestFailure("\(error)\n\(worker.log.suffix(4000))")
    }
  }

  /// Waits for so many answers of the worker that runs, not of the one before it.
  func awaitAnswers(_ count: Int) throws {
    try client.wait("\(count) answers of this worker\n\(worker.log.suffix(4000))") {
      client.responses.count { $0.timestamp >= begun } >= count
    }
  }

  // MARK: Accounts

  /// Ends the load, waits for every answer, and says what is wrong with them.
  func findings() throws -> ResponseChecker.Findings {
    let sent = try load.stop()
    try client.awaitKeys(sent.count)
    let requests = sent.map { ResponseChecker.Request(number: $0.number, partition: $0.partition, offset: $0.offset) }
    let answers = client.responses.compactMap(NumberAnswer.init)
    return ResponseChecker.check(requests, answers, number: \.number) { answer, _ in isRight(answer) }
  }

  private func isRight(_ answer: NumberAnswer) -> Bool {
    guard answer.status == "ok", let output = answer.output, let factor = factors[answer.version] else { return false }
    let off = output - Double(answer.number) * factor
    return abs(off) < 1 || offByTen.contains(answer.version) && abs(off - 10) < 1
  }
}
