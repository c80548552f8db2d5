import Deployment
import Domain
import Glibc
import Testing
import Wire

/// The controller with its threads; what it decides is the machine's, whose tests need none.
@Suite struct ControllerTests {
  @Test func `P2: a release is freed when the last lane has told that it goes on without it, and not by that lane`()
    throws
  {
    let scene = try ControllerScene(warm: 1)
    scene.announce("1", id: "c1")
    try scene.wait("1 is published") { scene.live == "1" }
    scene.takeRouting()
    scene.tellOfRouting()
    try scene.wait("1 is live") { try scene.endings(of: "c1") == ["command.applied"] }
    scene.announce("2", id: "c2")
    try scene.wait("2 is published, and 1 not in memory any more") {
      scene.live == "2" && scene.controller.current.loaded.map(\.version) == ["2"]
    }
    #expect(scene.loader.freeingThread(of: "1") == nil)
    // The lane, which is this thread, lets go of it: somebody else has it still.
    scene.takeRouting()
    #expect(scene.loader.freeingThread(of: "1") == nil)
    scene.tellOfRouting()
    try scene.wait("1 is freed") { scene.loader.freeingThread(of: "1") != nil }
    #expect(scene.loader.freeingThread(of: "1") != pthread_self())
    #expect(scene.loader.freeingThread(of: "2") == nil)
  }

  @Test func `P4: a fetch ends when its release is announced anew, from elsewhere, and nothing is left of it`() throws {
    let scene = try ControllerScene()
    let (first, second) = (ControllerScene.digest("a"), ControllerScene.digest("b"))
    scene.releases.hang(first)
    scene.announce("1", archive: "a", id: "first")
    try scene.wait("the first archive is asked for") { scene.releases.asked == [first] }
    scene.announce("1", archive: "b", id: "second")
    try scene.wait("1 is published") { scene.live == "1" }
    scene.takeRouting()
    scene.tellOfRouting()
    try scene.wait("the second command ends") { try scene.endings(of: "second") == ["command.applied"] }
    #expect(try scene.endings(of: "first") == ["command.failed superseded"])
    #expect(scene.releases.asked == [first, second])
    #expect(Set(scene.releases.removals) == [first])
  }

  @Test func `P5: a record that cannot be read does not end a command whose id it has`() throws {
    let scene = try ControllerScene()
    scene.send(.pause(Pause(scope: .consume, model: nil, until: nil, reason: nil)), id: "p")
    scene.receive(TopicRecord(value: Array("{".utf8), headers: [RecordHeader("ce_id", "p")]))
    scene.receive(TopicRecord(value: Array("{".utf8), headers: [RecordHeader("ce_id", "q")]))
    try scene.wait("all are read") { scene.controller.nextControlOffset == 3 }
    #expect(try scene.endings(of: "p") == ["command.applied", "command.rejected duplicate"])
    #expect(try scene.endings(of: "q") == ["command.rejected malformed"])
  }

  @Test func `P8: what a message says is bounded, however much there is to say`() throws {
    var scenario = Scenario()
    scenario.ready("1")
    let work = try #require(scenario.machine.pendingWork().first)
    let message = String(repeating: "é", count: Limits.eventMessageBytes)
    scenario.apply(.workFailed(work, Refusal(.fetchFailed, message)))
    let lengths = scenario.events.compactMap { $0.message?.utf8.count }
    #expect(lengths.max() == Limits.eventMessageBytes - 1)
    #expect(scenario.events.allSatisfy { ($0.message?.utf8.count ?? 0) <= Limits.eventMessageBytes })
  }
}
