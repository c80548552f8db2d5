import Deployment
import Domain
import Testing

/// A control topic that was written for years.
@Suite struct LongBacklogTests {
  private static let count = 10_000

  @Test(.timeLimit(.minutes(20)))
  func `P6: ten thousand commands of all kinds are decided, and only what their end needs is fetched`() async throws {
    var scenario = Scenario(retain: 3, isReadingBacklog: true)
    var announced: [String] = []
    let clock = ContinuousClock()
    var halves: [Duration] = []
    for half in 0..<2 {
      let begun = clock.now
      for number in half * Self.count / 2..<(half + 1) * Self.count / 2 {
        // Others get a turn: the threads that tests share are as few as there are cores.
        if number % 20 == 0 { await Task.yield() }
        switch number % 20 {
        case 7: scenario.rollback(hold: false)
        case 11: scenario.ready(announced[announced.count / 2])
        case 13: scenario.ready("stored-\(number)", .manual)
        case 15: scenario.rollback(to: "none.such")
        case 17: scenario.pause()
        case 18: scenario.resume()
        default:
          announced.append("v\(number)")
          scenario.ready("v\(number)")
        }
      }
      halves.append(begun.duration(to: clock.now))
    }
    let begun = clock.now
    #expect(scenario.machine.pendingWork().isEmpty)
    scenario.apply(.backlogEnded)
    scenario.drain()
    print("10 000 commands: \(halves[0]) and \(halves[1]), their end \(begun.duration(to: clock.now))")
    #expect(scenario.live == "v9999")
    #expect(scenario.ledger.wayBack == "v9996")
    // What stays, and the target of the last rollback, whose command waits for it.
    #expect(scenario.fetched == ["v9985", "v9999", "v9996", "v9994"])
    #expect(scenario.ledger.releases.filter { $0.step.isOnDisk || $0.step.isInProgress }.count == 3)
    #expect(scenario.outcomes.count == Self.count)
    #expect(scenario.outcomes.values.allSatisfy { $0.last != .accepted })
  }
}
