import Foundation
import Kafka

@testable import understudy

/// Takes cases of one kind of request one after the other, on one running lane as long as that is healthy.
final class FaultScene {
  private let request: LaneRequest
  private var scene: LaneScene?
  private var lane: RunningLane?
  private var lanes = 0
  /// Connections to the brokers that are the requester's: the most that it had without a lane, since one of them may just be
  /// made anew.
  private var connectionsBefore = 0

  init(_ request: LaneRequest) { self.request = request }

  /// What is wrong with a case; nil if nothing is.
  func problem(of fault: FaultCase) -> String? {
    let started = ContinuousClock.now
    do {
      let outcome = try run(fault)
      if fault.isFence || outcome != nil { try end() }
      let wrong = Self.difference(outcome, fault.expectation).map { report(fault, $0) }
      // Failures that were not met would be the next one's.
      if outcome != nil { scene = nil }
      return wrong
    } catch {
      defer {
        lane?.control.stop()
        (scene, lane) = (nil, nil)
      }
      let took = started.duration(to: .now)
      return report(fault, "\(error), after \(took)")
    }
  }

  /// Ends the lane and looks at what it leaves behind.
  func end() throws {
    guard let lane, let scene else { return }
    self.lane = nil
    if lane.outcome == nil, let error = try lane.stop() { throw TestFailure("the lane could not end: \(error)") }
    do {
      try waitUntil("the lane gives back its memory and its connections") {
        try lane.isReleased && Sockets.count(to: scene.broker.ports) <= connectionsBefore
      }
    } catch {
      let connections = try Sockets.count(to: scene.broker.ports)
      throw TestFailure("\(error): memory \(lane.isReleased), connections \(connections) of \(connectionsBefore)")
    }
  }

  private func run(_ fault: FaultCase) throws -> KafkaError? {
    let scene = try self.scene ?? makeScene()
    self.scene = scene
    if fault.position == .first {
      try end()
      try scene.send(3)
      inject(fault, scene)
      try start(scene)
    } else {
      if lane == nil { try start(scene) }
      try scene.exchange(3)
      // The requester produces as well.
      try scene.holding { scene in
        try scene.send(3)
        inject(fault, scene)
        if let cause = request.cause {
          scene.embedded.failNextRequests(apiKey: cause.apiKey, with: [cause.code.rawValue], broker: cause.broker)
        }
      }
    }
    return try settle(fault, scene)
  }

  private func inject(_ fault: FaultCase, _ scene: LaneScene) {
    scene.embedded.failNextRequests(apiKey: request.apiKey, with: fault.codes, broker: request.broker)
  }

  /// Sends until every failure has been met and everything is answered, or the lane has ended.
  private func settle(_ fault: FaultCase, _ scene: LaneScene) throws -> KafkaError? {
    var next = ContinuousClock.now
    // A lane that is to end may answer before it does.
    var roundsLeft = fault.expectation == .goesOn ? 1 : 30
    let error: KafkaError?? = try waitFor(
      "the lane meets the failure, of which \(left(scene)) are left, and answers: \(scene.findings())"
    ) {
      if let outcome = lane?.outcome { return .some(Self.error(outcome)) }
      try scene.client.read()
      guard scene.areAllAnswered else { return nil }
      let isMet = left(scene) == 0
      if isMet, roundsLeft == 0 { return .some(nil) }
      guard isMet && fault.expectation == .goesOn || ContinuousClock.now >= next else { return nil }
      if isMet { roundsLeft -= 1 }
      try scene.send(3)
      next = .now + .milliseconds(300)
      return nil
    }
    if let error = error ?? nil { return error }
    let findings = scene.findings()
    guard findings.isAtLeastOnce, findings.reordered.isEmpty else { throw TestFailure("\(findings)") }
    return nil
  }

  private func left(_ scene: LaneScene) -> Int {
    scene.embedded.failuresLeft(apiKey: request.apiKey, broker: request.broker)
  }

  private static func error(_ outcome: Result<Void, KafkaError>) -> KafkaError? {
    if case .failure(let error) = outcome { return error }
    return nil
  }

  private func makeScene() throws -> LaneScene {
    let scene = try LaneScene(request.delivery, brokers: request.brokers)
    connectionsBefore = 0
    // The requester's clients know where everything is before anything fails, and have their connections.
    try scene.send(3)
    try scene.client.readToEnds()
    return scene
  }

  /// A lane in a group of its own: whether it is the first of a group or the next one makes no difference to it.
  private func start(_ scene: LaneScene) throws {
    lanes += 1
    let group = "\(scene.broker.name)-\(lanes)"
    scene.embedded.setCoordinator(.group(group), broker: 1)
    for producer in 0..<3 {
      scene.embedded.setCoordinator(.transaction("\(group).worker-0.0.\(producer)"), broker: 1)
    }
    connectionsBefore = max(connectionsBefore, try Sockets.count(to: scene.broker.ports))
    lane = scene.start(group: group, properties: ["session.timeout.ms": "4000"])
  }

  private static func difference(_ outcome: KafkaError?, _ expectation: FaultRow.Expectation) -> String? {
    switch (outcome, expectation) {
    case (nil, .goesOn): nil
    case (.fenced(let message)?, .fenced) where message.contains("slot"): nil
    case (.stop(let message)?, .stops(let words)) where message.contains(words): nil
    default: "expected \(expectation), but it \(outcome.map { "ended: \($0)" } ?? "goes on")"
    }
  }

  private func report(_ fault: FaultCase, _ wrong: String) -> String {
    "\(fault): \(wrong)\n\(scene?.log.suffix(1500) ?? "")"
  }
}
