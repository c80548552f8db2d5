import Domain
import Foundation
import Testing

@testable import understudy

/// Another build of the program in the same group, and the state of one in the hands of the other.
@Suite("Upgrades", .ownThreads)
struct UpgradeTests {
  /// A program of another build.
  private static let former = ProcessInfo.processInfo.environment["UNDERSTUDY_FORMER_PROGRAM"]
  private static let promise =
    "P1 P6: a rolling restart from a former build to this one and back (`scripts/upgrade REVISION`)"
  private static let slots = ["worker-0", "worker-1"]

  @Test(
    "P1 P6: workers are replaced one by one by those of another build, and back, under load: nothing is lost, and what was decided holds",
    .enabled("needs UNDERSTUDY_FORMER_PROGRAM") { RealBroker.note(promise, isProvable: former != nil) })
  func rolling() throws {
    let former = try #require(Self.former)
    // The embedded broker does not store the offsets of transactions.
    let delivery = RealBroker.address == nil ? "at_least_once" : "exactly_once"
    let scene = try RollingScene(Self.slots, of: former, delivery: delivery)
    for version in ["1", "2"] { try scene.announce(version) }
    try scene.rollBack(to: "1")

    // To this build, one after the other; in between both are in the group, and both take a command.
    try scene.replace("worker-0", by: Project.program)
    try scene.rollBack(to: "2")
    try scene.replace("worker-1", by: Project.program)
    // What the former build kept is the way back.
    try scene.rollBack(to: "1")
    try scene.resume()
    try scene.announce("3")

    // And back, with a state that this build has written.
    try scene.replace("worker-1", by: former)
    try scene.rollBack(to: "2")
    try scene.replace("worker-0", by: former)
    try scene.resume()
    try scene.announce("4")
    try scene.finish()
  }
}
