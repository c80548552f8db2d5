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
  let topics: TopicNames
  let logger: Logger
  let properties: ClientProperties
  let repository: SQLiteStateRepository
  let inFlight: InFlightFile
  let table = RoutingTable()
  let counters = ServingCounters()
  let metrics = PrometheusMetrics()
  let servingMetrics: ServingMetrics
  let averages: MovingAverages
  /// What the gate has found out, from the recorded moves.
  let gateFigures: GateFigures
  let outboxEvents = Atomic<Int>(0)
  let retention: SeriesRetention
  let lanes: WorkerLanes
  let controller: DeploymentController
  /// Where events and status leave.
  let sink: Publisher
  private let isStopping = Atomic<Bool>(false)
  let isReportingStopped = Atomic<Bool>(false)
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
}
