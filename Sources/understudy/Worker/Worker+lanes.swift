import Deployment
import Domain
import Engines
import Kafka
import Logging
import Serving
import StateStore
import Wire

/// The lanes of a worker: when they begin, what each is made of, when they leave.
extension Worker {
  /// - Parameter life: how often the lanes have begun to run with this state, this time included.
  func laneConfiguration(_ number: Int, life: Int = 0) -> LaneConfiguration {
    LaneConfiguration(
      properties: properties, group: configuration.group, slot: configuration.slot, number: number,
      requestTopics: topics.requests.map(\.name), responsesTopic: topics.responses,
      deadLettersTopic: topics.deadLetters, delivery: configuration.delivery, start: configuration.start,
      batchRecords: configuration.batchRecords, batchBytes: configuration.batchBytes,
      lingerMilliseconds: configuration.lingerMilliseconds,
      commitIntervalMilliseconds: configuration.commitIntervalMilliseconds,
      fetchWaitMilliseconds: configuration.fetchWaitMilliseconds, life: life)
  }

  /// Serves: waits until there is something to serve with, then runs every lane until it is stopped; and again, when
  /// there was nothing left to serve with.
  func serve(_ destinations: DestinationTopics) async throws {
    while true {
      try await onThread("wait") { [self] in waitUntilServable() }
      guard !lanes.areEnding else { return }
      sayReady()
      try await runLanes(destinations)
      guard !lanes.controls.contains(where: \.isStopping) else { return }
      lanes.join()
    }
  }

  private func sayReady() {
    let known = Set(controller.current.state.models.keys).union(topics.requests.compactMap(\.model) + [servedDefault])
    for (model, steps) in configuration.fallbacks.sorted(by: { $0.key < $1.key }) {
      let named = [model] + steps.compactMap { if case .model(let name) = $0 { name } else { nil } }
      for name in named where !known.contains(name) {
        logger.warning("fallback.\(model) names \(name), and nothing of that model was ever announced here")
      }
    }
    let serving = controller.current.state.models.values.compactMap { ledger in
      ledger.live.map { "\(ledger.model) \($0.version)" }
    }
    logger.notice(
      "ready: serving \(serving.isEmpty ? "nothing yet" : serving.sorted().joined(separator: ", "))",
      metadata: [
        "group": "\(configuration.group)", "slot": "\(configuration.slot)", "lanes": "\(lanes.controls.count)",
        "requests": "\(topics.requests.map(\.name).joined(separator: " "))",
      ])
  }

  private func runLanes(_ destinations: DestinationTopics) async throws {
    try inFlight.watchCrashes()
    guard let life = try recordLife() else { return }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in lanes.controls.indices {
        group.addTask {
          try await onThread("lane-\(number)") { [self] in try runLane(number, life: life, destinations) }
        }
      }
      group.addTask { try await onThread("presence") { [self] in leaveWhenNothingServes() } }
      group.addTask { try await onThread("lane-watch") { [self] in watchLanes() } }
      // Not `waitForAll`, which tells of a failure only when all have ended.
      do { while try await group.next() != nil {} } catch {
        // One lane's failure ends all: half a worker would hold partitions that it does not serve.
        lanes.stop()
        throw error
      }
    }
  }

  /// Until they have ended.
  private func watchLanes() {
    // A batch has its deadline, which may be longer than any call to a broker.
    let limit = Limits.standingLaneSeconds + configuration.batchDeadlineMilliseconds / 1000
    LaneWatch(pulses: lanes.controls.map(\.pulse), limit: limit, logger: logger).run(lanes.haveEnded(within:))
  }

  /// Counts one more life of the lanes, for which room on the disk is waited for.
  /// - Returns: nil if the worker is to end before there is any.
  private func recordLife() throws(StateError) -> Int? {
    for attempt in 0... {
      guard !lanes.areEnding else { break }
      do throws(StateError) { return try repository.recordLife() } catch {
        guard case .full = error else { throw error }
        if attempt == 0 { logger.warning("requests wait until there is room", metadata: ["error": "\(error)"]) }
        controller.waitForServable(atMost: .seconds(1))
      }
    }
    return nil
  }

  /// Leaves the group when nothing is left that could be live: healthy workers take the partitions, or requests wait.
  private func leaveWhenNothingServes() {
    while !lanes.areEnding {
      let ledger = controller.current.state.models[servedDefault]
      if configuration.whenNoRelease == .wait, ledger?.live == nil, ledger?.top == nil {
        logger.warning("leaving the group: nothing of \(servedDefault) has passed its gate")
        lanes.leave()
      }
      controller.waitForServable(atMost: .milliseconds(200))
    }
  }

  func stopLanes() { lanes.stop() }

  private func waitUntilServable() {
    var saidSo = false
    while !lanes.controls.contains(where: \.isStopping) {
      let view = controller.current
      let hasLive = view.state.models[servedDefault]?.live != nil
      if view.isRestored, hasLive || configuration.whenNoRelease == .answer { return }
      if view.isRestored, !saidSo {
        saidSo = true
        logger.notice(
          "waiting for a release of \(servedDefault): publish one with `understudy publish`; requests wait in their topic until then"
        )
      }
      controller.waitForServable(atMost: .milliseconds(200))
    }
  }

  var servedDefault: String {
    configuration.defaultModel ?? topics.requests.compactMap(\.model).first ?? ""
  }

  private func runLane(_ number: Int, life: Int, _ destinations: DestinationTopics) throws(KafkaError) {
    defer { lanes.ended(number) }
    // With the lane's own end: to give its clients back is a call as well.
    try lanes.controls[number].pulse.whileRunning { () throws(KafkaError) in
      try lane(number, life: life, destinations).run()
    }
  }

  private func lane(_ number: Int, life: Int, _ destinations: DestinationTopics) -> Lane {
    let allowList = try? ReplyAllowList(patterns: configuration.replyTopics, denied: Set(topics.all))
    let policy = ServingPolicy(
      worker: configuration.slot, group: configuration.group,
      defaultModels: Dictionary(
        topics.requests.compactMap { topic in topic.model.map { (topic.name, $0) } }, uniquingKeysWith: { $1 }),
      defaultModel: servedDefault, servedModels: configuration.servedModels.map(Set.init),
      waitsForRelease: configuration.whenNoRelease == .wait,
      isReplyTopicAllowed: { allowList?.allows($0) ?? false },
      fallbacks: configuration.fallbacks, batchDeadlineMilliseconds: configuration.batchDeadlineMilliseconds,
      addsCloudEventHeaders: configuration.addsCloudEventHeaders,
      addsTransactionHeader: configuration.addsTransactionHeader)
    return Lane(
      configuration: laneConfiguration(number, life: life), control: lanes.controls[number], topics: destinations,
      observer: lanes,
      offsetMemory: StateOffsetMemory(repository: repository, group: configuration.group, logger: logger),
      journal: inFlight.journal(ofLane: number), logger: logger
    ) { destinations in
      Pipeline(
        table: table, policy: policy, lane: number, decoder: JSONRequestDecoder(), encoder: JSONResponseEncoder(),
        destinations: destinations, counters: counters, metrics: servingMetrics, averages: averages)
    }
  }
}
