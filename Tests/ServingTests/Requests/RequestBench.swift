import Domain
import Serving

/// The data path of one lane with the releases of the table, each its own model.
final class RequestBench {
  private let bench: Bench
  private var sent = 0

  init(_ releases: [LoadedRelease]) {
    bench = Bench(ServingPolicy(worker: "offline", group: "g", defaultModel: "types"))
    bench.publish(releases, generation: 1)
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
