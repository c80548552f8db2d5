import Domain
import Foundation
import GRDB
import Testing

@testable import understudy

/// What is wrong with the place that a worker remembers in.
@Suite("State faults", .ownThreads)
struct StateFaultTests {
  /// The disk is a file system of 100 MiB, which only the worker sees.
  @Test(
    "P4: on a full disk serving goes on, releases wait as out_of_disk, nothing new is decided, and all of it heals with room",
    .ownMounts("P4: a worker on a full disk serves on and heals"))
  func fullDisk() throws {
    let scene = try GateScene(partitions: 1) {
      $0.preparation = "mkdir $PLACE/worker-0 && mount -t tmpfs -o size=100m tmpfs $PLACE/worker-0"
    }
    let client = scene.client
    let disk = "/proc/\(scene.worker.process.identifier)/root\(scene.scene.workplace.path)/worker-0"
    // Less than what must stay free, and more than a move takes.
    try Filler.fill(disk, leaving: 8 << 20)
    let command = try scene.send(
      GateRelease("2") {
        $0.graph = "times_3"
        $0.factor = 3
      })
    try client.wait("the release is put off") {
      client.events.contains {
        $0.type == .releasePostponed && $0.reason == .outOfDisk && $0.message?.contains("bytes free for") == true
      }
    }
    try scene.awaitProgress(50)

    try Filler.fill(disk, leaving: 0)
    let rejected = try client.rollback(to: "none.such")
    try client.wait("the worker says so") {
      scene.worker.log.contains("nothing new is decided until the state has room")
    }
    #expect(scene.worker.log.contains("understudy.sqlite: database or disk is full; make room on its disk"))
    try scene.awaitProgress(200)
    #expect(client.endings(of: rejected).isEmpty)

    try Filler.empty(disk)
    #expect(try client.awaitEnd(of: rejected).reason == .unknownVersion)
    #expect(try client.awaitEnd(of: command).outcome == "live")
    #expect(client.endings(of: rejected).count == 1 && client.endings(of: command).count == 1)

    // And it can be stopped while there is no room.
    try Filler.fill(disk, leaving: 0)
    try client.rollback(to: "none.such")
    try client.wait("the worker says so again") {
      scene.worker.log.components(separatedBy: "nothing new is decided until").count > 2
    }
    let findings = try scene.findings()
    #expect(findings.isExactlyOnce, "\(findings)")
    let end = try scene.worker.terminate(within: promptness)
    #expect(end == 0, "\(scene.worker.log.suffix(3000))")
  }

  @Test(
    "P4: a worker whose disk is full ends when it is told to, also with work under way that it cannot record",
    .ownMounts("P4: a worker on a full disk ends with work under way"))
  func fullAtEnd() throws {
    let scene = try GateScene(partitions: 1) {
      $0.preparation = "mkdir $PLACE/worker-0 && mount -t tmpfs -o size=100m tmpfs $PLACE/worker-0"
    }
    try scene.send(GateRelease("hang") { $0.graph = "hang" })
    try scene.client.wait("its gate runs") {
      !ProcessFigures.children(of: scene.worker.process.identifier).isEmpty
    }
    let disk = "/proc/\(scene.worker.process.identifier)/root\(scene.scene.workplace.path)/worker-0"
    try Filler.fill(disk, leaving: 0)
    let findings = try scene.findings()
    #expect(findings.isExactlyOnce, "\(findings)")
    let end = try scene.worker.terminate(within: promptness)
    #expect(end == 0, "\(scene.worker.log.suffix(3000))")
    #expect(scene.worker.log.contains("stopped while the state has no room"), "\(scene.worker.log.suffix(3000))")
  }

  @Test(
    "P6: a state directory that cannot be written to stops the start with 1 and its name",
    .ownMounts("P6: a read-only state directory is told with its name"))
  func readOnly() throws {
    let scene = try Scene(partitions: 1, model: GateRelease.model)
    try ServedState.write(to: scene)
    let worker = try scene.worker {
      $0.preparation =
        "mount --bind $PLACE/worker-0 $PLACE/worker-0 && mount -o remount,bind,ro $PLACE/worker-0"
    }
    #expect(try worker.process.exit() == 1)
    #expect(worker.log.contains("\(scene.workplace.path)/worker-0/lock: Read-only file system"), "\(worker.log)")
  }

  @Test(
    "P6: a state that is damaged, newer or another's stops the start with the contract's code, its name and what to do, and stays as it is",
    arguments: ["damaged", "newer", "locked"])
  func unusable(_ fault: String) throws {
    let scene = try Scene(partitions: 1, model: GateRelease.model)
    let file = "\(scene.workplace.path)/worker-0/understudy.sqlite"
    try ServedState.write(to: scene)
    var configuration = Configuration()
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
    let database = try DatabaseQueue(path: file, configuration: configuration)
    switch fault {
    case "newer": try database.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('v999')") }
    default: try database.write { try $0.execute(sql: "UPDATE worker SET id = 1") }
    }
    if fault != "locked" { try database.close() }
    if fault == "damaged" { try Data(repeating: 0x5a, count: 50_000).write(to: URL(fileURLWithPath: file)) }
    let worker = try scene.worker()
    #expect(try worker.process.exit() == (fault == "locked" ? 75 : 1))
    #expect(worker.log.contains(file), "\(worker.log)")
    let advice = [
      "damaged": "put a copy of it back", "newer": "run that build", "locked": "stop the other one",
    ]
    #expect(worker.log.contains(advice[fault] ?? "?"), "\(worker.log)")
    // What was there can be used by whoever can read it.
    if fault == "locked" {
      try database.close()
      let successor = try scene.worker()
      try waitUntil("the worker is ready\n\(successor.log.suffix(2000))") {
        successor.log.contains("serving doubler 1")
      }
      #expect(try successor.terminate() == 0)
    }
  }
}
