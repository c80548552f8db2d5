import Deployment
import Domain
import Kafka
import StateStore
import Testing
import Wire

@testable import understudy

/// From the state to the events topic.
@Suite("Outbox", .ownThreads)
struct OutboxTests {
  @Test("P5: an event that is larger than the topic takes is told in short, and keeps nothing back")
  func tooLarge() throws {
    let broker = try TestBroker(alwaysEmbedded: true)
    let workplace = try Workplace()
    let repository = try SQLiteStateRepository(
      StateDirectory(path: "\(workplace.path)/state", owner: "test"), reports: GateReportCodec())
    var change = StateChange(state: WorkerState())
    change.events = ["first", "large", "last"].map {
      var event = Event(id: $0, type: .commandFailed, time: 1, worker: "w", group: "g")
      event.message = "\($0) message"
      return event
    }
    // What the client sends at most is 1 000 000 bytes.
    change.events[1].message = String(repeating: "m", count: 1_100_000)
    change.events[1].firstOffsets = ["requests-0": 1]
    try repository.commit(change, from: WorkerState())
    let relay = OutboxRelay(
      repository: repository,
      sink: try Publisher(properties: broker.properties, clientID: "test", logger: TestBroker.logger),
      topic: broker.topics.events, logger: TestBroker.logger)
    #expect(try relay.drain())
    #expect(try repository.pendingEvents(limit: 10).isEmpty)

    let reader = try TopicReader(
      properties: broker.properties, group: "test", topic: broker.topics.events, start: .beginning,
      logger: TestBroker.logger)
    defer { reader.close() }
    var events: [Event] = []
    try reader.readToEnd { record in
      do {
        let event = try EventCodec.decode(record)
        // At least once.
        if !events.contains(where: { $0.id == event.id }) { events.append(event) }
      } catch { Issue.record("\(error)") }
    }
    #expect(events.map(\.id) == ["first", "large", "last"])
    #expect(events.map { $0.message?.utf8.count } == [13, Limits.statusTextBytes, 12])
    #expect(events.allSatisfy { $0.firstOffsets == nil })
  }
}
