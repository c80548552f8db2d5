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

  /// The topics of a file that was checked.
  init(_ file: TopicsFile) {
    requests = file.entries(.requests).map { ($0.name, $0.model) }
    func name(_ role: TopicRole) -> String { file.name(role) ?? "understudy.\(role.rawValue)" }
    responses = name(.responses)
    deadLetters = name(.deadLetters)
    control = name(.control)
    events = name(.events)
    status = name(.status)
    releases = name(.releases)
    partitions = file.desired.reduce(into: [:]) { $0[$1.name] = $1.partitions ?? 1 }
  }

  /// Every name.
  var all: [String] { requests.map(\.name) + [responses, deadLetters, control, events, status, releases] }

  static func == (left: TopicNames, right: TopicNames) -> Bool {
    left.all == right.all && left.partitions == right.partitions
      && left.requests.map(\.model) == right.requests.map(\.model)
  }
}
