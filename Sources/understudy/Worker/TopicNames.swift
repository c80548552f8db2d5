import Domain

/// The topics of one deployment by role, as everything but `understudy topics` needs them.
struct TopicNames: Sendable, Equatable {
  /// Topics of requests, each with the model of those that name none.
  var requests: [(name: String, model: String?)]
  var responses: String
  var deadLetters: String
  var control: String
  var events: String
  var status: String
  var releases: String
  /// Partitions of each topic by name, as far as the file says.
  var partitions: [String: Int]

  /// Every name.
  var all: [String] { requests.map(\.name) + [responses, deadLetters, control, events, status, releases] }

  static func == (left: TopicNames, right: TopicNames) -> Bool {
    left.all == right.all && left.partitions == right.partitions
      && left.requests.map(\.model) == right.requests.map(\.model)
  }
}
