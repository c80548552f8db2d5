import Domain
import Foundation
import Logging
import Serving
import Synchronization
import Testing

@testable import Deployment

/// Serving goes before the work on a release that nobody waits for.
@Suite struct ReleaseWorkerTests {
  /// Notes the priority of the thread that loads; 0 is the usual one, higher ones give way.
  private final class NotingLoader: StageLoader {
    let keepsThreads: Bool
    let noted = Mutex<[Int32]>([])

    init(keepsThreads: Bool) { self.keepsThreads = keepsThreads }

    func load(engine: String, path: String, sha256: String) throws(StageLoadError) -> any Stage {
      noted.withLock { $0.append(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)) }
      return GateStage.threshold()
    }

    func returnMemory() {}
  }

  /// One release that is there.
  private final class OneRelease: ReleaseRepository {
    let stored: StoredRelease

    init(_ stored: StoredRelease) { self.stored = stored }

    func fetch(_ release: ReleaseRecord, giveUp: GiveUp) throws(Refusal) {}
    func verify(_ release: ReleaseRecord) throws(Refusal) -> StoredRelease { stored }
    func open(_ identity: ReleaseIdentity) throws(Refusal) -> StoredRelease { stored }
    func remove(_ release: ReleaseRecord) {}
    func sweep(keeping releases: [ReleaseRecord]) {}
  }

  private struct NoProbe: ReleaseProbe {
    func probe(
      _ release: StoredRelease, against live: StoredRelease?, giveUp: GiveUp
    ) throws(Refusal) -> GateReport? { nil }
  }

  private static let cases: [(Work.Hand, Bool, Int32)] = [
    (.background, false, 10), (.urgent, false, 0), (.background, true, 0),
  ]

  @Test(arguments: cases)
  func `P4: a release that nobody waits for is loaded at a lower priority, unless it keeps the threads`(
    hand: Work.Hand, keepsThreads: Bool, priority: Int32
  ) async throws {
    let bench = GateBench()
    let (_, stored) = try bench.load()
    let loader = NotingLoader(keepsThreads: keepsThreads)
    let worker = ReleaseWorker(
      releases: OneRelease(stored), loader: loader,
      gate: ValidityGate(
        policy: GatePolicy(), contents: FakeContents(files: ["e.jsonl": bench.endToEnd, "c.jsonl": bench.confidence])),
      probe: NoProbe(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let ready = ModelReady(
      identity: stored.identity, archiveDigest: "sha256:tar", size: 10, uri: "file:/2.tar", activate: .auto)
    let release = ReleaseRecord(ready, intent: .activate, commandID: "c", sequence: 1, at: 0)
    let work = Work(release: release, kind: .load, hand: hand)
    let result = await withCheckedContinuation { done in
      worker.start(work, .init(live: nil)) { done.resume(returning: $0) }
    }
    #expect(result.loaded != nil && result.refusal == nil)
    #expect(loader.noted.withLock { $0 } == [priority])
  }
}
