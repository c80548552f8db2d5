import Domain

/// Destinations where nothing is produced: room for everything, and no reply topics.
package final class NoDestinations: Destinations {
  package init() {}

  package func partitionCount(ofReplyTopic topic: String) -> Int32? { nil }
  package func byteLimit(of destination: ResponseBatch.Destination) -> Int { .max }
  package var responsePartitionCount: Int32 { 1 }
  package var deadLetterPartitionCount: Int32 { 1 }
}
