import CRdKafka
import Domain
import Logging
import Synchronization

/// One librdkafka instance: owns it, sends its log lines to swift-log and remembers what its callbacks told.
///
/// librdkafka's handles may be used by any thread; the transactional calls only by one at a time, which the lanes see
/// to. Callbacks run on the thread that polls, but for logs and responses, which run on librdkafka's own.
@safe final class Client: @unchecked Sendable {
  let pointer: OpaquePointer
  let context: ClientContext

  enum Kind {
    case producer
    case consumer
  }

  /// Creates a client.
  /// - Parameter overrides: what this client needs; wins over the user's properties.
  /// - Parameter defaults: what suits this client; the user's properties win.
  init(
    _ kind: Kind, user: ClientProperties, defaults: [String: String], overrides: [String: String], logger: Logger,
    configure: (OpaquePointer) -> Void = { _ in }
  ) throws(KafkaError) {
    let context = ClientContext(logger: logger)
    guard let configuration = unsafe rd_kafka_conf_new() else { throw .stop("librdkafka: out of memory") }
    var owned = true
    defer { if owned { unsafe rd_kafka_conf_destroy(configuration) } }
    let merged = defaults.merging(user.values) { $1 }.merging(overrides) { $1 }
    for (name, value) in merged.sorted(by: { $0.key < $1.key }) {
      try unsafe Self.set(name, value, kind, on: configuration)
    }
    unsafe rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(context).toOpaque())
    unsafe rd_kafka_conf_set_log_cb(configuration, logLine)
    unsafe rd_kafka_conf_set_error_cb(configuration, clientError)
    unsafe configure(configuration)
    let type = kind == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER
    let result = unsafe withErrorText { text, size in unsafe rd_kafka_new(type, configuration, text, size) }
    // If it fails librdkafka 2.0.2 has freed the configuration's interceptors already, and would free them once more: it
    // is left behind.
    owned = false
    guard let created = unsafe result.value else {
      throw .stop(unsafe "cannot create a Kafka client: \(result.text)")
    }
    unsafe pointer = created
    self.context = context
  }

  deinit {
    unsafe rd_kafka_destroy_flags(pointer, 0)
  }

  private static func set(
    _ name: String, _ value: String, _ kind: Kind, on configuration: OpaquePointer
  ) throws(KafkaError) {
    let result = unsafe withErrorText { text, size in
      unsafe rd_kafka_conf_set(configuration, name, value, text, size)
    }
    guard result.value == RD_KAFKA_CONF_OK else {
      throw .stop("kafka.\(name): \(result.text)")
    }
  }

  /// The fatal error that the client is in, if any.
  var fatalError: (code: rd_kafka_resp_err_t, text: String)? {
    let result = unsafe withErrorText { text, size in unsafe rd_kafka_fatal_error(pointer, text, size) }
    return result.value == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : (result.value, result.text)
  }

  /// Partition counts of every topic of the cluster. Asks for all, since asking for one by name may create it.
  func partitionCounts(timeoutMilliseconds: Int32) throws(KafkaError) -> [String: Int32] {
    var metadata: UnsafePointer<rd_kafka_metadata>?
    let code = unsafe rd_kafka_metadata(pointer, 1, nil, &metadata, timeoutMilliseconds)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata = unsafe metadata else {
      throw .retry("cannot list topics: \(describe(code))")
    }
    defer { unsafe rd_kafka_metadata_destroy(metadata) }
    var counts: [String: Int32] = [:]
    for index in 0..<Int(unsafe metadata.pointee.topic_cnt) {
      let topic = unsafe metadata.pointee.topics[index]
      guard unsafe topic.err == RD_KAFKA_RESP_ERR_NO_ERROR, let name = unsafe topic.topic else { continue }
      counts[unsafe String(cString: name)] = unsafe topic.partition_cnt
    }
    return counts
  }
}

/// What the callbacks of one client leave behind.
final class ClientContext: Sendable {
  let logger: Logger
  /// A request whose loss could leave a transaction undecided timed out or lost its connection: use another producer.
  let isDirty = Atomic<Bool>(false)
  private let firstFailure = Mutex<DeliveryFailure?>(nil)
  /// Set once before the first poll, read on the lane's thread.
  nonisolated(unsafe) private(set) weak var groupHandler: (any GroupHandler)?

  init(logger: Logger) { self.logger = logger }

  /// To be called on the thread that polls, before it does.
  func setGroupHandler(_ handler: any GroupHandler) { unsafe groupHandler = handler }

  /// A record that the broker did not take.
  struct DeliveryFailure: Sendable, Equatable {
    var code: Int32
    var topic: String
    var byteCount: Int
  }

  func record(_ failure: DeliveryFailure) {
    firstFailure.withLock { if $0 == nil { $0 = failure } }
  }

  /// The first failure since the last call.
  func takeFailure() -> DeliveryFailure? {
    firstFailure.withLock { failure in
      defer { failure = nil }
      return failure
    }
  }
}

/// Calls `body` with a buffer for an error text and returns both.
func withErrorText<Value>(_ body: (UnsafeMutablePointer<CChar>, Int) -> Value) -> (value: Value, text: String) {
  let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: 512)
  defer { unsafe buffer.deallocate() }
  unsafe buffer.initialize(repeating: 0, count: 512)
  let value = unsafe body(buffer, 512)
  return (value, unsafe String(cString: buffer))
}

/// The context that a client's opaque pointer leads to.
func context(_ opaque: UnsafeMutableRawPointer?) -> ClientContext? {
  guard let opaque = unsafe opaque else { return nil }
  return unsafe Unmanaged<ClientContext>.fromOpaque(opaque).takeUnretainedValue()
}

private let logLine: @convention(c) (OpaquePointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Void = {
  client, level, facility, text in
  guard let client = unsafe client, let context = unsafe context(rd_kafka_opaque(client)), let text = unsafe text else {
    return
  }
  let facility = unsafe facility.map { unsafe String(cString: $0) } ?? "?"
  let line = unsafe String(cString: text)
  if facility == "ADDPARTS", let topic = unwritableTopic(in: line) {
    context.record(.init(code: RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED.rawValue, topic: topic, byteCount: 0))
  }
  // Asking again for a producer's id while its last transaction ends is the way of things.
  let level = facility == "GETPID" ? .debug : swiftLevel(syslog: level)
  context.logger.log(level: level, "\(line)", metadata: ["facility": "\(facility)"])
}

/// The topic that a transaction failed for, since the worker may not write to it. Only the log says which of a
/// transaction's topics it was: its error does not, and none of its records has one.
/// - Parameter line: of the facility `ADDPARTS`.
func unwritableTopic(in line: String) -> String? {
  guard line.hasSuffix(describe(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)) else { return nil }
  let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
  return parts.count == 3 && parts[0].hasSuffix("Failed to add partition ") ? String(parts[1]) : nil
}

private let clientError:
  @convention(c) (OpaquePointer?, Int32, UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Void = {
    _, code, text, opaque in
    guard let context = unsafe context(opaque), let text = unsafe text else { return }
    context.logger.warning("\(unsafe String(cString: text))", metadata: ["code": "\(code)"])
  }

/// librdkafka logs by syslog's levels; what it calls an error it mostly heals by itself, so that it is a warning here.
private func swiftLevel(syslog level: Int32) -> Logger.Level {
  switch level {
  case ...2: .error
  case 3...4: .warning
  case 5: .notice
  case 6: .info
  default: .debug
  }
}
