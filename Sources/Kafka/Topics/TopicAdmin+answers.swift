import CRdKafka
import Domain

/// How a request of the admin API is made, and how its answer is read.
extension TopicAdmin {
  func resource(_ topic: String) throws(KafkaError) -> OpaquePointer {
    guard let object = unsafe rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic) else {
      throw .stop("\"\(topic)\" is no name of a topic")
    }
    return unsafe object
  }

  func config(of resource: OpaquePointer) -> Config {
    var count = 0
    guard let entries = unsafe rd_kafka_ConfigResource_configs(resource, &count) else { return [:] }
    var config: Config = [:]
    for index in 0..<count {
      guard let entry = unsafe entries[index], let name = unsafe rd_kafka_ConfigEntry_name(entry) else { continue }
      let value = unsafe rd_kafka_ConfigEntry_value(entry).map { unsafe String(cString: $0) }
      let source = unsafe rd_kafka_ConfigEntry_source(entry)
      config[unsafe String(cString: name)] = ActualTopic.Setting(
        value, isOwn: source == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG)
    }
    return config
  }

  func error(of resource: OpaquePointer) -> KafkaError? {
    let code = unsafe rd_kafka_ConfigResource_error(resource)
    guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
    let text = unsafe rd_kafka_ConfigResource_error_string(resource).map { unsafe String(cString: $0) }
    let name = unsafe rd_kafka_ConfigResource_name(resource).map { unsafe String(cString: $0) }
    return Self.failure(code, text, name ?? "a topic")
  }

  /// Every topic that the brokers named, with its error if there was one.
  func topicErrors(
    _ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int
  ) -> [String: Answer]? {
    guard let results = unsafe results else { return nil }
    var errors: [String: Answer] = [:]
    for index in 0..<count {
      guard let result = unsafe results[index], let cName = unsafe rd_kafka_topic_result_name(result) else { continue }
      let (code, name) = unsafe (rd_kafka_topic_result_error(result), String(cString: cName))
      let text = unsafe rd_kafka_topic_result_error_string(result).map { unsafe String(cString: $0) }
      errors[name] = Answer(error: code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : Self.failure(code, text, name))
    }
    return errors
  }

  /// The errors alone; a topic that the brokers did not name has one too.
  func complete(_ answers: [String: Answer], _ topics: [String]) -> [String: KafkaError] {
    var errors: [String: KafkaError] = [:]
    for topic in topics {
      guard let answer = answers[topic] else {
        errors[topic] = .retry("\(topic): the brokers did not say what became of it; plan again")
        continue
      }
      errors[topic] = answer.error
    }
    return errors
  }

  /// Makes one request and waits for its answer.
  /// - Parameter start: hands the request to librdkafka, which copies what it needs.
  /// - Parameter read: takes the answer apart; nil if it is an answer to something else.
  func request<Value>(
    _ operation: rd_kafka_admin_op_t, _ what: String, _ timeoutMilliseconds: Int32,
    start: (OpaquePointer, OpaquePointer) -> Void, read: (OpaquePointer) -> Value?
  ) throws(KafkaError) -> Value {
    try requireController(what, timeoutMilliseconds)
    guard let options = unsafe rd_kafka_AdminOptions_new(client.pointer, operation) else {
      throw .stop("librdkafka cannot \(what)")
    }
    defer { unsafe rd_kafka_AdminOptions_destroy(options) }
    let set = unsafe withErrorText { text, size in
      unsafe rd_kafka_AdminOptions_set_request_timeout(options, timeoutMilliseconds, text, size)
    }
    guard set.value == RD_KAFKA_RESP_ERR_NO_ERROR else { throw .stop("cannot \(what): \(set.text)") }
    if operation == RD_KAFKA_ADMIN_OP_CREATETOPICS || operation == RD_KAFKA_ADMIN_OP_CREATEPARTITIONS {
      let set = unsafe withErrorText { text, size in
        unsafe rd_kafka_AdminOptions_set_operation_timeout(options, timeoutMilliseconds, text, size)
      }
      guard set.value == RD_KAFKA_RESP_ERR_NO_ERROR else { throw .stop("cannot \(what): \(set.text)") }
    }
    guard let queue = unsafe rd_kafka_queue_new(client.pointer) else { throw .stop("librdkafka: out of memory") }
    defer { unsafe rd_kafka_queue_destroy(queue) }
    unsafe start(options, queue)
    // librdkafka answers by itself when its time is over; the second is for its threads.
    let patience = 2 * timeoutMilliseconds + 1000
    guard let event = unsafe rd_kafka_queue_poll(queue, patience) else {
      throw .retry("cannot \(what): no answer within \(patience) ms; are the brokers up?")
    }
    defer { unsafe rd_kafka_event_destroy(event) }
    let code = unsafe rd_kafka_event_error(event)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
      let text = unsafe rd_kafka_event_error_string(event).map { unsafe String(cString: $0) }
      throw Self.failure(code, text, "cannot \(what)")
    }
    guard let value = unsafe read(event) else { throw .stop("cannot \(what): librdkafka gave another answer") }
    return value
  }

  /// The embedded broker names a controller that is none of its brokers, for which librdkafka would wait in vain.
  func requireController(_ what: String, _ timeoutMilliseconds: Int32) throws(KafkaError) {
    let brokers = try client.brokers(timeoutMilliseconds: timeoutMilliseconds)
    // With metadata at hand this does not wait.
    let controller = unsafe rd_kafka_controllerid(client.pointer, timeoutMilliseconds)
    guard brokers.contains(controller) else {
      throw Self.failure(
        RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, "none of its brokers is the controller", "cannot \(what)")
    }
  }

  /// A code with what to do about it.
  static func failure(_ code: rd_kafka_resp_err_t, _ text: String?, _ subject: String) -> KafkaError {
    let text = text ?? Kafka.describe(code)
    switch code {
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
      return .stop(
        "\(subject): this broker has no admin API (the embedded broker creates its topics itself, when it starts): \(text)"
      )
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return .stop("\(subject): not allowed (\(text)); `understudy topics acl` prints the rights that are needed")
    case RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR__TRANSPORT,
      RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
      RD_KAFKA_RESP_ERR_NOT_CONTROLLER, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return .retry("\(subject): \(text)")
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
      return .retry("\(subject): somebody else has created it by now, or it is hidden from this user; plan again")
    default:
      return .stop("\(subject): \(text)")
    }
  }
}
