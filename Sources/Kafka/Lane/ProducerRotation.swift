import CRdKafka
import Domain
import Logging

/// The producers of a lane, taking turns by transaction.
///
/// The broker answers the next transaction of an id only when it has written the markers of the last one; with another
/// id it need not wait. A transaction begins when the commit of the one before has returned, so that offsets are never
/// sent by two at once.
final class ProducerRotation {
  private let configuration: LaneConfiguration
  private let logger: Logger
  private let topics: DestinationTopics
  private let control: LaneControl
  private var producers: [LaneProducer?]
  private var turn = 0

  init(configuration: LaneConfiguration, topics: DestinationTopics, control: LaneControl, logger: Logger) {
    self.control = control
    self.configuration = configuration
    self.topics = topics
    self.logger = logger
    let count = configuration.delivery == .exactlyOnce ? Limits.producersPerLane : 1
    producers = Array(repeating: nil, count: count)
  }

  /// The producer whose turn it is; nil until `prepare`.
  var current: LaneProducer? { producers[turn] }

  /// Whether `prepare` has something to do.
  var needsPreparation: Bool { producers.contains { $0?.needsReplacement ?? true } }

  /// The next transaction is the next producer's.
  func advance() { turn = (turn + 1) % producers.count }

  /// No producer may be used again before it is initialised.
  func markAllDead() {
    for producer in producers { producer?.markDead() }
  }

  /// Makes every producer that is missing, dead or dirty anew and initialises it, all of them at the same time: what an
  /// earlier owner of their ids has left open is ended by that.
  func prepare() throws(KafkaError) {
    let positions = producers.indices.filter { producers[$0]?.needsReplacement ?? true }
    guard !positions.isEmpty else { return }
    for position in positions { producers[position] = nil }
    let (configuration, topics, control, logger) = (configuration, topics, control, logger)
    guard configuration.delivery == .exactlyOnce else {
      producers[0] = try LaneProducer(
        configuration: configuration, transactionalID: nil, topics: topics, logger: logger)
      FailPoint.initialised.reach()
      return
    }
    let made = inParallel(
      positions.map { position in
        LaneConfiguration.transactionalID(
          group: configuration.group, slot: configuration.slot, lane: configuration.number, producer: position)
      }
    ) { id in
      Result { () throws(KafkaError) in
        try Self.initialised(id, configuration: configuration, topics: topics, control: control, logger: logger)
      }
    }
    for (position, result) in zip(positions, made) { producers[position] = try result.get().producer }
    FailPoint.initialised.reach()
  }

  /// Ends whatever lanes that are no more have left open: initialises their ids once.
  static func closeFormerLanes(
    _ lanes: Range<Int>, configuration: LaneConfiguration, topics: DestinationTopics, logger: Logger
  ) throws(KafkaError) {
    guard configuration.delivery == .exactlyOnce, !lanes.isEmpty else { return }
    let ids = lanes.flatMap { lane in
      (0..<Limits.producersPerLane).map {
        LaneConfiguration.transactionalID(
          group: configuration.group, slot: configuration.slot, lane: lane, producer: $0)
      }
    }
    let results = inParallel(ids) { id in
      Result { () throws(KafkaError) in
        try initialised(id, configuration: configuration, topics: topics, control: LaneControl(), logger: logger)
      }
    }
    for result in results { _ = try result.get() }
  }

  /// Milliseconds for which initialisation is tried.
  private static let initialisationMilliseconds = 60_000

  /// A producer with its id initialised. While a transaction of the id is being ended the broker answers
  /// CONCURRENT_TRANSACTIONS and librdkafka asks again only after half a second; a new client with a short time-out
  /// asks at once.
  private static func initialised(
    _ id: String, configuration: LaneConfiguration, topics: DestinationTopics, control: LaneControl, logger: Logger
  ) throws(KafkaError) -> FreshProducer {
    let deadline = ContinuousClock.now + .milliseconds(initialisationMilliseconds)
    var attempt: Int32 = 0
    while true {
      control.pulse.beat()
      let producer = try LaneProducer(
        configuration: configuration, transactionalID: id, topics: topics, logger: logger)
      guard let failure = producer.initialise(timeoutMilliseconds: min(60 + 40 * attempt, 5000)) else {
        // The first record of a topic would otherwise wait for its metadata.
        _ = try? producer.client.partitionCounts(timeoutMilliseconds: 5000)
        return FreshProducer(producer)
      }
      attempt += 1
      if isHopeless(failure.code) { throw .stop("transactional id \(id): \(failure.description)") }
      if control.isStopping {
        throw .retry("stopped before transactional id \(id) was initialised: \(failure.description)")
      }
      if ContinuousClock.now > deadline {
        throw .retry(
          "transactional id \(id) could not be initialised in 60 s: \(failure.description); are the brokers up?")
      }
      logger.debug("initialising again", metadata: ["id": "\(id)", "error": "\(failure.description)"])
    }
  }

  private static func isHopeless(_ code: rd_kafka_resp_err_t) -> Bool {
    code == RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED
      || code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED
      || code == RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT
  }
}

/// A producer that nobody else knows, on its way from the thread that made it to its lane.
private struct FreshProducer: @unchecked Sendable {
  let producer: LaneProducer
  init(_ producer: LaneProducer) { self.producer = producer }
}
