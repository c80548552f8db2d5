import Domain
import Foundation
import Kafka
import Testing
import Wire

@testable import understudy

/// A worker whose model doubles every number but -1, which ends the process or keeps it busy for good.
final class CrashScene {
  let scene: Scene
  private let publisher: Publisher
  private(set) var sent: [Request] = []
  private let poison: Poison

  /// What -1 does to the model.
  enum Poison: String {
    /// It divides by zero, which ends the process.
    case crashes = "crash_at_minus_one"
    /// Its loop does not end.
    case hangs = "hang_at_minus_one"

    /// What its answer says.
    var reason: ResponseReason { self == .crashes ? .stageCrashed : .deadline }
  }

  /// A request with the number n carries the number n, unless it is poisonous.
  struct Request {
    var number: Int
    var isPoison: Bool
    var value: [UInt8]
  }

  var client: TestClient { scene.client }

  /// Has the release go live and ends the worker again.
  init(partitions: Int = 3, _ poison: Poison = .crashes) throws {
    self.poison = poison
    scene = try Scene(partitions: partitions, model: GateRelease.model)
    publisher = try Publisher(
      properties: scene.broker.properties, clientID: "crash-test", logger: TestBroker.logger)
    let worker = try worker()
    let release = GateRelease("1") { $0.graph = poison.rawValue }
    let command = try client.command(.modelReady(release.announcement(in: scene.workplace)))
    let end = try client.awaitEnd(of: command)
    guard end.type == .commandApplied else { throw TestFailure("the release is not live: \(end)") }
    guard try worker.terminate() == 0 else { throw TestFailure("the worker did not end well") }
  }

  /// The embedded broker does not store the offsets of transactions.
  func worker(_ failPoint: FailPoint? = nil) throws -> WorkerProcess {
    try scene.worker {
      $0.delivery = RealBroker.address == nil ? "at_least_once" : "exactly_once"
      $0.failPoint = failPoint
      // Who finds the record that hangs has time for it, whatever else the machine does.
      $0.lines = ["batch: {deadline_milliseconds: \(Limits.batchDeadlineCeilingMilliseconds)}"]
    }
  }

  /// Publishes the next requests at once, number n to partition n modulo their count.
  func send(_ count: Int, poison: Int? = nil) throws {
    let first = sent.count
    let requests = (first..<first + count).map { number in
      let isPoison = number == poison
      return Request(
        number: number, isPoison: isPoison, value: Array(#"{"id":"r-\#(number)","x":\#(isPoison ? -1 : number)}"#.utf8))
    }
    _ = try publisher.publish(
      requests.map {
        Publisher.Outgoing(
          topic: scene.broker.topics.requests[0].name, partition: Int32($0.number % client.partitions),
          record: TopicRecord(key: Array("k-\($0.number)".utf8), value: $0.value))
      })
    sent += requests
  }

  /// Starts the worker again whenever a crash ends it, as a supervisor does, until every request is answered.
  /// - Returns: the worker that runs then, and the signals that ended the others.
  func supervise() throws -> (worker: WorkerProcess, ends: [Int32]) {
    var worker = try worker()
    var ends: [Int32] = []
    var log = ""
    try client.wait("every request is answered\n\(log.suffix(3000))") {
      if !worker.process.isRunning {
        ends.append(try worker.process.exit())
        log = worker.log
        guard ends.count < 12 else { throw TestFailure("it ends again and again: \(ends)\n\(log.suffix(3000))") }
        worker = try self.worker()
      }
      return Set(answers.map(\.number)).count == sent.count
    }
    return (worker, ends)
  }

  /// Has a worker begin to score, and ends it there by a signal.
  /// - Returns: what it logged.
  func end(by signal: Int32) throws -> String {
    let worker = try worker(.scoring)
    try waitUntil("the worker scores") {
      guard worker.process.isRunning else { throw TestFailure("the worker has ended\n\(worker.log.suffix(3000))") }
      return worker.process.isStopped
    }
    worker.process.signal(signal)
    worker.process.signal(SIGCONT)
    #expect(try worker.process.exit() == -signal)
    return worker.log
  }

  var answers: [NumberAnswer] { parsed.values(of: client.responses) }
  private var parsed = ParsedRecords(NumberAnswer.init)

  /// Every request must have its answer, exactly one with a real broker, and the poisonous ones their error and dead
  /// letters with their bytes.
  func expectAnswers(location: SourceLocation = #_sourceLocation) throws {
    let letterCount = sent.count(where: \.isPoison)
    try client.wait("\(letterCount) requests have dead letters") {
      Set(client.deadLetters.map(\.key)).count >= letterCount
    }
    let byNumber = Dictionary(grouping: answers, by: \.number)
    for request in sent {
      let found = byNumber[request.number] ?? []
      #expect(
        RealBroker.address == nil ? !found.isEmpty : found.count == 1, "r-\(request.number): \(found.count) answers",
        sourceLocation: location)
      for answer in found {
        let isRight =
          request.isPoison
          ? answer.status == "error" && answer.reason == poison.reason.rawValue
          : answer.status == "ok" && answer.output == Double(request.number) * 2
        #expect(isRight, "\(answer)", sourceLocation: location)
      }
    }
    for partition in 0..<client.partitions {
      var seen: Set<Int> = []
      let firsts = answers.map(\.number).filter { $0 % client.partitions == partition && seen.insert($0).inserted }
      #expect(firsts == firsts.sorted(), "partition \(partition)", sourceLocation: location)
    }
    let letters = Dictionary(grouping: client.deadLetters, by: \.key)
    let poisonous = sent.filter(\.isPoison)
    #expect(letters.count == poisonous.count, sourceLocation: location)
    for request in poisonous {
      let found = letters[Array("k-\(request.number)".utf8)] ?? []
      #expect(RealBroker.address == nil ? !found.isEmpty : found.count == 1, sourceLocation: location)
      for letter in found { #expect(letter.value == request.value, sourceLocation: location) }
    }
  }

  /// Answers that are repeats.
  var doubled: Int { answers.count - Set(answers.map(\.number)).count }
}
