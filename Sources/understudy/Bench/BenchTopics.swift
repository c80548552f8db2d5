import Domain
import Foundation
import Kafka
import Logging

/// The topics of one bench: its own, under a name that no other has, so that nothing is disturbed and nothing left.
struct BenchTopics: Sendable {
  /// In front of every name; also the group, and with it all transactional ids.
  let prefix: String
  let file: TopicsFile

  init(partitions: Int) {
    prefix = "understudy-bench-\(UUID().uuidString.prefix(8).lowercased())"
    let prefix = prefix
    func entry(_ role: TopicRole, _ partitions: Int? = nil) -> TopicsFile.Entry {
      .init(role: role, name: "\(prefix).\(role.rawValue)", partitions: partitions)
    }
    file = TopicsFile(
      defaults: .init(partitions: 1),
      topics: [
        entry(.requests, partitions), entry(.responses, partitions), entry(.deadLetters, partitions), entry(.control),
        entry(.events), entry(.status), entry(.releases),
      ])
  }

  var names: TopicNames { TopicNames(file) }

  /// Makes them on a named broker; the embedded one is given them when it starts.
  func create(_ properties: ClientProperties, _ logger: Logger) throws {
    let admin = try TopicAdmin(properties: properties, clientID: "understudy-bench", logger: logger)
    let results = try admin.apply(TopicPlan(file, actual: try admin.describe(topics: names.all)))
    for case let error? in results.map(\.error) { throw CommandFailure.failed("topics of the bench: \(error)") }
  }

  /// Removes them from a named broker; says which are left.
  func remove(_ properties: ClientProperties, _ logger: Logger) {
    do {
      let admin = try TopicAdmin(properties: properties, clientID: "understudy-bench", logger: logger)
      let there = try admin.describe(topics: names.all).keys.sorted()
      let errors = try admin.remove(there)
      guard errors.isEmpty else { return complain(errors.keys.sorted(), "\(errors.values.map(\.description))") }
    } catch { complain(names.all, "\(error)") }
  }

  private func complain(_ topics: [String], _ reason: String) {
    Terminal.complain("topics of the bench are left: \(topics.joined(separator: " ")): \(reason)")
  }
}
