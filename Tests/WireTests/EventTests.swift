import Domain
import Testing
import Wire

@Suite struct EventTests {
  private static var full: Event {
    var event = Event(id: "e-1", type: .releaseLive, time: 1_795_425_480_123, worker: "worker-0", group: "understudy")
    event.commandID = "c"
    event.model = "car-loan"
    event.version = "2"
    event.fromVersion = "1"
    event.digest = "sha256:00"
    event.generation = 14
    event.outcome = "live"
    event.reason = .held
    event.message = "é\n"
    event.timings = ["fetch": 1.5, "switch": 0.25]
    event.firstOffsets = ["understudy.requests-0": 12, "understudy.requests-1": 0]
    return event
  }

  @Test(arguments: EventType.allCases)
  func `an event of each type reads back`(type: EventType) throws {
    var event = Self.full
    event.type = type
    #expect(try EventCodec.decode(EventCodec.encode(event)) == event)
    let bare = Event(id: "e", type: type, time: 0, worker: "w", group: "g")
    #expect(try EventCodec.decode(EventCodec.encode(bare)) == bare)
  }

  @Test func `an event is a CloudEvent in binary mode`() {
    let record = EventCodec.encode(Self.full)
    #expect(record.key == Array("car-loan".utf8))
    let headers = record.headers.map { "\($0.name): \(String(decoding: $0.value ?? [], as: UTF8.self))" }
    #expect(
      headers == [
        "content-type: application/json", "ce_specversion: 1.0", "ce_id: e-1",
        "ce_source: understudy/understudy/worker-0",
        "ce_type: io.understudy.release.live.v1", "ce_time: 2026-11-23T09:18:00.123Z", "ce_subject: car-loan/2",
      ])
    let value = String(decoding: record.value ?? [], as: UTF8.self)
    #expect(
      value
        == #"{"command_id":"c","model":"car-loan","version":"2","from_version":"1","digest":"sha256:00","generation":14,"worker":"worker-0","group":"understudy","outcome":"live","reason":"held","message":"é\n","timings_ms":{"fetch":1.5,"switch":0.25},"first_offsets":{"understudy.requests-0":12,"understudy.requests-1":0}}"#
    )
  }

  @Test func `what a newer worker adds is passed over`() throws {
    var record = EventCodec.encode(Self.full)
    record.value = Array(
      String(decoding: record.value ?? [], as: UTF8.self)
        .replacing(#""reason":"held""#, with: #""reason":"tired","mood":{}"#).utf8)
    #expect(try EventCodec.decode(record).reason == nil)
    record.headers = record.headers.map {
      $0.name == "ce_type" ? RecordHeader("ce_type", "io.understudy.release.sung.v1") : $0
    }
    #expect(
      throws: WireError.invalid(
        path: "ce_type", expected: "an event of a worker", found: "\"io.understudy.release.sung.v1\"")
    ) { try EventCodec.decode(record) }
  }

  @Test func `a status reads back, and a tombstone is none`() throws {
    var status = WorkerStatus(group: "g", slot: "worker-0", updatedAt: 1_795_425_480_000, build: "0.1.0")
    #expect(try StatusCodec.decode(StatusCodec.encode(status)) == status)
    status.routes = [
      .init(model: "m", version: "2", digest: "sha256:00", generation: 3, since: 5, commandID: "c")
    ]
    for (number, step) in ReleaseStep.allCases.enumerated() {
      status.releases.append(
        .init(
          model: "m", version: "\(number)", digest: "d", step: step, since: 7, commandID: "c",
          reason: step == .refused ? .loadFailed : nil, message: step == .refused ? "why" : nil,
          gate: step.isProved ? WorkerStatus.Gate(GateReport(isUngated: true), passedAt: 9) : nil))
    }
    status.serves = ["m", "n"]
    #expect(status.serves("m") && status.serves(nil) && !status.serves("o"))
    status.held = ["m": "INC-204"]
    status.stopped = ["n": "7"]
    var report = GateReport()
    report.endToEnd = .init(rows: 24, failedRows: 1)
    report.confidence = .init(metric: .rocAUC, value: 0.5, acceptableRange: 0.9...1, rows: 100)
    status.releases[0].gate = WorkerStatus.Gate(report, passedAt: nil)
    status.paused = ["consume": "", "m": "r"]
    status.controlOffset = 42
    status.lag = ["understudy.requests-0": 3]
    status.counters = ["rows": .max]
    let record = StatusCodec.encode(status)
    #expect(record.key == Array("g/worker-0".utf8))
    #expect(try StatusCodec.decode(record) == status)
    let document = try JSON(parsing: record.value ?? [])
    #expect(
      document["warm"]
        == .array([
          .object([.init("model", .text("m")), .init("version", .text("4"))]),
          .object([.init("model", .text("m")), .init("version", .text("5"))]),
        ]))
    let tombstone = StatusCodec.tombstone(group: "g", slot: "worker-0")
    #expect(tombstone.key == record.key)
    #expect(try StatusCodec.decode(tombstone) == nil)
  }

  @Test(arguments: ["", "[]", "{}", #"{"group":"g","slot":"s","updated_at":7}"#])
  func `what is no status is refused`(value: String) {
    #expect(throws: WireError.self) { try StatusCodec.decode(TopicRecord(value: Array(value.utf8))) }
  }
}
