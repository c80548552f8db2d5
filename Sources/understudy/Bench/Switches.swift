import Artifacts
import Domain
import Foundation
import Serving

/// Swaps to new versions, one after another, and then rollbacks back and forth.
final class Switches {
  private let bench: BrokerBench
  private let scene: BenchScene
  private let watch: ResponseWatch
  private let seconds: Double
  private let pass: (Int64) throws -> Void
  private let follower: EventFollower
  private var figures = SwitchFigures()

  /// - Parameters:
  ///   - seconds: over which the switches are spread; more if one takes longer than its share.
  ///   - pass: lets time pass until a moment of the bench's clock.
  init(
    _ bench: BrokerBench, _ scene: BenchScene, _ watch: ResponseWatch, seconds: Double,
    pass: @escaping (Int64) throws -> Void
  ) throws {
    self.bench = bench
    self.scene = scene
    self.watch = watch
    self.seconds = seconds
    self.pass = pass
    follower = try scene.commands.follower()
  }

  func run() throws -> SwitchFigures {
    defer { follower.close() }
    let release = bench.releases.releases[0]
    let versions = try NextVersions(of: release.source.release, in: scene.directory)
    var last = (previous: release.loaded.identity.version, current: release.loaded.identity.version)
    figures.growth.add(scene.snapshot(bench.clock), after: 0)
    let started = bench.clock.now
    let share = Int64(seconds * 1e9) / Int64(max(1, bench.plan.switchCount))
    // A rollback needs something to go back from.
    let swaps = max(bench.plan.swaps, bench.plan.rollbacks > 0 ? 1 : 0)
    for number in 0..<swaps {
      try pass(started + Int64(number) * share)
      last = (last.current, try swap(versions, counts: number < bench.plan.swaps))
      if isGrowthPoint(number + 1, of: swaps) {
        figures.growth.add(scene.snapshot(bench.clock), after: number + 1)
      }
      bench.say("\(number + 1) of \(swaps) swaps", every: 50, at: number + 1)
    }
    for number in 0..<bench.plan.rollbacks {
      try pass(started + Int64(swaps + number) * share)
      last = (last.current, last.previous)
      let command = scene.commands.rollback(
        of: release.loaded.identity.model, to: last.current, reason: "bench")
      figures.rollbacks.record(nanoseconds: try send(command))
    }
    return figures
  }

  private func isGrowthPoint(_ done: Int, of count: Int) -> Bool {
    done == count || done == (count + 2) / 3 || done == (2 * count + 2) / 3
  }

  /// - Returns: the version that is live now.
  private func swap(_ versions: NextVersions, counts: Bool) throws -> String {
    let packed = try versions.next()
    defer { versions.remove(packed) }
    let command = try scene.announcement(packed.identity, ReleaseSource.Archive(packed))
    let time = try send(command)
    if counts { figures.swaps.record(nanoseconds: time) }
    return packed.identity.version
  }

  /// Sends a command and waits for the first answer of what it makes live.
  /// - Returns: nanoseconds from one to the other.
  private func send(_ command: CommandEnvelope) throws -> Int64 {
    let (watch, bench) = (watch, bench)
    try scene.commands.send(
      command, following: follower,
      .init(willSend: { watch.beginSwitch() }, isInterrupted: { bench.isToEnd }))
    try bench.wait("the new release answers", { watch.switchTime == nil ? 0 : 1 }, until: 1) {
      Thread.sleep(forTimeInterval: 0.002)
    }
    return watch.switchTime ?? 0
  }
}

extension BrokerBench {
  /// Says something now and then.
  func say(_ text: String, every count: Int, at number: Int) { if number % count == 0 { say(text) } }
}
