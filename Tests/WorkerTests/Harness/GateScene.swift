import Domain
import Foundation
import Testing
import Wire

@testable import understudy

/// A worker that serves the model `doubler` under load while releases come that are good or bad.
final class GateScene {
  let scene: Scene
  let load: SteadyLoad
  private(set) var worker: WorkerProcess
  /// What each version makes of a number, by version: the number, so many times.
  var factors: [String: Double] = [:]
  /// Versions whose answers are now and then off by ten.
  var offByTen: Set<String> = []

  var client: TestClient { scene.client }

  /// Starts a worker and a load, and has version 1 serve.
  /// - Parameter lines: of `worker.yaml`.
  init(_ lines: [String] = [], partitions: Int = 3, perSecond: Int = 500) throws {
    scene = try Scene(partitions: partitions, model: GateRelease.model)
    let base = ["gate.memory_megabytes: 64", "gate.deadline_seconds: 20"]
    worker = try scene.worker { $0.lines = Self.yaml(base + lines) }
    load = try SteadyLoad(scene.broker, perSecond: perSecond)
    let end = try announce(GateRelease("1"))
    guard end.type == .commandApplied else { throw TestFailure("1 is not live: \(end)") }
  }

  /// `gate.x: y` lines as the section that YAML wants them in.
  static func yaml(_ lines: [String]) -> [String] {
    var sections: [String: [String]] = [:]
    for line in lines {
      let parts = line.split(separator: ".", maxSplits: 1).map(String.init)
      sections[parts[0], default: []].append("  \(parts[1])")
    }
    return sections.sorted { $0.key < $1.key }.flatMap { ["\($0.key):"] + $0.value }
  }

  /// Announces a release and waits for the end of its command.
  @discardableResult
  func announce(_ release: GateRelease, activate: ActivationMode = .auto) throws -> Event {
    var ready = try release.announcement(in: scene.workplace)
    ready.activate = activate
    factors[release.version] = release.graph == "times_3" ? 3 : 2
    if release.graph == "random" { offByTen.insert(release.version) }
    return try client.awaitEnd(of: try client.command(.modelReady(ready)))
  }

  /// A release must be refused, with its figures, while the live one answers on.
  func refuse(
    _ release: GateRelease, _ reason: RefusalReason, saying words: String...,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let live = client.status()?.routes.first?.version
    let end = try announce(release)
    #expect(
      end.type == .commandFailed && end.reason == reason, "\(release.version): \(end)", sourceLocation: location)
    for word in words {
      #expect(end.message?.contains(word) == true, "\(release.version): \(end.message ?? "")", sourceLocation: location)
    }
    #expect(client.status()?.routes.first?.version == live, sourceLocation: location)
    try client.awaitProgress(50)
  }

  // MARK: Accounts

  /// Ends the load, waits for every answer, and says what is wrong with them.
  func findings() throws -> ResponseChecker.Findings {
    let sent = try load.stop()
    try client.wait("every request is answered", within: .seconds(60)) { client.responses.count >= sent.count }
    let answers = client.responses.compactMap(Answer.init)
    var findings = ResponseChecker.Findings()
    let known = Dictionary(uniqueKeysWithValues: sent.map { ($0.number, $0) })
    var seen: Set<Int> = []
    var last: [Int32: Int64] = [:]
    for answer in answers {
      guard let request = known[answer.number] else {
        findings.unknown.append(answer.number)
        continue
      }
      if !seen.insert(answer.number).inserted { findings.doubled.append(answer.number) }
      if request.offset < last[request.partition] ?? -1 { findings.reordered.append(answer.number) }
      last[request.partition] = request.offset
      if !isRight(answer) { findings.wrong.append(answer.number) }
    }
    findings.lost = sent.map(\.number).filter { !seen.contains($0) }
    return findings
  }

  private func isRight(_ answer: Answer) -> Bool {
    guard answer.status == "ok", let output = answer.output, let factor = factors[answer.version] else { return false }
    let off = output - Double(answer.number) * factor
    return abs(off) < 1 || offByTen.contains(answer.version) && abs(off - 10) < 1
  }

  private struct Answer {
    var number: Int
    var status: String
    var version: String
    var output: Double?

    init?(_ record: TopicRecord) {
      guard let value = record.value, let json = try? JSON(parsing: value), case .text(let id)? = json["id"],
        id.hasPrefix("r-"), let number = Int(id.dropFirst(2)), case .text(let status)? = json["status"]
      else { return nil }
      self.number = number
      self.status = status
      version = ""
      if case .text(let text)? = json["version"] { version = text }
      switch json["outputs"]?["y"] {
      case .number(let number)?: output = number
      case .integer(let number)?: output = Double(number)
      default: output = nil
      }
    }
  }
}
