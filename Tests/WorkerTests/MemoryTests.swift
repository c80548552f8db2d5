import Domain
import Foundation
import Testing

@testable import understudy

/// Memory, threads and files of a worker through many releases.
@Suite("Memory", .ownThreads)
struct MemoryTests {
  private static let weightBytes = 8 << 20
  private static let weights = GateRelease.weights(bytes: weightBytes)

  /// A worker that kept two in five would be found; less is what lanes and allocators keep until they are warm.
  private static let allowedBytesPerStep = Double(weightBytes) * 0.4

  @Test("P4, P8: two hundred large releases that are refused leave the worker's memory flat")
  func refused() throws {
    let scene = try GateScene(perSecond: 100)
    var trend = MemoryTrend()
    for number in 1...200 {
      let end = try scene.announce(large("large-\(number)") { $0.error = 1 })
      #expect(end.reason == .endToEndFailed)
      trend.add(try ProcessFigures(of: scene.worker.process.identifier).residentBytes)
    }
    #expect(trend.bytesPerStep < Self.allowedBytesPerStep, "\(trend.samples)")
    let findings = try scene.findings()
    #expect(findings.isExactlyOnce, "\(findings)")
    #expect(try scene.worker.terminate() == 0)
    #expect(scene.scene.workplace.names("worker-0/releases").count <= 2)
  }

  @Test("P8: releases that are replaced give their memory back, and a leak would be found", arguments: [false, true])
  func replaced(isLeaking: Bool) throws {
    let scene = try GateScene(perSecond: 100) { $0.failPoint = isLeaking ? .leak : nil }
    var trend = MemoryTrend()
    for number in 1...25 {
      #expect(try scene.announce(large("large-\(number)") { _ in }).outcome == "live")
      // The lanes let go of the old one with their next batch, and memory is given back some ticks later.
      try scene.awaitProgress(250)
      trend.add(try ProcessFigures(of: scene.worker.process.identifier).residentBytes)
    }
    if isLeaking {
      #expect(trend.bytesPerStep > Double(Self.weightBytes) / 2, "\(trend.samples)")
    } else {
      #expect(trend.bytesPerStep < Self.allowedBytesPerStep, "\(trend.samples)")
    }
    #expect(try scene.findings().isExactlyOnce)
    #expect(try scene.worker.terminate() == 0)
  }

  @Test("P4, P8: of a hundred announcements in a burst the newest good one is live, and nothing is left behind")
  func burst() throws {
    let scene = try GateScene(perSecond: 100)
    try scene.awaitProgress(100)
    let before = try ProcessFigures(of: scene.worker.process.identifier)
    var commands: [String] = []
    for number in 1...100 {
      let release = GateRelease("burst-\(number)") {
        $0.graph = number % 2 == 0 ? "times_3" : "times_2"
        $0.factor = number % 2 == 0 ? 3 : 2
        // Every third is bad, among them the newest.
        if number % 3 == 1 { $0.error = 1 }
        if number % 10 == 0 { $0.graph = "crash" }
      }
      commands.append(try scene.send(release))
    }
    for command in commands { try scene.client.awaitEnd(of: command) }
    #expect(scene.client.events.last { $0.type == .releaseLive }?.version == "burst-99")
    for command in commands { #expect(scene.client.endings(of: command).count == 1) }
    try scene.awaitProgress(300)
    var after = before
    // What loads the way back may still be at it.
    try waitUntil("threads and files are those of before: \(before) \(after)") {
      after = try ProcessFigures(of: scene.worker.process.identifier)
      return after.threads <= before.threads + 2 && after.openFiles <= before.openFiles + 2
    }
    #expect(after.residentBytes < before.residentBytes + 32 << 20, "\(before) \(after)")
    let findings = try scene.findings()
    #expect(findings.isExactlyOnce, "\(findings)")
    #expect(try scene.worker.terminate() == 0)
  }

  @Test("the trend of memory is that of its steps, whatever a single peak does")
  func trend() {
    var flat = MemoryTrend()
    var rising = MemoryTrend()
    for step in 0..<100 {
      flat.add(100_000_000 + (step % 7 == 0 ? 5_000_000 : 0))
      rising.add(100_000_000 + step * 1_000_000 + (step % 7 == 0 ? 5_000_000 : 0))
    }
    #expect(abs(flat.bytesPerStep) < 20_000)
    #expect(abs(rising.bytesPerStep - 1_000_000) < 20_000)
  }

  private func large(_ version: String, _ change: (inout GateRelease) -> Void) -> GateRelease {
    GateRelease(version) {
      $0.graph = "large"
      // Weights of its own: releases of the same content share their memory.
      var weights = Self.weights
      weights.replaceSubrange((weights.count - version.utf8.count)..., with: version.utf8)
      $0.appendix = weights
      change(&$0)
    }
  }
}
