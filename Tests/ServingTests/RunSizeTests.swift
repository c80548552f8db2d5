import Domain
import Testing
import Wire

@testable import Serving

/// Runs against machines of which everything is known.
@Suite struct RunSizeTests {
  /// Nanoseconds that a run of some rows takes.
  typealias Cost = @Sendable (_ rows: Int) -> Int

  /// A run costs 100 µs by itself and 1 µs a row, from 512 rows on 2 µs.
  private static let machine: Cost = { 100_000 + $0 * ($0 > 512 ? 2000 : 1000) }

  /// Runs batches; returns how often there was a choice to tell of.
  @discardableResult
  private func run(_ size: inout RunSize, batches: Int, of rows: Int, _ cost: Cost) -> Int {
    var choices = 0
    for _ in 0..<batches {
      var done = 0
      while done < rows {
        let next = size.rows(of: rows - done)
        #expect(next >= 1 && next <= rows - done)
        if size.note(next, took: .nanoseconds(cost(next)), of: rows - done), !size.isTrying { choices += 1 }
        done += next
      }
    }
    return choices
  }

  @Test func `the smallest size that is nearly as fast as the fastest is chosen, and told once`() {
    var size = RunSize()
    #expect(run(&size, batches: 40, of: 4096, Self.machine) == 1)
    // 512 rows: 1195 ns each; 256: 1390; 1024: 2098.
    #expect(size.chosen == 512)
    #expect(size.measured.map(\.rows) == Limits.runSizes)
    #expect(abs(size.measured[5].nanosecondsEach - 1195.3) < 0.1)
  }

  @Test func `where size changes nothing the smallest is taken`() {
    var size = RunSize()
    run(&size, batches: 40, of: 4096) { $0 * 1000 }
    #expect(size.chosen == Limits.runSizes[0])
  }

  @Test func `runs have one length, not the chosen one and a rest`() {
    var size = RunSize()
    run(&size, batches: 40, of: 4096, Self.machine)
    #expect([1, 512, 513, 1024, 1030].map { size.rows(of: $0) } == [1, 512, 257, 512, 344])
  }

  @Test func `small batches end the trial with what fits them, and larger ones open it again`() {
    var size = RunSize()
    #expect(run(&size, batches: 200, of: 100, Self.machine) == 1)
    #expect(size.chosen == 64)
    #expect(!size.isTrying)
    // Batches of 100 never tell more.
    #expect(run(&size, batches: 500, of: 100, Self.machine) == 0)
    #expect(run(&size, batches: 40, of: 4096, Self.machine) == 1)
    #expect(size.chosen == 512)
  }

  @Test func `a size that is given stays, whatever runs cost`() {
    var size = RunSize(given: 128)
    #expect(run(&size, batches: 40, of: 4096, Self.machine) == 0)
    #expect(run(&size, batches: 40, of: 4096) { $0 * 1_000_000 } == 0)
    #expect(size.chosen == 128 && !size.isTrying && size.measured.isEmpty)
    #expect([100, 256, 1024].map { size.rows(of: $0) } == [100, 128, 128])
  }

  @Test func `batches smaller than every size leave nothing to choose, and are run as they come`() {
    var size = RunSize()
    #expect(run(&size, batches: 500, of: 3, Self.machine) == 0)
    #expect(size.chosen == nil)
    #expect(size.rows(of: 3) == 3)
  }

  @Test func `rows that cost otherwise for long start a new trial, a hiccup does not`() {
    var size = RunSize()
    run(&size, batches: 400, of: 1024, Self.machine)
    #expect(size.chosen == 512)
    #expect(run(&size, batches: 3, of: 1024) { Self.machine($0) * 20 } == 0)
    #expect(run(&size, batches: 2000, of: 1024, Self.machine) == 0)
    // Longer texts, say: a run now costs next to nothing by itself.
    #expect(run(&size, batches: 2000, of: 1024) { 1000 + $0 * 9000 } >= 1)
    #expect(size.chosen == 16)
  }

  @Test func `a slow release is tried for a bounded time`() {
    var size = RunSize()
    run(&size, batches: 1, of: 4096) { $0 * 1_000_000 }
    // 16 rows twice, then each size once: 2, 2, 4, … 128 times 16 rows.
    #expect(size.measured.map(\.rows) == Limits.runSizes.dropLast())
    #expect(size.measured.allSatisfy { $0.nanosecondsEach == 1_000_000 })
  }

  @Test func `a release tells its lanes what it found before it serves`() throws {
    let release = try SampleRelease.load("1")
    release.findRunSize([Array(#"{"age":1}"#.utf8)], decoder: JSONRequestDecoder(), encoder: JSONResponseEncoder())
    let found = release.runSize
    #expect(found.chosen != nil)
    #expect(!found.isTrying)
  }
}
