import Domain

/// The contract's example of a file of topics.
enum SampleTopics {
  static func file(_ change: (inout TopicsFile) -> Void = { _ in }) -> TopicsFile {
    var file = TopicsFile(
      defaults: .init(partitions: 6, config: ["compression.type": "producer"]),
      topics: [
        .init(role: .requests, name: "understudy.requests", model: "car-loan"),
        .init(role: .responses, name: "understudy.responses"),
        .init(role: .deadLetters, name: "understudy.dead-letters"),
        .init(role: .control, name: "understudy.control"), .init(role: .events, name: "understudy.events"),
        .init(role: .status, name: "understudy.status"), .init(role: .releases, name: "understudy.releases"),
      ])
    change(&file)
    return file
  }
}
