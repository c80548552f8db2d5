import AdminAPI
import Artifacts
import CoreMetrics
import Deployment
import Domain
import Engines
import Foundation
import Kafka
import Logging
import ServiceLifecycle
import Serving
import StateStore
import Synchronization
import UnixSignals
import Wire

/// A worker put together: names every part and decides nothing.
final class Worker: Sendable {
  static let build = "0.1.0"
  private static let hasBootstrappedMetrics = Atomic<Bool>(false)

  let configuration: WorkerConfiguration
  private let topics: TopicNames
  let logger: Logger
  private let properties: ClientProperties
  let repository: SQLiteStateRepository
  private let inFlight: InFlightFile
  private let table = RoutingTable()
  let counters = ServingCounters()
  let metrics = PrometheusMetrics()
  private let servingMetrics: ServingMetrics
  private let averages: MovingAverages
  /// What the gate has found out, from the recorded moves.
  let gateFigures: GateFigures
  let outboxEvents = Atomic<Int>(0)
  let retention: SeriesRetention
  let lanes: WorkerLanes
  let controller: DeploymentController
  private let sink: Publisher
  private let isStopping = Atomic<Bool>(false)
  private let running = Mutex<ServiceGroup?>(nil)
  /// The last of all, so that it goes when none of our clients is left to miss it.
  private let broker: EmbeddedBroker?

  /// Opens the state, starts the embedded broker if that is asked for, and restores what was decided.
  init(_ configuration: WorkerConfiguration, topics: TopicNames, logger: Logger) throws {
    self.configuration = configuration
    self.topics = topics
    self.logger = logger
    let directory = try StateDirectory(path: configuration.state, owner: "slot \(configuration.slot)")
    let bounds = BoundsReached(metrics)
    repository = try SQLiteStateRepository(
      directory, reports: GateReportCodec(), dropped: Self.countDropped(bounds, logger))
    inFlight = try InFlightFile(directory, hasPool: configuration.engineThreads > 1)
    Self.tell(inFlight.findings, logger)
    (broker, properties) = try Self.connect(configuration, topics, logger)
    sink = try Publisher(
      properties: properties, clientID: "\(configuration.group).\(configuration.slot).events", logger: logger)
    // For libraries that know the global system only; our own parts are given the registry.
    if !Self.hasBootstrappedMetrics.exchange(true, ordering: .relaxed) { MetricsSystem.bootstrap(metrics) }
    servingMetrics = ServingMetrics(factory: metrics)
    averages = AverageKeeper.restore(repository, logger)
    lanes = WorkerLanes(
      count: configuration.laneCount(cores: ProcessInfo.processInfo.activeProcessorCount),
      metrics: LaneMetrics(metrics, topics: topics.requests.map(\.name)))
    let releases = DiskReleaseRepository(
      root: directory.path + "/releases",
      chunks: TopicChunkSource(properties: properties, group: configuration.group, logger: logger),
      manifests: WireManifestCoding(),
      web: WebAccess(
        allowList: try URLAllowList(configuration.fetchPatterns), timeLimit: .seconds(configuration.fetchTimeoutSeconds)
      ))
    let settings = DeploymentMachine.Settings(
      group: configuration.group, worker: configuration.slot, retain: configuration.retain, warm: configuration.warm,
      servedModels: configuration.servedModels.map(Set.init),
      gateIntervalMilliseconds: Int64(configuration.gateIntervalSeconds) * 1000)
    let swaps = SwapMetrics(metrics, models: [configuration.defaultModel].compactMap(\.self))
    let gateFigures = GateFigures(bounds)
    let retention = SeriesRetention(metrics, gateFigures, bounds)
    (self.gateFigures, self.retention) = (gateFigures, retention)
    controller = try DeploymentController(
      settings: settings,
      dependencies: .init(
        repository: repository, releases: releases,
        loader: OnnxStageLoader(options: OnnxOptions(intraOpThreads: configuration.engineThreads)),
        gate: ValidityGate(policy: configuration.gatePolicy, contents: DirectoryContents()),
        // The file that this process runs, even if another one has its name by now.
        probe: ChildProcessProbe(
          program: "/proc/self/exe", options: configuration.probeOptions, reports: GateReportCodec()),
        table: table, lanes: lanes, logger: logger,
        observe: { change in
          swaps.observe(change)
          gateFigures.observe(change)
          retention.observe(change)
        }))
    lanes.setObserver(controller)
    addCollectors()
  }

  private static func connect(
    _ configuration: WorkerConfiguration, _ topics: TopicNames, _ logger: Logger
  ) throws(KafkaError) -> (EmbeddedBroker?, ClientProperties) {
    guard configuration.usesEmbeddedBroker else { return (nil, try ClientProperties(configuration.kafka)) }
    let broker = try EmbeddedBroker(
      topics: topics.all.map { ($0, topics.partitions[$0] ?? 1) }, logger: logger)
    logger.notice("embedded broker", metadata: ["bootstrap.servers": "\(broker.bootstrapServers)"])
    var values = configuration.kafka
    values["bootstrap.servers"] = broker.bootstrapServers
    return (broker, try ClientProperties(values))
  }

  /// Serves until SIGTERM or SIGINT, or until something fails that only people can mend.
  func run() async throws {
    let destinations = try await onThread("topics") { [self] in try lookUpTopics() }
    try await onThread("former-lanes") { [self] in
      let count = lanes.controls.count
      let highest = try repository.recordLanes(count)
      try Lane.closeFormer(
        count..<highest, configuration: laneConfiguration(0), topics: destinations, logger: logger)
      if highest > count { FailPoint.formerClosed.reach() }
    }
    // Stopped in the reverse order: the lanes finish their transactions first, the news leave last.
    var services: [any Service] = [
      ThreadService(name: "events", body: { [self] in try relayEvents() }, stop: { [self] in stopReporting() })
    ]
    if let admin = adminService() { services.append(admin) }
    services +=
      [
        ThreadService(name: "control", body: { [self] in try controller.run() }, stop: { [self] in controller.stop() }),
        ThreadService(
          name: "control-topic", body: { [self] in try readControl() },
          stop: { [self] in
            isStopping.store(true, ordering: .releasing)
            controller.noteStopping()
          }),
        LanesService(worker: self, destinations: destinations),
      ] as [any Service]
    let group = ServiceGroup(
      configuration: .init(
        services: services.map {
          .init(
            service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .gracefullyShutdownGroup)
        }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    running.withLock { $0 = group }
    try await group.run()
  }

  /// Ends `run` as SIGTERM does.
  func stop() async {
    await running.withLock { $0 }?.triggerGracefulShutdown()
  }

  /// Where the worker's broker is, for those that share the process.
  var bootstrapServers: String { properties.bootstrapServers }

  // MARK: Topics

  /// Waits for the broker, checks the topics and reads what the lanes must know of them.
  private func lookUpTopics() throws(KafkaError) -> DestinationTopics {
    let directory = try TopicDirectory(properties: properties, logger: logger)
    let counts = try directory.partitionCounts(waiting: .seconds(60))
    for name in topics.all where counts[name] == nil {
      throw .stop("there is no topic \(name): create the topics with `understudy topics apply`")
    }
    guard counts[topics.control] == 1 else {
      throw .stop(
        "\(topics.control) has \(counts[topics.control] ?? 0) partitions: the control topic must have one, or commands have no order"
      )
    }
    // Brokers that do not tell have Kafka's default.
    let sizes =
      (try? TopicAdmin(properties: properties, logger: logger).maxMessageBytes(of: [
        topics.responses, topics.deadLetters,
      ])) ?? [:]
    return DestinationTopics(
      responsePartitions: counts[topics.responses] ?? 1, deadLetterPartitions: counts[topics.deadLetters] ?? 1,
      responseBytes: sizes[topics.responses] ?? TopicRole.brokerMessageBytes,
      deadLetterBytes: sizes[topics.deadLetters] ?? TopicRole.brokerMessageBytes)
  }

  // MARK: Control

  private func readControl() throws {
    let reader = try TopicReader(
      properties: properties, group: configuration.group, topic: topics.control,
      start: .offset(controller.nextControlOffset), fetchWaitMilliseconds: configuration.fetchWaitMilliseconds,
      logger: logger)
    defer { reader.close() }
    var isAtEnd = false
    while !isStopping.load(ordering: .acquiring) {
      switch try reader.next(timeoutMilliseconds: 200) {
      case .record(let record): controller.receive(record)
      case .end where !isAtEnd:
        isAtEnd = true
        controller.backlogEnded()
      case .end, .nothing: break
      }
    }
  }

  // MARK: Events and status

  private func relayEvents() throws {
    let relay = OutboxRelay(repository: repository, sink: sink, topic: topics.events, logger: logger)
    var nextStatus = ContinuousClock.now
    var shown: UInt64 = 0
    var keeper = AverageKeeper(repository, averages, logger)
    while !isReportingStopped.load(ordering: .acquiring) {
      noteOutbox(isEmpty: try relay.drain())
      keeper.keep()
      let view = controller.current
      if view.revision != shown || ContinuousClock.now >= nextStatus {
        shown = view.revision
        nextStatus = .now + .seconds(10)
        publishStatus(view)
      }
      controller.waitForChange(atMost: .seconds(1))
    }
    keeper.keep(atOnce: true)
    _ = try relay.drain()
    try? sink.publish(
      [StatusCodec.tombstone(group: configuration.group, slot: configuration.slot)], to: topics.status)
  }

  private let isReportingStopped = Atomic<Bool>(false)

  private func stopReporting() {
    isReportingStopped.store(true, ordering: .releasing)
    controller.endWait()
  }

  private func publishStatus(_ view: DeploymentController.View) {
    let status = status(view)
    do throws(PublishFailure) {
      try sink.publish([StatusCodec.encode(status)], to: topics.status)
    } catch {
      logger.warning("status waits", metadata: ["error": "\(error)"])
    }
  }

  // MARK: Lanes

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
    let known = Set(controller.current.state.models.keys).union(topics.requests.compactMap(\.model)).union([
      servedDefault
    ])
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
      // Not `waitForAll`, which tells of a failure only when all have ended.
      do { while try await group.next() != nil {} } catch {
        // One lane's failure ends all: half a worker would hold partitions that it does not serve.
        lanes.stop()
        throw error
      }
    }
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
    let lane = Lane(
      configuration: laneConfiguration(number, life: life), control: lanes.controls[number], topics: destinations,
      observer: lanes,
      offsetMemory: StateOffsetMemory(repository: repository, group: configuration.group, logger: logger),
      journal: inFlight.journal(ofLane: number), logger: logger
    ) { destinations in
      Pipeline(
        table: table, policy: policy, lane: number, decoder: JSONRequestDecoder(), encoder: JSONResponseEncoder(),
        destinations: destinations, counters: counters, metrics: servingMetrics, averages: averages)
    }
    try lane.run()
  }
}

/// The lanes as one service.
private struct LanesService: Service {
  let worker: Worker
  let destinations: DestinationTopics

  func run() async throws {
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await worker.serve(destinations)
      } onGracefulShutdown: {
        worker.stopLanes()
      }
    } onCancel: {
      worker.stopLanes()
    }
  }
}
