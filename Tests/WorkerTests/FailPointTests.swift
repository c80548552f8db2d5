import Domain
import Testing

@testable import understudy

/// Every place where a kill could hurt. One that its course never reaches fails its test, so that none is dead.
@Suite("Fail-points", .ownThreads)
struct FailPointTests {
  /// The first time, but for `loaded`: that is the live release, which a start loads again.
  private static let first = FailPoint.places.map { ($0, $0 == .loaded ? 2 : 1) }
  /// Later moves of the same command, and a lane that has committed before.
  private static let later: [(FailPoint, Int)] = [(.recording, 4), (.recorded, 6), (.published, 2), (.produced, 3)]

  @Test(
    "P1, P6: killed anywhere under load with a command on its way, a worker is followed by one that loses nothing, keeps the order and ends the command once",
    arguments: first + later)
  func killed(_ point: FailPoint, _ time: Int) throws {
    // Without a real broker the same is proved at least once.
    _ = RealBroker.require("P1: exactly once and in order through a kill at every fail-point")
    let scene = try FailPointScene(point)
    try scene.succeed(ending: try scene.kill(time: time))
  }
}
