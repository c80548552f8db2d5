import Domain
import Serving
import Testing
import Wire

@testable import Deployment

/// What a worker tells of itself.
@Suite struct StatusReportTests {
  private static let settings = DeploymentMachine.Settings(group: "g", worker: "w")

  private func status(_ state: WorkerState, lag: [String: Int64] = [:]) -> WorkerStatus {
    var view = DeploymentController.View(state: state)
    view.lag = [0: lag]
    return StatusReport.make(view, settings: Self.settings, counters: ServingCounters().snapshot, build: "b")
  }

  private func record(_ model: String, _ number: Int, _ step: ReleaseStep) -> ReleaseRecord {
    let ready = ModelReady(
      identity: ReleaseIdentity(
        model: model, version: "\(number)", digest: "sha256:" + String(repeating: "0", count: 64)),
      archiveDigest: "a", size: 1, uri: "file:/x")
    var record = ReleaseRecord(
      ready, intent: .activate, commandID: String(repeating: "\"", count: Limits.identifierBytes),
      sequence: Int64(number), at: Int64(number))
    record.step = step
    record.message = String(repeating: "\"\n", count: Limits.gateMessageBytes / 2)
    record.report = GateReport()
    record.report?.endToEnd = .init(rows: 10, failedRows: 10)
    return record
  }

  /// As much of everything as a worker remembers of one model.
  private func ledger(_ number: Int, releases: Int) -> ModelLedger {
    let name = "model-\(number)-".padding(to: Limits.nameCharacters)
    var ledger = ModelLedger(model: name)
    ledger.releases += (0..<releases).map { record(name, $0, $0 == 0 ? .live : $0 == 1 ? .warm : .refused) }
    var activation = Activation(
      version: "0", commandID: String(repeating: "\"", count: Limits.identifierBytes), kind: .modelReady, at: 0,
      isFromBacklog: false)
    activation.isPlanned = false
    ledger.activations = [activation]
    ledger.hold = Hold(commandID: "c", reason: String(repeating: "\u{1}\"", count: 5000), since: 0)
    ledger.pause = ledger.hold
    return ledger
  }

  @Test func `P8: the status of a worker that knows all it can is below Kafka's maximum`() throws {
    var state = WorkerState()
    for number in 0..<Limits.modelsPerWorker {
      let ledger = ledger(number, releases: 100)
      state.models[ledger.model] = ledger
    }
    let topic = "t".padding(to: 249)
    let lag = Dictionary(uniqueKeysWithValues: (0..<5000).map { ("\(topic)-\($0)", Int64($0) << 32) })
    let status = status(state, lag: lag)
    let record = StatusCodec.encode(status)
    #expect((record.value?.count ?? 0) < Limits.responseBytes, "\(record.value?.count ?? 0)")
    #expect(status.routes.count == Limits.modelsPerWorker)
    #expect(status.lag.count == Limits.statusPartitions && status.lag["\(topic)-4999"] != nil)
    #expect(try StatusCodec.decode(record) == status)
  }

  @Test func `P8: of 256 models full of refused releases a status names what serves and then the newest`() throws {
    var state = WorkerState()
    for number in 0..<Limits.modelsPerWorker {
      var ledger = ledger(number, releases: 200)
      (ledger.hold, ledger.pause) = (nil, nil)
      ledger.activations[0].commandID = "c"
      for position in ledger.releases.indices { ledger.releases[position].commandID = "c" }
      state.models[ledger.model] = ledger
    }
    let status = status(state)
    let record = StatusCodec.encode(status)
    #expect((record.value?.count ?? 0) <= Limits.statusBytes, "\(record.value?.count ?? 0)")
    #expect(status.releases.count > Limits.modelsPerWorker && status.releases.count <= Limits.statusReleases)
    #expect(status.releases.count { $0.step == .live } == Limits.modelsPerWorker)
    #expect(status.releases.allSatisfy { ($0.message?.utf8.count ?? 0) <= Limits.statusTextBytes })
    #expect(status.releases.allSatisfy { $0.message?.contains("\n") == false })
  }

  @Test func `a status names every release on disk and the newest others, newest first`() {
    var state = WorkerState()
    state.models["m"] = ModelLedger(model: "m")
    state.models["m"]?.releases += (0..<200).map { record("m", $0, $0 == 3 ? .held : .refused) }
    let versions = status(state).releases.map(\.version)
    let newest = 200 - Limits.statusReleasesPerModel..<200
    #expect(versions == newest.reversed().map(String.init) + ["3"])
  }
}

extension String {
  /// The text and as many dots as it takes to have so many characters.
  fileprivate func padding(to count: Int) -> String { self + String(repeating: ".", count: max(0, count - self.count)) }
}
