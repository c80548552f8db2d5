import Domain
import Foundation
import TestSupport
import Testing
import Wire

/// Requests that are nearly right, through decoder, stages and encoder.
@Suite struct RequestFuzzTests {
  /// Requests of a batch; also the pace at which the time is looked at.
  private static let batch = 64
  /// Longer ones are the table's: here they would be most of the work.
  private static let seedBytes = 4096

  @Test func `P7: whatever a batch holds, each request gets one response, the one that it gets alone`() throws {
    var run = FuzzRun("requests", seconds: 3)
    let corpus = try RequestCase.all().filter { $0.request.count <= Self.seedBytes }
    let releases = try RequestCase.releases()
    // By release, so that most of what is spliced is about the same inputs.
    // Good ones four times, since most mutations make a bad one.
    let mutators = Dictionary(grouping: corpus, by: \.release).mapValues { cases in
      Mutator(cases.flatMap { repeatElement($0.request, count: $0.status == "error" ? 1 : 4) })
    }
    // The releases by their shares of the table.
    let models = corpus.map(\.release)
    let (together, alone) = (RequestBench(releases), RequestBench(releases))
    var counts: [String: Int] = [:]
    while run.goesOn {
      let requests = (0..<Self.batch).map { _ in
        let release = models.randomElement(using: &run.generator) ?? ""
        // Now and then for a model that nobody serves: then only the identifier is read.
        let isServed = Int.random(in: 0..<32, using: &run.generator) > 0
        return (isServed ? release : "nobody", mutators[release]?.next(&run.generator) ?? [])
      }
      let answers = together.answer(requests)
      guard let answers else {
        Issue.record("not one response to each, seed \(run.generator.seed), case \(run.cases)")
        return
      }
      for (request, answer) in zip(requests, answers) {
        counts[answer.status, default: 0] += 1
        guard isLegal(answer), alone.answer([request]) == [answer] else {
          report(request, answer, alone.answer([request])?.first, run)
          return
        }
      }
      run.count(requests.count)
    }
    run.finish(counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
    #expect(run.cases > 0)
  }

  /// Whether a response is a document of JSON, also for another reader, with a status of the contract and its outcome.
  private func isLegal(_ answer: RequestBench.Answer) -> Bool {
    guard let status = ResponseStatus(rawValue: answer.status),
      answer.deadLetters == (status == .error ? 1 : 0), (try? JSON(parsing: Array(answer.response.utf8))) != nil,
      let object = (try? JSONSerialization.jsonObject(with: Data(answer.response.utf8))) as? [String: Any],
      object["id"] is String || object["id"] is NSNumber
    else { return false }
    let parameters = object["parameters"] as? [String: Any]
    guard (parameters ?? object)["status"] as? String == status.rawValue else { return false }
    if let error = object["error"] as? [String: Any] { return status == .error && isLegal(error) }
    if let outputs = object["outputs"] as? [String: Any] { return status == .ok && !outputs.isEmpty }
    if let rows = object["rows"] as? [[String: Any]] { return isLegal(rows, status) }
    return parameters != nil && object["outputs"] is [Any]
  }

  private func isLegal(_ error: [String: Any]) -> Bool {
    guard let reason = (error["reason"] as? String).flatMap(ResponseReason.init(rawValue:)) else { return false }
    let message = error["message"] as? String ?? ""
    return error["code"] as? String == reason.code && !message.isEmpty && message.utf8.count <= Limits.errorMessageBytes
  }

  private func isLegal(_ rows: [[String: Any]], _ status: ResponseStatus) -> Bool {
    let errors = rows.compactMap { $0["error"] as? [String: Any] }
    let outputs = rows.count { $0["outputs"] is [String: Any] }
    let expected: ResponseStatus = errors.isEmpty ? .ok : outputs == 0 ? .error : .partial
    return !rows.isEmpty && errors.allSatisfy(isLegal) && errors.count + outputs == rows.count && status == expected
  }

  private func report(
    _ request: (String, [UInt8]), _ answer: RequestBench.Answer, _ alone: RequestBench.Answer?, _ run: FuzzRun
  ) {
    Issue.record(
      """
      seed \(run.generator.seed), behind case \(run.cases)
      request to \(request.0) as base64 \(Data(request.1).base64EncodedString())
      request  \(String(decoding: request.1.prefix(2000), as: UTF8.self))
      in batch \(answer)
      alone    \(alone.map { "\($0)" } ?? "not one response")
      """)
  }
}
