import Domain
import Foundation
import Kafka
import Wire

@testable import understudy

/// One run: a load, workers, faults by a plan, and at the end everything that the topics say, compared.
final class ChaosRun {
  private let settings: ChaosSettings
  private let plan: ChaosPlan
  private let broker: TestBroker
  private let workplace: Workplace
  private let history: ChaosHistory
  private let publisher: Publisher
  private let crew: ChaosCrew

  /// Good releases in the order of their announcement.
  private var versions: [String] = []
  private var announced = 0
  /// What each corrupt release may be refused for, by its command.
  private var corrupt: [String: CorruptRelease] = [:]
  /// Commands that follow others.
  private var later: [(at: Double, command: Command)] = []
  private var brokerReturns: Double?
  private var isExactlyOnce: Bool { RealBroker.address != nil }

  init(_ settings: ChaosSettings) throws {
    self.settings = settings
    workplace = try settings.history.map { try Workplace(keeping: $0) } ?? Workplace()
    history = try ChaosHistory(in: workplace.path)
    let broker = try TestBroker(partitions: 6, model: GateRelease.model)
    self.broker = broker
    plan = ChaosPlan(
      seed: settings.seed, seconds: settings.seconds, workers: settings.workers, isEmbedded: broker.embedded != nil)
    publisher = try Publisher(properties: broker.properties, clientID: "chaos", logger: TestBroker.logger)
    let lines =
      GateScene.yaml(["gate.memory_megabytes: 96", "gate.deadline_seconds: 40"]) + [
        "responses: {trace: true}", "retain: 8",
      ]
    crew = try ChaosCrew(settings.workers, history: history) { [workplace] slot, failPoint in
      try WorkerProcess(broker, in: workplace) {
        $0.slot = slot
        $0.delivery = RealBroker.address == nil ? "at_least_once" : "exactly_once"
        $0.failPoint = failPoint
        $0.lines = lines
      }
    }
  }

  /// Runs to the end.
  /// - Returns: what came of it.
  func run() throws -> ChaosReport {
    say(
      "seed \(settings.seed), \(settings.seconds) s, \(settings.workers) workers, \(settings.perSecond) requests/s, history in \(workplace.path)"
    )
    try announce()
    let reader = ChaosReader(broker, seed: settings.seed)
    let seed = settings.seed
    let load = try SteadyLoad(broker, perSecond: settings.perSecond) { number in
      let request = ChaosRequest(number, seed: seed)
      return TopicRecord(key: request.key, value: request.value)
    }
    try wait("the first answers", within: 240) { reader.counts.answers > 0 }
    try play(load, reader)

    let acknowledged = try load.stop(isLossy: true)
    history.note("load ended", ("acknowledged", "\(acknowledged.count)"), ("unknown", "\(load.unknown.count)"))
    let sent = Set(acknowledged.map(\.number))
    // Long enough for a session, a transaction and the broker's look at it to time out.
    var isDrained = true
    do {
      try wait("every request is answered", within: 300) {
        reader.counts.answered >= sent.count && reader.read.answered.isSuperset(of: sent)
      }
    } catch {
      isDrained = false
      say("\(error)")
    }
    let routes = try settle()
    try crew.dismiss()
    var report = ChaosReport(settings: settings, plan: plan, tally: crew.tally)
    report.isDrained = isDrained
    report.routes = routes
    report.unknown = load.unknown.count
    report.acknowledged = acknowledged.count
    try conclude(&report, acknowledged, try reader.stop())
    if !report.isGood { write(report, reader.read) }
    return report
  }

  // MARK: The run

  private func play(_ load: SteadyLoad, _ reader: ChaosReader) throws {
    let begin = history.now
    var next = 0
    var told = begin
    while history.now - begin < Double(settings.seconds) {
      while next < plan.steps.count, Double(plan.steps[next].at) / 1000 <= history.now - begin,
        mayAct(plan.steps[next].action)
      {
        try act(plan.steps[next].action)
        next += 1
      }
      try tend()
      if history.now - told >= 10 {
        told = history.now
        say(
          "\(Int(told - begin)) s: \(load.count) requests, \(reader.counts.answered) answered, \(crew.tally.kills) kills, "
            + "\(versions.count) releases, \(corrupt.count) corrupt ones")
      }
      pause()
    }
    try crew.gather()
    if brokerReturns != nil { returnBroker() }
  }

  private func tend() throws {
    try crew.tend()
    if let returns = brokerReturns, history.now >= returns { returnBroker() }
    while brokerReturns == nil, let index = later.firstIndex(where: { $0.at <= history.now }) {
      try send(later.remove(at: index).command)
    }
  }

  /// What is published has to wait for the broker, whose return is up to this thread.
  private func mayAct(_ action: ChaosAction) -> Bool {
    switch action {
    case .release, .promote, .rollback, .holdAndResume, .corrupt: brokerReturns == nil
    default: true
    }
  }

  private func act(_ action: ChaosAction) throws {
    history.note("act", ("action", "\(action)"))
    switch action {
    case .kill(let worker): try crew.kill(worker)
    case .killAt(let point, let worker): try crew.kill(worker, at: point)
    case .freeze(let worker, let milliseconds): crew.freeze(worker, milliseconds: milliseconds)
    case .terminate(let worker): crew.terminate(worker)
    case .away(let worker, let milliseconds): crew.terminate(worker, away: milliseconds)
    case .release: try announce()
    case .promote: try announce(thenPromote: true)
    case .rollback(let steps): try rollBack(steps, hold: false)
    case .holdAndResume(let steps):
      try rollBack(steps, hold: true)
      later.append((history.now + 6, .resume(Resume(scope: .activation, model: GateRelease.model))))
    case .corrupt(let kind):
      announced += 1
      let ready = try ChaosRelease.corrupt(kind, announced, in: workplace)
      corrupt[try send(.modelReady(ready))] = kind
    case .failRequests(let apiKey, let codes): broker.embedded?.failNextRequests(apiKey: apiKey, with: codes)
    case .brokerAway(let milliseconds):
      broker.embedded?.setDown(true)
      brokerReturns = history.now + Double(milliseconds) / 1000
    }
  }

  private func returnBroker() {
    broker.embedded?.setDown(false)
    brokerReturns = nil
  }

  /// Announces the next good release: every other one in chunks on the releases topic, the rest as files.
  private func announce(thenPromote: Bool = false) throws {
    announced += 1
    let release = ChaosRelease.good(announced)
    var ready: ModelReady
    if announced % 2 == 0 {
      ready = try PublishCommand.ready(
        try release.source(in: workplace), uri: nil, activate: .auto, target: broker.target, isQuiet: true)
    } else {
      ready = try release.announcement(in: workplace)
    }
    if thenPromote {
      ready.activate = .manual
      let route = Traffic.Route(version: release.version, weight: 100)
      later.append((history.now + 5, .traffic(Traffic(model: GateRelease.model, routes: [route]))))
    }
    try send(.modelReady(ready))
    versions.append(release.version)
  }

  private func rollBack(_ steps: Int, hold: Bool) throws {
    let version = versions[max(0, versions.count - 1 - steps)]
    try send(.rollback(Rollback(model: GateRelease.model, to: version, hold: hold, reason: "chaos")))
  }

  @discardableResult
  private func send(_ command: Command) throws -> String {
    let id = UUID().uuidString.lowercased()
    history.note("command", ("kind", command.kind.rawValue), ("id", id))
    let envelope = CommandEnvelope(id: id, source: "chaos", command: command)
    // A broker that is away for a moment takes it when it is back.
    _ = try publisher.publish([
      .init(topic: broker.topics.control, record: CommandCodec.encode(envelope, time: WallClock.milliseconds))
    ])
    return id
  }

  // MARK: The end

  /// Waits until all workers serve the same.
  /// - Returns: what each serves in the end.
  private func settle() throws -> [String: String] {
    let reader = try ChaosReader.reader(of: broker.topics.status, broker)
    defer { reader.close() }
    var routes: [String: String] = [:]
    do {
      try wait("all workers serve the same", within: 240) {
        while case .record(let record) = try reader.next(timeoutMilliseconds: 20) {
          let key = String(decoding: record.key ?? [], as: UTF8.self)
          routes[key] = ((try? StatusCodec.decode(record)) ?? nil)?.routes.first?.version
        }
        return routes.count == settings.workers && Set(routes.values).count == 1
      }
    } catch { say("\(error)") }
    return routes
  }

  private func conclude(_ report: inout ChaosReport, _ acknowledged: [SteadyLoad.Sent], _ answers: ChaosAnswers) throws
  {
    var checker = ChaosChecker()
    checker.isExactlyOnce = isExactlyOnce
    checker.acknowledged = acknowledged
    checker.answers = answers
    let topics = broker.topics
    var times: [Int: Int64] = [:]
    try read(topics.requests[0].name) { record in
      guard let number = ChaosRequest.number(record.key) else { return }
      checker.requests.append(.init(number: number, partition: record.partition, offset: record.offset))
      times[number] = record.timestamp
    }
    try read(topics.responses) { record in
      checker.again[.init(partition: record.partition, offset: record.offset)] = ChaosAnswers.digest(record)
    }
    try read(topics.responses, .uncommitted) { record in
      checker.raw[.init(partition: record.partition, offset: record.offset)] = ChaosAnswers.transaction(record) ?? "-"
    }
    let seed = settings.seed
    checker.isLetterDue = { ChaosRequest($0, seed: seed).reason != nil }
    try read(topics.deadLetters) { record in
      let number = ChaosRequest.number(record.key) ?? -1
      checker.letters.append(.init(number: number, isWhole: record.value == ChaosRequest(number, seed: seed).value))
    }
    for topic in [topics.requests[0].name, topics.responses, topics.deadLetters] {
      checker.undecided += try undecided(topic)
    }
    report.findings = checker.check()
    report.requests = checker.requests.count
    report.answers = answers.answers.count
    report.latencies = ChaosReport.Latencies(answers.answers, asked: times)
    try noteEvents(&report)
  }

  private func read(
    _ topic: String, _ isolation: TopicReader.Isolation = .committed, _ body: (TopicRecord) -> Void
  ) throws {
    let reader = try ChaosReader.reader(of: topic, broker, isolation: isolation)
    defer { reader.close() }
    try reader.readToEnd(body)
  }

  /// Partitions whose end `read_committed` readers do not see although all producers are gone: a transaction hangs.
  private func undecided(_ topic: String) throws -> [String] {
    let decided = try ChaosReader.reader(of: topic, broker)
    let written = try ChaosReader.reader(of: topic, broker, isolation: .uncommitted)
    defer {
      decided.close()
      written.close()
    }
    var open: [String] = []
    for partition in 0..<Int32(broker.topics.partitions[topic] ?? 1) {
      do {
        try wait("\(topic)-\(partition) is decided", within: 120) {
          try decided.watermarks(partition: partition).high == written.watermarks(partition: partition).high
        }
      } catch {
        open.append("\(topic)-\(partition)")
      }
    }
    return open
  }

  /// What the events say: what went live, and what became of each corrupt release.
  private func noteEvents(_ report: inout ChaosReport) throws {
    var ids: Set<String> = []
    try read(broker.topics.events) { record in
      guard let event = try? EventCodec.decode(record), ids.insert(event.id).inserted else { return }
      if event.type == .releaseLive { report.activations += 1 }
      guard let command = event.commandID, let kind = corrupt[command], event.type.endsCommand else { return }
      report.note(event, of: kind)
    }
    report.corrupt = corrupt.count
  }

  private func write(_ report: ChaosReport, _ read: ChaosAnswers) {
    history.note("finding", ("text", "\(report.findings)"))
    history.write(
      "answers.csv",
      read.answers.lazy.map {
        "\($0.number),\($0.partition),\($0.offset),\($0.timestamp),\($0.isRight),\(read.versions.text($0.version)),"
          + "\($0.generation),\(read.transactions.text($0.transaction))"
      })
    workplace.keep()
    say("history, logs and states are kept in \(workplace.path)")
  }

  private func wait(_ what: String, within seconds: Int, _ isSo: () throws -> Bool) throws {
    try waitUntil(what, within: .seconds(seconds)) {
      try tend()
      return try isSo()
    }
  }

  private func pause() { _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(50)) }

  private func say(_ text: String) { FileHandle.standardError.write(Data("chaos: \(text)\n".utf8)) }
}
