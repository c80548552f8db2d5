import Domain
import Foundation
import Testing

@testable import understudy

/// Records that crash the process or keep it busy for good, and ends of the process that no record has to do with.
@Suite("Crashes", .ownThreads)
struct CrashTests {
  @Test(
    "P7: a record that crashes the worker is dead-lettered after one crash in a batch and three alone, its neighbours are answered"
  )
  func poison() throws {
    // Without a real broker what follows is proved at least once.
    _ = RealBroker.require("P1: exactly once through crashes that a record causes")
    let scene = try CrashScene()
    try scene.send(200, poison: 100)
    let (worker, ends) = try scene.supervise()
    // The first crash counts already if the broker handed the record out alone.
    #expect(ends.allSatisfy { $0 == -SIGFPE } && (0...1).contains(ends.count - Limits.deathsPerRecord), "\(ends)")
    try scene.expectAnswers()
    let letter = try #require(scene.client.deadLetters.first)
    let headers = letter.headers.map { "\($0.name)=\($0.value.map { String(decoding: $0, as: UTF8.self) } ?? "")" }
    #expect(headers.contains { $0.contains("stage_crashed") })
    #expect(headers.contains { $0.contains("crashed 3 times (last by SIGFPE)") }, "\(headers)")
    #expect(worker.log.contains("a record is not scored: the worker has crashed 3 times"))

    // It serves on, in batches again.
    try scene.send(300)
    try scene.client.wait("the later ones are answered") {
      Set(scene.answers.map(\.number)).count == scene.sent.count
    }
    try scene.expectAnswers()
    #expect(try worker.terminate() == 0)
    #expect(RealBroker.address == nil || scene.doubled == 0)
    print("answers given twice: \(scene.doubled) of \(scene.sent.count)")
  }

  @Test("P7: a record whose run would never end is interrupted, its neighbours are answered, and the worker serves on")
  func hang() throws {
    let scene = try CrashScene(.hangs)
    let worker = try scene.worker()
    try scene.send(200, poison: 100)
    try scene.client.wait("all are answered") { Set(scene.answers.map(\.number)).count == scene.sent.count }
    try scene.send(100)
    try scene.client.wait("the later ones are answered") {
      Set(scene.answers.map(\.number)).count == scene.sent.count
    }
    try scene.expectAnswers()
    let letter = try #require(scene.client.deadLetters.first)
    let headers = letter.headers.map { "\($0.name)=\($0.value.map { String(decoding: $0, as: UTF8.self) } ?? "")" }
    #expect(headers.contains { $0.contains("interrupted after") }, "\(headers)")
    #expect(try worker.terminate() == 0)
  }

  @Test("P7: a record that is alone with the worker from the first is dead-lettered after three crashes")
  func single() throws {
    let scene = try CrashScene(partitions: 1)
    try scene.send(1, poison: 0)
    let (worker, ends) = try scene.supervise()
    #expect(ends == [Int32](repeating: -SIGFPE, count: Limits.deathsPerRecord))
    try scene.expectAnswers()
    #expect(try worker.terminate() == 0)
  }

  @Test(
    "P7: what others end the worker with while it scores condemns no record, in a batch or alone",
    arguments: [SIGKILL, SIGABRT, SIGSEGV])
  func ended(by signal: Int32) throws {
    let scene = try CrashScene(partitions: 1)
    try scene.send(20)
    for _ in 0...Limits.deathsPerRecord {
      #expect(!(try scene.end(by: signal)).contains("under suspicion"))
    }
    let (innocent, none) = try scene.supervise()
    #expect(none == [])
    try scene.expectAnswers()
    #expect(try innocent.terminate() == 0)

    // The same while a record is alone because of a real crash. The poisonous one is the first behind what is committed:
    // of answers before it the offsets might be lost with the process, and it would begin with those, in a batch.
    try scene.send(20, poison: 20)
    let crashed = try scene.worker()
    #expect(try crashed.process.exit() == -SIGFPE)
    // That crash counts against it already if the broker handed it out before the others, as a slow one may.
    var deaths: Int?
    for _ in 0...Limits.deathsPerRecord {
      let log = try scene.end(by: signal)
      let found = (0...1).filter { log.contains($0 == 0 ? "crashed_alone=0" : "crashed_alone=1 records=1 ") }
      #expect(found.count == 1 && (deaths == nil || found == [deaths]), "\(found), \(deaths)\n\(log.suffix(2000))")
      #expect(log.contains("scoring records alone") || log.contains("scoring a record alone"), "\(log.suffix(2000))")
      deaths = found.first
    }
    let (worker, ends) = try scene.supervise()
    #expect(ends == [Int32](repeating: -SIGFPE, count: Limits.deathsPerRecord - (try #require(deaths))))
    try scene.expectAnswers()
    #expect(try worker.terminate() == 0)
  }
}
