/// A command with what all commands take.
package struct CommandEnvelope: Sendable, Equatable {
  /// The idempotency key (CloudEvents `id`).
  package var id: String
  /// The sender (CloudEvents `source`): a claim, for the log.
  package var source: String
  /// What is asked.
  package var command: Command
  /// Milliseconds since 1970 after which a record of this command came too late; compared with the record's own time.
  package var expiresAt: Int64?
  /// The version that must be live when the command is accepted and when it takes effect.
  package var ifCurrent: String?
  /// Fetch, prove and report, but switch nothing.
  package var isDryRun: Bool
  /// Only these groups; nil means all.
  package var targetGroups: [String]?
  /// Only these workers (slots); nil means all.
  package var targetWorkers: [String]?

  /// An envelope.
  package init(
    id: String, source: String, command: Command, expiresAt: Int64? = nil, ifCurrent: String? = nil,
    isDryRun: Bool = false, targetGroups: [String]? = nil, targetWorkers: [String]? = nil
  ) {
    self.id = id
    self.source = source
    self.command = command
    self.expiresAt = expiresAt
    self.ifCurrent = ifCurrent
    self.isDryRun = isDryRun
    self.targetGroups = targetGroups
    self.targetWorkers = targetWorkers
  }

  /// Whether a worker is meant.
  package func targets(group: String, worker: String) -> Bool {
    (targetGroups?.contains(group) ?? true) && (targetWorkers?.contains(worker) ?? true)
  }
}

/// A record that is not hot: of the control, events, status or releases topic.
package struct TopicRecord: Sendable, Equatable {
  /// Partition number.
  package var partition: Int32
  /// Offset in its partition.
  package var offset: Int64
  /// Milliseconds since 1970, or -1.
  package var timestamp: Int64
  /// The key; nil for null.
  package var key: [UInt8]?
  /// The value; nil for a tombstone.
  package var value: [UInt8]?
  /// The headers in order; a value may be null.
  package var headers: [RecordHeader]

  /// A record.
  package init(
    partition: Int32 = 0, offset: Int64 = -1, timestamp: Int64 = -1, key: [UInt8]? = nil, value: [UInt8]? = nil,
    headers: [RecordHeader] = []
  ) {
    self.partition = partition
    self.offset = offset
    self.timestamp = timestamp
    self.key = key
    self.value = value
    self.headers = headers
  }

  /// The last header of this name as text, if it is there and UTF-8.
  package func header(_ name: String) -> String? {
    headers.last { $0.name == name }?.value.flatMap { String(validating: $0, as: UTF8.self) }
  }
}

/// A header of a record that is not hot.
package struct RecordHeader: Sendable, Equatable {
  package var name: String
  package var value: [UInt8]?

  /// A header.
  package init(_ name: String, _ value: [UInt8]?) {
    self.name = name
    self.value = value
  }

  /// A header with a text.
  package init(_ name: String, _ text: String) {
    self.init(name, Array(text.utf8))
  }
}
