import ArgumentParser
import Artifacts
import Domain
import Foundation
import Kafka
import Serving
import Synchronization

/// Measures a worker in this process against a broker: all at once, or at a steady rate with switches of releases.
final class BrokerBench: Sendable {
  let plan: BenchPlan
  let releases: BenchReleases
  let clock = RunClock()
  private let isInterrupted: @Sendable () -> Bool
  private let isCancelled = Atomic<Bool>(false)

  /// The longest without any progress, in seconds.
  static let patienceSeconds = 60

  init(_ plan: BenchPlan, _ releases: BenchReleases, isInterrupted: @escaping @Sendable () -> Bool) {
    self.plan = plan
    self.releases = releases
    self.isInterrupted = isInterrupted
  }

  /// Runs it to its end, and leaves nothing behind.
  func run() async throws -> BenchResult {
    let room = try await onThread("sample") { [self] in try sample() }
    let partitions = try partitions(room)
    let scene = try await onThread("scene") { [self] in
      try BenchScene(plan, defaultModel: releases.requests[0].model, partitions: partitions)
    }
    let result = await Result { () async throws -> BenchResult in
      switch plan.load {
      case .flatOut(let records): try await flatOut(records, scene)
      case .steady(let perSecond, let seconds):
        try await SteadyBench(self, scene, perSecond: perSecond, seconds: seconds, room: room).run()
      }
    }
    try? await onThread("close") { scene.close() }
    if isInterrupted() {
      say("interrupted; nothing is left behind")
      throw ExitCode(130)
    }
    return try result.get()
  }

  // MARK: Before

  /// Answers a sample without a broker, so that requests that the release does not take are told at once.
  private func sample() throws -> EmbeddedRoom {
    let count = releases.requests.bodies.count
    let bench = PipelineBench(releases.loaded, requests: releases.requests, batch: min(128, (count + 7) / 8))
    let answers = bench.answers()
    if let failed = bench.firstError(of: answers) {
      throw CommandFailure.usage(
        "\(bench.errors) of \(answers.count) requests are answered with an error, the first with: \(failed)")
    }
    let bytes = answers.reduce(0) { $0 + $1.count } / max(1, answers.count)
    return EmbeddedRoom(requestBytes: releases.requests.averageBytes, responseBytes: bytes)
  }

  private func partitions(_ room: EmbeddedRoom) throws(CommandFailure) -> Int {
    guard plan.worker.usesEmbeddedBroker else { return plan.partitions ?? EmbeddedRoom.standardPartitions }
    switch plan.load {
    case .flatOut(let records): return try room.partitions(for: records, wanted: plan.partitions)
    case .steady(let perSecond, _):
      let lanes = plan.worker.laneCount(cores: ProcessInfo.processInfo.activeProcessorCount)
      if let wanted = plan.partitions { return wanted }
      return max(lanes, try room.partitions(waitingAt: perSecond))
    }
  }

  // MARK: All at once

  private func flatOut(_ records: Int, _ scene: BenchScene) async throws -> BenchResult {
    try await onThread("prefill") { [self] in try prefill(records, scene) }
    let company = AccompaniedWorker(worker: scene.worker, parts: [])
    let end = try await play(company) { [self] in
      try publishReleases(scene)
      return try drain(records, scene)
    }
    return try await onThread("account") { [self] () throws -> BenchResult in
      say("reading the answers")
      let watch = ResponseWatch(releases.requests, clock: clock) { try scene.responses() }
      try watch.readToEnd()
      watch.finish(sent: records, inTopic: try scene.requestCount())
      let account = watch.current.account
      var result = BenchResult(self, scene, account)
      result.throughput = Throughput(
        records: account.answered, rows: account.answered * releases.requests.rows,
        seconds: Double(account.lastTime - account.firstTime) / 1000)
      result.steps = StepTable(
        end.steps, records: end.committed, seconds: (result.throughput?.seconds ?? 0) * Double(scene.lanes),
        rest: "waiting")
      return result
    }
  }

  private func prefill(_ records: Int, _ scene: BenchScene) throws {
    let producer = try scene.producer(lingerMilliseconds: 5)
    for number in 0..<records {
      try producer.produce(releases.requests.request(number, partitions: scene.partitions))
      guard number % 1000 == 0 else { continue }
      producer.poll(milliseconds: 0)
      progress("\(number) of \(records) requests written")
      try checkInterruption()
    }
    try wait("all requests are acknowledged", { producer.acknowledged }, until: records) {
      producer.poll(milliseconds: 20)
    }
    endProgress()
    say("\(records) requests are there, in \(scene.partitions) partitions")
  }

  /// Waits until every request's answer is committed.
  private func drain(_ records: Int, _ scene: BenchScene) throws -> BenchSnapshot {
    try wait("all answers are committed", { scene.committed(clock) }, until: records) {
      Thread.sleep(forTimeInterval: 0.1)
      progress("\(scene.committed(clock)) of \(records) answered")
    }
    endProgress()
    return scene.snapshot(clock)
  }

  // MARK: For both

  /// Makes every release live, the default model's last: with it the worker joins its group.
  func publishReleases(_ scene: BenchScene) throws {
    let follower = try scene.commands.follower()
    defer { follower.close() }
    for release in releases.releases.reversed() {
      say("publishing \(release.loaded.identity)")
      let archive = try archive(of: release, scene)
      try scene.commands.send(
        scene.announcement(release.loaded.identity, archive), following: follower,
        .init(isInterrupted: { [self] in isToEnd }))
    }
  }

  private func archive(of release: CheckedRelease, _ scene: BenchScene) throws -> ReleaseSource.Archive {
    if let archive = release.source.archive { return archive }
    // A directory is packed where it leaves nothing behind.
    let copy = "\(scene.directory)/\(release.loaded.identity.model)"
    try ReleaseCopy.make(of: release.source.release, in: copy)
    return ReleaseSource.Archive(
      try ReleasePacker(manifests: WireManifestCoding()).pack(
        copy, createdAt: Timestamp.text(WallClock.milliseconds)))
  }

  /// Runs acts that block beside a worker; they end soon when anything of it fails.
  func play<Outcome: Sendable>(
    _ company: AccompaniedWorker, _ acts: @escaping @Sendable () throws -> Outcome
  ) async throws -> Outcome {
    try await company.play { [self] in
      try await withTaskCancellationHandler {
        try await onThread("acts", acts)
      } onCancel: {
        isCancelled.store(true, ordering: .releasing)
      }
    }
  }

  /// Whether nobody waits for the result any more.
  var isToEnd: Bool { isInterrupted() || isCancelled.load(ordering: .acquiring) }

  func checkInterruption() throws { if isToEnd { throw CancellationError() } }

  /// Waits for a count to come, as long as it still grows now and then.
  func wait(_ what: String, _ count: () -> Int, until goal: Int, _ pause: () throws -> Void) throws {
    var best = -1
    var patience = ContinuousClock.now
    while true {
      let now = count()
      if now >= goal { return }
      try checkInterruption()
      if now > best {
        best = now
        patience = .now + .seconds(Self.patienceSeconds)
      }
      guard ContinuousClock.now < patience else {
        throw CommandFailure.failed("waited \(Self.patienceSeconds) s in vain until \(what): \(now) of \(goal)")
      }
      try pause()
    }
  }

  func say(_ text: String) { if !plan.isQuiet { Terminal.complain(text) } }
  func progress(_ text: @autoclosure () -> String) { if !plan.isQuiet { Terminal.progress(text()) } }
  func endProgress() { if !plan.isQuiet { Terminal.endProgress() } }
}
