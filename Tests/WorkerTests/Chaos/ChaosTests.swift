import Testing

@testable import understudy

/// Everything at once, for a while: `scripts/chaos` for long and on a real broker, a short run with every test.
@Suite("Chaos", .ownThreads, .serialized)
struct ChaosTests {
  @Test(
    "P1 P2 P4 P6 P7: kills, frozen workers, swaps, rollbacks, corrupt releases and failing brokers lose, double, mix and reorder nothing"
  )
  func run() throws {
    _ = RealBroker.require("P1 P2: exactly once, with whole transactions, through the chaos driver's faults")
    let report = try ChaosRun(try .current()).run()
    print(report.text)
    let (isGood, wasHard) = (report.isGood, report.tally.kills > 0 && report.activations > 0)
    #expect(isGood, "\(report.text)")
    #expect(report.answers > 0 && wasHard)
  }
}
