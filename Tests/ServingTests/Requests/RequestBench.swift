import Domain
import Serving

/// The data path of one lane with the releases of the table, each model with its fallbacks.
final class RequestBench {
  private let bench: Bench
  private var sent = 0

  /// A bench where the first release of each model is live, and a second one was live before.
  /// - Parameter averages: what rows are held by; nothing is held unless it is given.
  init(_ releases: [LoadedRelease], _ fallbacks: [String: [FallbackStep]], averages: MovingAverages? = nil) {
    bench = Bench(
      ServingPolicy(worker: "offline", group: "g", defaultModel: "types", fallbacks: fallbacks), averages: averages)
    bench.table.publish(
      Dictionary(grouping: releases, by: \.identity.model).mapValues { releases in
        ModelRoute(live: releases.first, previous: releases.dropFirst().first, generation: 1, pinnable: [:])
      })
    _ = bench.pipeline.beginTransaction(1)
  }

  /// What one request got.
  struct Answer: Equatable {
    var status: String
    /// The response, `$id` for an identifier that is only the record's place.
    var response: String
    /// Dead letters behind it.
    var deadLetters: Int
  }

  /// Answers requests in one batch.
  /// - Returns: nil if there is not exactly one response to each, in their order, with its dead letter behind it.
  func answer(_ requests: [(release: String, value: [UInt8])]) -> [Answer]? {
    let records = bench.send(
      requests.map { request in
        var record = Bench.Request(nil, [RecordHeader("x-model", Array(request.release.utf8))])
        record.value = request.value
        return record
      })
    var answers: [Answer] = []
    for record in records {
      if record.destination == .deadLetters {
        guard record.request == answers.count - 1, record.value == requests[record.request].value else { return nil }
        answers[answers.count - 1].deadLetters += 1
        continue
      }
      guard record.request == answers.count, let status = record.header("x-status") else { return nil }
      let place = #"{"id":"requests-5-\#(sent + record.request)""#
      let text = record.text
      let response = text.hasPrefix(place) ? #"{"id":"$id""# + text.dropFirst(place.count) : text
      answers.append(Answer(status: status, response: response, deadLetters: 0))
    }
    sent += requests.count
    return answers.count == requests.count ? answers : nil
  }
}
