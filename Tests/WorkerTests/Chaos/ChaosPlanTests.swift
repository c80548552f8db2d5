import Domain
import Testing

@testable import understudy

@Suite("Plan of the chaos driver")
struct ChaosPlanTests {
  @Test("One seed gives one schedule and one load, another seed another")
  func seeds() {
    func plan(_ seed: UInt64) -> ChaosPlan { ChaosPlan(seed: seed, seconds: 600, workers: 3, isEmbedded: false) }
    #expect(plan(7) == plan(7))
    #expect(plan(7) != plan(8))
    #expect(ChaosRequest(100, seed: 7) == ChaosRequest(100, seed: 7))
    #expect((0..<100).contains { ChaosRequest($0, seed: 7) != ChaosRequest($0, seed: 8) })
  }

  @Test("An hour has its share of everything, whatever the seed", arguments: [1, 2, 3, UInt64.random(in: 0 ... .max)])
  func hour(_ seed: UInt64) {
    let plan = ChaosPlan(seed: seed, seconds: 3600, workers: 3, isEmbedded: false)
    #expect(plan.count(\.isKill) >= 60, "seed \(seed)")
    #expect(plan.count(\.isSwap) >= 100, "seed \(seed)")
    #expect(plan.count(\.isCorrupt) >= 20, "seed \(seed)")
    #expect(plan.steps.map(\.at) == plan.steps.map(\.at).sorted())
    for point in FailPoint.places where point != .scoring {
      let isThere = plan.steps.contains { if case .killAt(point, _) = $0.action { true } else { false } }
      #expect(isThere, "seed \(seed), \(point.rawValue)")
    }
    for kind in CorruptRelease.allCases {
      #expect(plan.steps.contains { $0.action == .corrupt(kind) }, "seed \(seed), \(kind.rawValue)")
    }
    let brokerFaults = plan.count { if case .failRequests = $0 { true } else { false } }
    #expect(brokerFaults == 0)
  }

  @Test("Of a thousand requests most are good, and every kind of bad one is there")
  func requests() {
    let kinds = (0..<1000).map { ChaosRequest($0, seed: 1).reason }
    #expect((850...950).contains(kinds.count { $0 == nil }))
    #expect(Set(kinds) == [nil, .missingField, .schemaMismatch, .decodeFailed])
  }

  @Test("Settings come from the environment, and what is no number is named")
  func settings() throws {
    let settings = try ChaosSettings.current([
      "UNDERSTUDY_CHAOS_SEED": "9", "UNDERSTUDY_CHAOS_SECONDS": "3600", "UNDERSTUDY_CHAOS_WORKERS": "4",
      "UNDERSTUDY_CHAOS_RATE": "400", "UNDERSTUDY_CHAOS_HISTORY": "here",
    ])
    #expect(
      settings == ChaosSettings(seed: 9, seconds: 3600, workers: 4, perSecond: 400, history: "here"))
    #expect(throws: TestFailure.self) { try ChaosSettings.current(["UNDERSTUDY_CHAOS_SEED": "soon"]) }
  }
}
