import CRdKafka
import Domain

/// The requests of the admin API, each with its objects made and destroyed here.
extension TopicAdmin {
  /// A topic to be created; nil numbers mean the broker's defaults (Kafka 2.4, KIP-464).
  struct Creation {
    var name: String
    var partitions: Int?
    var replicas: Int?
    var config: [String: String]
  }

  /// What the brokers said about one topic.
  struct Answer {
    var error: KafkaError?
  }

  typealias Config = [String: ActualTopic.Setting]

  /// Creates topics and returns the errors by name.
  func create(_ topics: [Creation], timeoutMilliseconds: Int32) throws(KafkaError) -> [String: KafkaError] {
    var objects: [OpaquePointer?] = unsafe []
    defer { unsafe objects.forEach { unsafe rd_kafka_NewTopic_destroy($0) } }
    for topic in topics {
      let made = unsafe withErrorText { text, size in
        unsafe rd_kafka_NewTopic_new(
          topic.name, Int32(clamping: topic.partitions ?? -1), Int32(clamping: topic.replicas ?? -1), text, size)
      }
      guard let object = unsafe made.value else { throw .stop(unsafe "\(topic.name): \(made.text)") }
      unsafe objects.append(object)
      for (name, value) in topic.config.sorted(by: { $0.key < $1.key }) {
        let code = unsafe rd_kafka_NewTopic_set_config(object, name, value)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw .stop("\(topic.name), \(name): \(Kafka.describe(code))") }
      }
    }
    let errors = try unsafe request(
      RD_KAFKA_ADMIN_OP_CREATETOPICS, "create topics", timeoutMilliseconds,
      start: { options, queue in
        unsafe objects.withUnsafeMutableBufferPointer {
          unsafe rd_kafka_CreateTopics(client.pointer, $0.baseAddress, $0.count, options, queue)
        }
      },
      read: { event -> [String: Answer]? in
        guard let result = unsafe rd_kafka_event_CreateTopics_result(event) else { return nil }
        var count = 0
        return unsafe topicErrors(rd_kafka_CreateTopics_result_topics(result, &count), count)
      })
    return complete(errors, topics.map(\.name))
  }

  /// Raises topics to partition counts and returns the errors by name.
  func addPartitions(_ counts: [String: Int], timeoutMilliseconds: Int32) throws(KafkaError) -> [String: KafkaError] {
    var objects: [OpaquePointer?] = unsafe []
    defer { unsafe objects.forEach { unsafe rd_kafka_NewPartitions_destroy($0) } }
    for (topic, count) in counts.sorted(by: { $0.key < $1.key }) {
      let made = unsafe withErrorText { text, size in
        unsafe rd_kafka_NewPartitions_new(topic, max(count, 1), text, size)
      }
      guard let object = unsafe made.value else { throw .stop(unsafe "\(topic): \(made.text)") }
      unsafe objects.append(object)
    }
    let errors = try unsafe request(
      RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, "add partitions", timeoutMilliseconds,
      start: { options, queue in
        unsafe objects.withUnsafeMutableBufferPointer {
          unsafe rd_kafka_CreatePartitions(client.pointer, $0.baseAddress, $0.count, options, queue)
        }
      },
      read: { event -> [String: Answer]? in
        guard let result = unsafe rd_kafka_event_CreatePartitions_result(event) else { return nil }
        var count = 0
        return unsafe topicErrors(rd_kafka_CreatePartitions_result_topics(result, &count), count)
      })
    return complete(errors, Array(counts.keys))
  }

  /// Deletes topics and returns the errors by name.
  func delete(_ topics: [String], timeoutMilliseconds: Int32) throws(KafkaError) -> [String: KafkaError] {
    var objects: [OpaquePointer?] = unsafe topics.map { unsafe rd_kafka_DeleteTopic_new($0) }
    defer { unsafe objects.forEach { unsafe rd_kafka_DeleteTopic_destroy($0) } }
    let errors = try unsafe request(
      RD_KAFKA_ADMIN_OP_DELETETOPICS, "delete topics", timeoutMilliseconds,
      start: { options, queue in
        unsafe objects.withUnsafeMutableBufferPointer {
          unsafe rd_kafka_DeleteTopics(client.pointer, $0.baseAddress, $0.count, options, queue)
        }
      },
      read: { event -> [String: Answer]? in
        guard let result = unsafe rd_kafka_event_DeleteTopics_result(event) else { return nil }
        var count = 0
        return unsafe topicErrors(rd_kafka_DeleteTopics_result_topics(result, &count), count)
      })
    return complete(errors, topics)
  }

  /// Replaces all that topics have of their own by these, and returns the errors by name.
  func alterConfigs(
    _ configs: [String: [String: String]], timeoutMilliseconds: Int32
  ) throws(KafkaError) -> [String: KafkaError] {
    var objects: [OpaquePointer?] = unsafe []
    defer { unsafe objects.forEach { unsafe rd_kafka_ConfigResource_destroy($0) } }
    for (topic, config) in configs.sorted(by: { $0.key < $1.key }) {
      let object = try unsafe resource(topic)
      unsafe objects.append(object)
      for (name, value) in config.sorted(by: { $0.key < $1.key }) {
        let code = unsafe rd_kafka_ConfigResource_set_config(object, name, value)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw .stop("\(topic), \(name): \(Kafka.describe(code))") }
      }
    }
    let errors = try unsafe request(
      RD_KAFKA_ADMIN_OP_ALTERCONFIGS, "alter configuration", timeoutMilliseconds,
      start: { options, queue in
        unsafe objects.withUnsafeMutableBufferPointer {
          unsafe rd_kafka_AlterConfigs(client.pointer, $0.baseAddress, $0.count, options, queue)
        }
      },
      read: { event -> [String: Answer]? in
        guard let result = unsafe rd_kafka_event_AlterConfigs_result(event) else { return nil }
        var count = 0
        guard let resources = unsafe rd_kafka_AlterConfigs_result_resources(result, &count) else { return nil }
        var errors: [String: Answer] = [:]
        for index in 0..<count {
          guard let resource = unsafe resources[index], let name = unsafe rd_kafka_ConfigResource_name(resource) else {
            continue
          }
          errors[unsafe String(cString: name)] = Answer(error: unsafe error(of: resource))
        }
        return errors
      })
    return complete(errors, Array(configs.keys))
  }

  /// The configuration of topics, or why there is none, by name.
  func describeConfigs(
    _ topics: [String], timeoutMilliseconds: Int32
  ) throws(KafkaError) -> [String: Result<Config, KafkaError>] {
    // An empty request is an error of its own.
    guard !topics.isEmpty else { return [:] }
    var objects: [OpaquePointer?] = unsafe []
    defer { unsafe objects.forEach { unsafe rd_kafka_ConfigResource_destroy($0) } }
    for topic in Set(topics).sorted() { unsafe objects.append(try unsafe resource(topic)) }
    return try unsafe request(
      RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, "describe topics", timeoutMilliseconds,
      start: { options, queue in
        unsafe objects.withUnsafeMutableBufferPointer {
          unsafe rd_kafka_DescribeConfigs(client.pointer, $0.baseAddress, $0.count, options, queue)
        }
      },
      read: { event -> [String: Result<Config, KafkaError>]? in
        guard let result = unsafe rd_kafka_event_DescribeConfigs_result(event) else { return nil }
        var count = 0
        guard let resources = unsafe rd_kafka_DescribeConfigs_result_resources(result, &count) else { return nil }
        var configs: [String: Result<Config, KafkaError>] = [:]
        for index in 0..<count {
          guard let resource = unsafe resources[index], let name = unsafe rd_kafka_ConfigResource_name(resource) else {
            continue
          }
          let outcome: Result<Config, KafkaError> =
            if let error = unsafe error(of: resource) { .failure(error) } else { .success(unsafe config(of: resource)) }
          configs[unsafe String(cString: name)] = outcome
        }
        return configs
      })
  }
}
