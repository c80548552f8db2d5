import Domain
import Foundation
import Kafka
import StateStore
import Testing
import Wire

@testable import understudy

/// A worker that dies at a fail-point, under load and with a command on its way, and the one that comes after it.
final class FailPointScene {
  let scene: Scene
  private let load: SteadyLoad
  private let point: FailPoint
  private let course: FailPointCourse
  private var sent: [SteadyLoad.Sent] = []

  var client: TestClient { scene.client }

  /// More requests than a worker sends before it ends, however slow everything is: at 200 a second, over eight minutes.
  private static let tillTheEnd = 100_000

  /// A worker's place in which version 1 is live, with requests coming.
  init(_ point: FailPoint) throws {
    self.point = point
    course = FailPointCourse(point)
    scene = try Scene(partitions: 2, model: GateRelease.model)
    try ServedState.write(to: scene)
    load = try SteadyLoad(scene.broker, perSecond: 200)
  }

  // MARK: Death

  /// Has a worker die there.
  /// - Parameter time: at which time that it comes by.
  /// - Returns: the command that was on its way.
  func kill(time: Int) throws -> String {
    try prepare()
    // What is to end by a signal has a command arrive right before that.
    var command = course == .termination ? nil : try sendCommand()
    if course == .lostAcknowledgement, scene.broker.embedded != nil { try loseAcknowledgements() }
    let doomed = try worker {
      $0.failPoint = self.point
      $0.failTime = time
    }
    switch course {
    case .termination:
      try client.wait("the doomed one serves") { client.responses.count > 100 || !doomed.process.isRunning }
      command = try sendCommand()
      doomed.process.signal(SIGTERM)
    case .standstill:
      try waitUntil("the doomed one stands still") { doomed.process.isStopped }
      doomed.process.signal(SIGKILL)
    case .failedTransaction:
      try client.wait("the doomed one serves") { client.responses.count > 100 }
      if let embedded = scene.broker.embedded {
        // At least once offsets are waited for in the end only. TOPIC_AUTHORIZATION_FAILED to an OffsetCommit.
        embedded.failNextRequests(apiKey: 8, with: [Int32](repeating: 29, count: Self.tillTheEnd))
        // Whoever has an answer to what was sent only now has a worker whose offsets were refused: earlier answers may be
        // read late, and their offsets be committed.
        let sentSoFar = load.count
        try client.wait("the doomed one answers what came later") { client.responses.count > sentSoFar + 20 }
        doomed.process.signal(SIGTERM)
      } else {
        // Less than any answer, and more than the marker (78 bytes) that ends a transaction: a broker that cannot write
        // that leaves the transaction open for good.
        try setLargestAnswer("100")
      }
    case .lostAcknowledgement where scene.broker.embedded == nil:
      try client.wait("the doomed one serves") { client.responses.count > 100 }
      try takeIdentifiers()
    case .publication, .retirement, .fewerLanes, .lostAcknowledgement: break
    }
    let end = try doomed.process.exit()
    guard end == -SIGKILL else { throw TestFailure("\(point) was never reached: \(end)\n\(doomed.log.suffix(3000))") }
    for key: Int16 in [0, 8] { scene.broker.embedded?.forgive(apiKey: key) }
    if course == .failedTransaction, scene.broker.embedded == nil { try setLargestAnswer(nil) }
    return try TestClient.some(command, "command")
  }

  private func worker(_ change: (inout WorkerProcess.Setup) -> Void = { _ in }) throws -> WorkerProcess {
    try scene.worker {
      // The embedded broker does not store the offsets of transactions.
      $0.delivery = RealBroker.address == nil ? "at_least_once" : "exactly_once"
      let interval = self.point == .gated ? ", interval_seconds: 1" : ""
      $0.lines = ["gate: {memory_megabytes: 96, deadline_seconds: 100\(interval)}"]
      change(&$0)
    }
  }

  private func prepare() throws {
    guard course == .fewerLanes else { return }
    let directory = try StateDirectory(path: "\(scene.workplace.path)/worker-0", owner: "test")
    _ = try SQLiteStateRepository(directory, reports: GateReportCodec()).recordLanes(3)
  }

  private func sendCommand() throws -> String {
    if course == .retirement { return try client.command(.retire(Retire(model: GateRelease.model, version: "0"))) }
    let release = GateRelease("2") {
      ServedState.change(&$0)
      $0.graph = "times_3"
      $0.factor = 3
    }
    return try client.command(.modelReady(try release.announcement(in: scene.workplace)))
  }

  /// Answers are produced and nobody is told. The load's own would be lost too: it has ended, and a backlog waits.
  private func loseAcknowledgements() throws {
    try waitUntil("a backlog") { load.count > 400 }
    sent = try load.stop()
    // The connection ends after a Produce; the worker's news are produced too, so it takes more than one.
    scene.broker.embedded?.failNextRequests(apiKey: 0, with: [Int32](repeating: -195, count: Self.tillTheEnd))
  }

  /// Somebody else initialises the worker's transactional identifiers.
  private func takeIdentifiers() throws {
    let topics = scene.broker.topics
    try Lane.closeFormer(
      0..<1,
      configuration: LaneConfiguration(
        properties: scene.broker.properties, group: scene.broker.name, slot: "worker-0", number: 0,
        requestTopics: topics.requests.map(\.name), responsesTopic: topics.responses,
        deadLettersTopic: topics.deadLetters),
      topics: DestinationTopics(
        responsePartitions: Int32(client.partitions), deadLetterPartitions: Int32(client.partitions),
        responseBytes: TopicRole.brokerMessageBytes, deadLetterBytes: TopicRole.brokerMessageBytes),
      logger: TestBroker.logger)
  }

  /// The broker takes no longer answers; the worker does not know.
  private func setLargestAnswer(_ bytes: String?) throws {
    let admin = try TopicAdmin(properties: scene.broker.properties, logger: TestBroker.logger)
    var file = scene.broker.file
    let wanted = bytes ?? "\(TopicRole.brokerMessageBytes)"
    for index in file.topics.indices where file.topics[index].role == .responses {
      file.topics[index].config["max.message.bytes"] = wanted
    }
    for result in try admin.apply(TopicPlan(file, actual: try admin.describe(topics: file.topics.map(\.name)))) {
      if let error = result.error { throw TestFailure("\(result.step.topic): \(error)") }
    }
    // The controller has taken it; a broker tells it a moment later.
    let topic = scene.broker.topics.responses
    try waitUntil("the broker has it") {
      try admin.describe(topics: [topic])[topic]?.config["max.message.bytes"]?.value == wanted
    }
  }

  // MARK: Succession

  /// A successor without fail-points must come back with nothing lost, the order kept, and the command ended once.
  func succeed(ending command: String) throws {
    let successor = try worker()
    let end = try client.awaitEnd(of: command)
    #expect(end.type == .commandApplied, "\(end)")
    try expectRouting()
    if sent.isEmpty { sent = try load.stop() }
    do { try expectAnswers() } catch { throw TestFailure("\(error)\n\(successor.log.suffix(3000))") }
    // A rejection that follows says that the worker has gone on to later commands.
    try client.awaitEnd(of: try client.rollback(to: "none.such"))
    #expect(client.endings(of: command).count == 1)
    #expect(client.events.count { $0.commandID == command && $0.type == .commandAccepted } == 1)
    #expect(try successor.terminate() == 0)
    let kept = scene.workplace.names("worker-0/releases").filter { $0 != "incoming" }
    #expect(kept.count == (course == .retirement ? 1 : 3), "\(kept)")
    #expect(scene.workplace.names("worker-0/releases/incoming").isEmpty)
  }

  private func expectRouting() throws {
    let (version, generation) = course == .retirement ? ("1", 1) : ("2", 2)
    try client.wait("version \(version) is live in the status") {
      let route = client.status()?.routes.first
      return route?.version == version && route?.generation == generation
    }
  }

  private func expectAnswers() throws {
    try client.awaitKeys(sent.count)
    let answers = client.responses.map(NumberAnswer.init)
    // Version 1 doubles, version 2 trebles.
    #expect(
      answers.allSatisfy { answer in
        answer.map { $0.output == Double($0.number) * ($0.version == "2" ? 3 : 2) } ?? false
      })
    let numbers = answers.compactMap { $0?.number }
    if RealBroker.address != nil { #expect(numbers.count == sent.count, "answers given twice") }
    for partition in 0..<client.partitions {
      var seen: Set<Int> = []
      let firsts = numbers.filter { $0 % client.partitions == partition && seen.insert($0).inserted }
      #expect(firsts == firsts.sorted(), "partition \(partition)")
    }
  }
}
