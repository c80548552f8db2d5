import CRdKafka
import Domain
import Logging

/// One thread's worth of serving: a consumer, its producers, and the loop that answers each record once.
///
/// A turn gathers records, answers them, and commits the answers together with the offsets when the input runs dry, the
/// transaction is old or large enough, or new routing waits. Whatever goes wrong in between ends in one of two ways:
/// the transaction is aborted and the lane rewinds to what it committed last, or, when the outcome is unknown, new
/// producers are initialised and the broker is asked.
package final class Lane {
  let configuration: LaneConfiguration
  let control: LaneControl
  let observer: any LaneObserver
  let offsetMemory: any OffsetMemory
  let journal: (any InFlightJournal)?
  let logger: Logger

  var processor: (any RecordProcessor)?
  let destinations: LaneDestinations
  let rotation: ProducerRotation
  var consumer: LaneConsumer?

  var positions = LanePositions()
  var ends = LaneEnds()
  var transaction: OpenTransaction
  var offsets = SentOffsets()
  var failures = FailureBudget()
  var batch = RecordBatch()
  /// The place of the record gathered last; forgotten wherever positions may change.
  var gathered: GatheredPlace?
  var responses = ResponseBatch()
  /// What a callback could not throw; thrown after the poll.
  var callbackError: KafkaError?
  var isPaused = false
  var isDry = true
  /// The record gathered last is to be answered alone, so that nothing may be gathered behind it.
  var isIsolating = false
  var isolation = IsolationLog()
  /// Whether the lane has read every partition to its end and committed, if it was configured to end there.
  package private(set) var hasReachedEnds = false
  var nextLagReport = ContinuousClock.now
  /// Partitions that were read to the end, with what the end was: markers of transactions come last and are never
  /// delivered, so that the end stays ahead of the lane.
  var drained: [TopicPartition: Int64] = [:]
  var watchdog: LaneWatchdog
  /// The same for a lane that the group does not know.
  var membership: LaneWatchdog
  /// Its clients are to be made anew.
  var isStuck = false

  /// A lane that is ready to run.
  /// - Parameter topics: what the cluster's metadata and configuration say of the destinations.
  /// - Parameter journal: where it writes what it is scoring; nil if nobody wants to know.
  /// - Parameter processor: makes the data path, given what it must know of destinations.
  package init(
    configuration: LaneConfiguration, control: LaneControl, topics: DestinationTopics, observer: any LaneObserver,
    offsetMemory: any OffsetMemory, journal: (any InFlightJournal)? = nil, logger: Logger,
    processor: (any Destinations) -> any RecordProcessor
  ) {
    self.configuration = configuration
    transaction = OpenTransaction(life: configuration.life)
    self.control = control
    self.observer = observer
    self.offsetMemory = offsetMemory
    self.journal = journal
    self.logger = logger
    watchdog = LaneWatchdog(limit: .milliseconds(configuration.stallMilliseconds))
    membership = LaneWatchdog(limit: .milliseconds(configuration.outsideMilliseconds))
    rotation = ProducerRotation(configuration: configuration, topics: topics, control: control, logger: logger)
    destinations = LaneDestinations(
      topics, responses: configuration.responsesTopic, deadLetters: configuration.deadLettersTopic)
    self.processor = processor(destinations)
  }

  /// Ends what lanes that this worker had once, and has no more, have left open: until then their partitions' offsets
  /// are undecided.
  ///
  /// Blocks; to be called before the first lane runs.
  package static func closeFormer(
    _ lanes: Range<Int>, configuration: LaneConfiguration, topics: DestinationTopics, logger: Logger
  ) throws(KafkaError) {
    try ProducerRotation.closeFormerLanes(lanes, configuration: configuration, topics: topics, logger: logger)
  }

  /// Serves until `control.stop()` or `control.leave()`, or to the ends. Blocks: call on a thread of the lane's own.
  package func run() throws(KafkaError) {
    journal?.enter()
    defer { journal?.leave() }
    do throws(KafkaError) { repeat { try serve() } while isStuck } catch {
      // What is given up because the lane is to end is no failure: nothing was committed that was not answered.
      guard control.isStopping, case .retry = error else { throw error }
      logger.notice("stopped while recovering", metadata: ["lane": "\(configuration.number)", "error": "\(error)"])
    }
  }

  /// Serves with one consumer, until the lane is to end or is stuck.
  private func serve() throws(KafkaError) {
    isStuck = false
    try rotation.prepare()
    destinations.client = rotation.current?.client
    let consumer = try LaneConsumer(configuration: configuration, handler: self, logger: logger)
    self.consumer = consumer
    control.attach(consumer)
    defer {
      control.detach()
      consumer.close(within: .milliseconds(Limits.closeMilliseconds))
      self.consumer = nil
      // What is answered while it closes is about a client that is gone.
      offsets = SentOffsets()
    }
    try consumer.subscribe(configuration.requestTopics)
    while !control.isStopping, !control.isLeaving, !hasReachedEnds, !isStuck {
      try turn(consumer)
      guard configuration.stopsAtEnds, ends.areReached else { continue }
      // If it fails the lane has gone back, and reaches the ends again.
      try commit(consumer, waiting: true)
      hasReachedEnds = ends.areReached && !transaction.isOpen
    }
    if isStuck { dropClients() }
    try commit(consumer, waiting: true)
  }

  private func turn(_ consumer: LaneConsumer) throws(KafkaError) {
    control.pulse.beat()
    if !transaction.isOpen {
      if rotation.needsPreparation { try recover(consumer, because: "a request was lost") }
      if processor?.isSwitchWaiting ?? false { takeRouting() }
    }
    try applyPause(consumer)
    try gather(consumer)
    if batch.records.isEmpty {
      try commit(consumer)
    } else {
      try answer(consumer)
      while batch.takeFollowing() { try answer(consumer) }
    }
    reportLag(consumer)
  }

  // MARK: Gathering

  /// Polls until records stop coming, or the batch is full, or it has taken too long.
  private func gather(_ consumer: LaneConsumer) throws(KafkaError) {
    batch.removeAll()
    gathered = nil
    isDry = false
    isIsolating = false
    // What is scored at once has a bounded number of partitions, since each has at least one record.
    let most =
      positions.partitions.count > Limits.partitionsInFlight
      ? min(configuration.batchRecords, Limits.partitionsInFlight) : configuration.batchRecords
    let started = ContinuousClock.now
    var wait: Int32 = transaction.isOpen ? 0 : 100
    let limit = min(most, max(1, processor?.recordLimit ?? 1))
    while !isIsolating, batch.records.count < limit, batch.bytes.count < configuration.batchBytes {
      guard let message = unsafe consumer.poll(milliseconds: wait) else {
        isDry = true
        break
      }
      defer { unsafe rd_kafka_message_destroy(message) }
      if unsafe message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
        unsafe append(message)
      } else {
        unsafe try noteError(message, consumer)
      }
      // What comes behind the ends is dropped, and may be more than can be counted.
      if configuration.stopsAtEnds, ends.areReached {
        isDry = true
        break
      }
      wait = 0
      // A look at the clock for each record would cost more than it tells.
      if batch.records.count % 64 == 0, started.duration(to: .now) > .milliseconds(configuration.lingerMilliseconds) {
        break
      }
    }
    if let error = callbackError {
      callbackError = nil
      throw error
    }
    batch.seal()
  }

  private func append(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
    guard let handle = unsafe message.pointee.rkt else { return }
    let place = unsafe place(handle, message.pointee.partition)
    let (topic, partition) = (place.partition.topic, place.partition)
    let offset = unsafe message.pointee.offset
    guard offset >= place.next, !ends.passes(partition, offset: offset) else { return }
    let key = unsafe append(message.pointee.key, message.pointee.key_len)
    let value = unsafe append(message.pointee.payload, message.pointee.len)
    unsafe appendHeaders(message)
    let timestamp = unsafe rd_kafka_message_timestamp(message, nil)
    batch.appendRecord(
      topic: topic, partition: partition.partition, offset: offset, timestamp: timestamp, key: key, value: value)
    isolateIfSuspect()
  }

  /// Where a record of a partition belongs; mostly that of the one before.
  private func place(_ handle: OpaquePointer, _ partition: Int32) -> GatheredPlace {
    if let latest = gathered, unsafe latest.handle == handle, latest.partition.partition == partition { return latest }
    let name = unsafe rd_kafka_topic_name(handle).map { unsafe String(cString: $0) } ?? ""
    let known = TopicPartition(topic: batch.topicPosition(name), partition: partition)
    let place = unsafe GatheredPlace(handle: handle, partition: known, next: positions.next(known) ?? .max)
    gathered = place
    if !drained.isEmpty { drained[known] = nil }
    return place
  }

  private func append(_ bytes: UnsafeRawPointer?, _ count: Int) -> Range<Int>? {
    guard let bytes = unsafe bytes else { return nil }
    return unsafe batch.append(RawSpan(_unsafeStart: bytes, byteCount: count))
  }

  private func appendHeaders(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
    var headers: OpaquePointer?
    guard unsafe rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR, let headers = unsafe headers
    else { return }
    var index = 0
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var size = 0
    while unsafe rd_kafka_header_get_all(headers, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
      if let name = unsafe name {
        // Counted as bytes: a `String` would repair what is not UTF-8 and have another length.
        var count = 0
        while unsafe name[count] != 0 { count += 1 }
        let nameRange = unsafe append(UnsafeRawPointer(name), count) ?? 0..<0
        batch.appendHeader(name: nameRange, value: unsafe append(value, size))
      }
      index += 1
    }
  }

  private func noteError(
    _ message: UnsafeMutablePointer<rd_kafka_message_t>, _ consumer: LaneConsumer
  ) throws(KafkaError) {
    let code = unsafe message.pointee.err
    let topic = unsafe message.pointee.rkt.map { unsafe String(cString: rd_kafka_topic_name($0)) }
    let place = topic.map { unsafe "\($0)-\(message.pointee.partition)" } ?? "group \(configuration.group)"
    if let fatal = consumer.fatalError { throw fatal }
    switch code {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      // The only way to learn it where markers of transactions come last: they have offsets and are never delivered.
      let partition = unsafe TopicPartition(
        topic: batch.topicPosition(topic ?? ""), partition: message.pointee.partition)
      ends.reach(partition)
      drained[partition] = consumer.cachedEnd(topic: topic ?? "", partition: partition.partition)
      gathered = nil
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      throw .stop(
        "\(place): the committed offset is no longer in the topic, so requests were deleted before they were answered. "
          + "Nothing is skipped silently: set the group's offset by hand (kafka-consumer-groups --reset-offsets) and start again"
      )
    case _ where isDenial(code): throw .denied(place, code)
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID, RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
      throw .stop("\(place): \(describe(code)); see the worker's `group`, and `session.timeout.ms` under `kafka`")
    default:
      // The client heals the rest by itself.
      logger.warning("consumer", metadata: ["error": "\(describe(code))", "partition": "\(place)"])
    }
  }

  // MARK: Answering

  func takeRouting() {
    guard let processor else { return }
    transaction.number &+= 1
    let serial = processor.beginTransaction(transaction.number)
    guard serial != transaction.snapshot else { return }
    transaction.snapshot = serial
    observer.lane(configuration.number, tookSnapshot: serial, positions: namedPositions())
  }

  private func namedPositions() -> [String: Int64] {
    Dictionary(
      uniqueKeysWithValues: positions.partitions.map { ("\(batch.topics[$0.topic])-\($0.partition)", $1.next) })
  }

  private func answer(_ consumer: LaneConsumer) throws(KafkaError) {
    guard let processor else { return }
    if !transaction.isOpen { takeRouting() }
    guard processor.mayServe else {
      // What served was stopped after these were gathered: they wait in their topic.
      batch.removeAll()
      return try rewind(consumer)
    }
    responses.removeAll()
    journal?.begin(batch)
    FailPoint.scoring.reach()
    processor.process(batch, into: &responses)
    journal?.end(batch)
    do throws(TransactionFailure) {
      try beginIfNeeded()
      let started = ContinuousClock.now
      try produce()
      transaction.figures.noteProduced(since: started)
    } catch {
      return try handle(error, consumer)
    }
    positions.advance(past: batch)
    transaction.figures.note(batch)
    transaction.records += batch.records.count
    transaction.bytes += batch.bytes.count
    let isDue =
      isDry || transaction.records >= Limits.transactionRecords
      || transaction.bytes >= Limits.transactionBytes
      || transaction.age >= .milliseconds(configuration.commitIntervalMilliseconds) || processor.isSwitchWaiting
      || control.isStopping
    if isDue { try commit(consumer) }
  }

  private func beginIfNeeded() throws(TransactionFailure) {
    guard !transaction.isOpen else { return }
    FailPoint.beginning.reach()
    if configuration.delivery == .exactlyOnce, let failure = rotation.current?.begin() { throw failure }
    transaction.open()
    FailPoint.opened.reach()
  }

  private func produce() throws(TransactionFailure) {
    guard let producer = rotation.current else { return }
    for record in responses.records {
      // Each may wait for room in the client's queue.
      control.pulse.beat()
      let code = LaneOutput.produce(record, of: responses, requests: batch, to: destinations, through: producer)
      guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
      let failure = TransactionFailure(
        producing: code, to: destinations.name(of: record.destination), fatal: producer.client.fatalError)
      // A client that has failed, or a transaction that has, refuses every record, whatever its topic.
      if failure.isOfRecord { destinations.deny(record.destination) }
      throw failure
    }
    producer.poll(milliseconds: 0)
  }

  // MARK: Pausing

  private func applyPause(_ consumer: LaneConsumer) throws(KafkaError) {
    let isToPause = control.isPaused || !(processor?.mayServe ?? true)
    guard isToPause != isPaused else { return }
    try commit(consumer)
    isPaused = isToPause
    let list = OpaqueOffsets()
    for (partition, progress) in positions.partitions {
      list.append(topic: batch.topics[partition.topic], partition: partition.partition, offset: progress.next)
    }
    if isPaused {
      consumer.pause(list)
    } else {
      consumer.resume(list)
      try consumer.seek(list)
    }
    logger.info(isPaused ? "paused" : "resumed", metadata: ["lane": "\(configuration.number)"])
  }
}

/// The transaction of a lane that is open, if one is.
struct OpenTransaction {
  private(set) var isOpen = false
  private var opened = ContinuousClock.now
  /// Requests answered in it.
  var records = 0
  /// Bytes of those.
  var bytes = 0
  /// Counts the routings taken, from the lane's life on, so that it is unique over restarts.
  var number: UInt64
  /// The routing snapshot that holds.
  var snapshot: UInt64 = 0
  /// What was measured in it.
  var figures = OpenFigures()

  /// - Parameter life: how often the lane has begun to run.
  init(life: Int) { number = UInt64(max(0, life)) << 32 }

  var age: Duration { opened.duration(to: .now) }

  mutating func open() {
    isOpen = true
    opened = .now
    records = 0
    bytes = 0
    figures.removeAll()
  }

  mutating func close() { isOpen = false }
}

/// What a lane knows of the partition that a record comes from.
@safe struct GatheredPlace {
  /// librdkafka's handle of the topic, to be compared only.
  let handle: OpaquePointer
  let partition: TopicPartition
  /// The offset before which everything was answered; the largest one for a partition that is not the lane's.
  let next: Int64
}
