import Domain

/// Topics that exist as the test says.
final class FakeDestinations: Destinations {
  var replyPartitions: [String: Int32] = [:]
  var limits: [ResponseBatch.Destination: Int] = [:]
  var responsePartitionCount: Int32 = 4
  var deadLetterPartitionCount: Int32 = 2

  func partitionCount(ofReplyTopic topic: String) -> Int32? { replyPartitions[topic] }
  func byteLimit(of destination: ResponseBatch.Destination) -> Int { limits[destination] ?? Limits.responseBytes }
}
