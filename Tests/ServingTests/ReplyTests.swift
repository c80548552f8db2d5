import Domain
import Serving
import Testing

/// Where answers go when a request names a reply topic.
struct ReplyTests {
  static func bench() throws -> Bench {
    let policy = ServingPolicy(
      worker: "w-0", group: "g", defaultModel: "loan", isReplyTopicAllowed: { $0.hasPrefix("replies.") })
    let bench = Bench([try SampleRelease.load("1")], policy: policy)
    bench.destinations.replyPartitions = ["replies.a": 3, "secret": 3]
    return bench
  }

  @Test func `an allowed reply topic gets the answer, in the partition of the request`() throws {
    let answers = try Self.bench().send(#"{"age":1}"#, [RecordHeader("kafka_replyTopic", "replies.a")])
    try #require(answers.map(\.destination) == [.reply("replies.a")])
    #expect(answers[0].partition == 2, "partition 5 of the requests, modulo 3")
    #expect(answers[0].header("x-status") == "ok")
  }

  @Test func `an error goes to the reply topic too, its dead letter does not`() throws {
    let answers = try Self.bench().send("{", [RecordHeader("kafka_replyTopic", "replies.a")])
    try #require(answers.map(\.destination) == [.reply("replies.a"), .deadLetters])
  }

  @Test func `a reply partition is four bytes, most significant first`() throws {
    for partition in UInt8(0)..<3 {
      let answers = try Self.bench().send(
        #"{"age":1}"#,
        [RecordHeader("kafka_replyTopic", "replies.a"), RecordHeader("kafka_replyPartition", [0, 0, 0, partition])])
      #expect(answers[0].destination == .reply("replies.a"))
      #expect(answers[0].partition == Int32(partition))
    }
  }

  @Test(arguments: [
    [0, 0, 0, 3], [0, 0, 1, 0], [0xff, 0xff, 0xff, 0xff], [1], [], [0, 0, 0, 0, 1], Array("1".utf8),
    Array(repeating: UInt8(0xff), count: 100),
  ])
  func `a reply partition that does not exist is denied`(bytes: [UInt8]) throws {
    let answers = try Self.bench().send(
      #"{"age":1}"#, [RecordHeader("kafka_replyTopic", "replies.a"), RecordHeader("kafka_replyPartition", bytes)])
    try #require(answers.map(\.destination) == [.responses, .deadLetters])
    #expect(answers[0].text.contains(#""code":"PERMISSION_DENIED","reason":"reply_topic_denied""#))
    #expect(answers[0].text.contains("kafka_replyPartition is not one of the 3 partitions of replies.a"))
    #expect(answers[1].header("__connect.errors.stage") == "REPLY")
  }

  @Test(arguments: [
    ("secret", "kafka_replyTopic is not on this worker's allow-list (replies.allow)"),
    ("replies.gone", "the reply topic replies.gone does not exist or cannot be written to"),
    ("", "kafka_replyTopic is not on this worker's allow-list (replies.allow)"),
  ])
  func `a reply topic that may not be written to is denied on the responses topic`(topic: String, message: String)
    throws
  {
    let answers = try Self.bench().send([
      Bench.Request(#"{"id":"x","age":1}"#, [RecordHeader("kafka_replyTopic", topic)]), Bench.Request(#"{"age":1}"#),
    ])
    try #require(answers.map(\.destination) == [.responses, .deadLetters, .responses])
    #expect(answers[0].text.hasPrefix(#"{"id":"x","status":"error","model":"loan","version":"1""#))
    #expect(answers[0].text.contains(#""reason":"reply_topic_denied","message":"\#(message)""#))
    #expect(answers[2].header("x-status") == "ok")
  }

  @Test func `a reply topic that is no text is denied`() throws {
    let answers = try Self.bench().send(#"{"age":1}"#, [RecordHeader("kafka_replyTopic", [0xff, 0xfe])])
    #expect(answers[0].text.contains(#""reason":"reply_topic_denied""#))
  }

  @Test func `an empty partition count does not trap`() throws {
    let bench = try Self.bench()
    bench.destinations.responsePartitionCount = 0
    bench.destinations.deadLetterPartitionCount = 0
    bench.destinations.replyPartitions["replies.a"] = 0
    let answers = bench.send("{", [RecordHeader("kafka_replyTopic", "replies.a")])
    #expect(answers.map(\.partition) == [0, 0])
  }
}
