import Domain
import Foundation
import Serving
import Wire

/// What the contract demands of every response to a model, whatever the request was.
struct ResponseRules {
  private let outputs: [ColumnDescriptor]
  /// Who may answer in place of the release, as remarks name them.
  private let standIns: [String]
  /// Whether what is answered depends on the rows before.
  let followsAverages: Bool

  /// The rules of a model that may be served by none of the releases.
  init(_ model: String, _ releases: [LoadedRelease], _ fallbacks: [String: [FallbackStep]]) {
    let own = releases.filter { $0.identity.model == model }
    outputs = own.first?.manifest.outputs.map(\.column) ?? []
    followsAverages = own.first?.manifest.answerGuard?.movingAverages.isEmpty == false
    standIns = (fallbacks[model] ?? []).compactMap { step in
      switch step {
      case .previous: own.dropFirst().first.map { "\($0.identity.model) \($0.identity.version)" }
      case .model(let name):
        releases.first { $0.identity.model == name }.map { "\($0.identity.model) \($0.identity.version)" }
      case .constant: own.first.map { "the constant of \($0.identity.model) \($0.identity.version)" }
      }
    }
  }

  /// What is wrong with an answer; nil if it is a document of JSON, also for another reader, as the contract has it.
  func problem(_ answer: RequestBench.Answer, to request: [UInt8]) -> String? {
    guard let status = ResponseStatus(rawValue: answer.status) else { return "no status of the contract" }
    guard answer.deadLetters == (status == .error ? 1 : 0) else { return "\(answer.deadLetters) dead letters" }
    guard (try? JSON(parsing: Array(answer.response.utf8))) != nil,
      let object = (try? JSONSerialization.jsonObject(with: Data(answer.response.utf8))) as? [String: Any]
    else { return "no object of JSON" }
    guard object["id"] is String || object["id"] is NSNumber else { return "no identifier" }
    let parameters = object["parameters"] as? [String: Any]
    guard (parameters ?? object)["status"] as? String == status.rawValue else { return "another status in the body" }
    if let rows = object["rows"] { return problem(rows: rows, status) }
    if let tensors = object["outputs"] as? [[String: Any]] {
      return TensorRules(outputs: chosen(by: request), standIns: standIns).problem(tensors, status)
    }
    return problem(row: object, status)
  }

  /// The outputs that a body of tensors must get; nil in place of what cannot be told.
  private func chosen(by request: [UInt8]) -> [ColumnDescriptor]? {
    let mentions = String(decoding: request, as: UTF8.self).ranges(of: #""outputs""#).count
    guard mentions > 0 else { return outputs }
    guard mentions == 1, let body = try? JSONSerialization.jsonObject(with: Data(request)) as? [String: Any],
      let list = body["outputs"] as? [[String: Any]]
    else { return nil }
    var chosen: [ColumnDescriptor] = []
    for name in list.compactMap({ $0["name"] as? String }) where !chosen.contains(where: { $0.name == name }) {
      chosen += outputs.filter { $0.name == name }
    }
    return list.isEmpty ? outputs : chosen
  }

  // MARK: Contexts and arrays

  private func problem(rows: Any, _ status: ResponseStatus) -> String? {
    guard let rows = rows as? [[String: Any]], !rows.isEmpty else { return "no rows" }
    var failed = 0
    for row in rows {
      let isFailed = row["error"] != nil
      if isFailed { failed += 1 }
      let written = row["status"] as? String
      guard (written == nil) == (row["status"] == nil), written != "ok" else { return "a row's status is \(row)" }
      guard let own = ResponseStatus(rawValue: written ?? (isFailed ? "error" : "ok")) else { return "\(row)" }
      if let problem = problem(row: row, own) { return problem }
    }
    let expected: ResponseStatus = failed == 0 ? .ok : failed == rows.count ? .error : .partial
    return status == expected ? nil : "\(failed) of \(rows.count) rows failed"
  }

  /// Of a row or a context: what stands in it must be what its status promises, and nothing else.
  private func problem(row: [String: Any], _ status: ResponseStatus) -> String? {
    let parts = ["outputs", "error", "guard", "alternatives", "fallback"].filter { row[$0] != nil }
    let expected: [[String]] =
      switch status {
      case .ok: [["outputs"]]
      case .error: [["error"]]
      case .fallback: [["outputs", "fallback"]]
      case .abstained, .held: [["guard"]]
      case .prompt: [["outputs", "guard"], ["guard", "alternatives"]]
      case .partial: []
      }
    guard expected.contains(parts) else { return "\(status) with \(parts)" }
    if let made = row["outputs"], !isComplete(made) { return "outputs are \(made)" }
    switch status {
    case .error: return isError(row["error"]) ? nil : "error is \(row["error"] ?? "")"
    case .fallback: return isFallback(row["fallback"]) ? nil : "fallback is \(row["fallback"] ?? "")"
    case .abstained, .prompt, .held: return problem(guard: row["guard"], row["alternatives"], status)
    case .ok, .partial: return nil
    }
  }

  private func isComplete(_ outputs: Any) -> Bool {
    guard let made = outputs as? [String: Any], made.count == self.outputs.count else { return false }
    return self.outputs.allSatisfy { output in
      guard let value = made[output.name] else { return false }
      let elements = output.width == 1 ? [value] : value as? [Any] ?? []
      return elements.count == output.width
        && elements.allSatisfy { output.datatype == .bytes ? $0 is String : $0 is NSNumber }
    }
  }

  private func isError(_ error: Any?) -> Bool {
    guard let error = error as? [String: Any], let reason = reason(of: error) else { return false }
    return error["code"] as? String == reason.code
  }

  private func isFallback(_ fallback: Any?) -> Bool {
    guard let fallback = fallback as? [String: Any], let model = fallback["model"] as? String,
      let version = fallback["version"] as? String, let reason = reason(of: fallback)
    else { return false }
    let constant = fallback["constant"] as? Bool == true ? "the constant of " : ""
    return standIns.contains("\(constant)\(model) \(version)")
      && [.modelFailed, .outputRejected, .lowConfidence].contains(reason)
  }

  private func problem(guard rules: Any?, _ alternatives: Any?, _ status: ResponseStatus) -> String? {
    guard let rules = rules as? [String: Any], let reason = reason(of: rules),
      reason == (status == .held ? .heldForReview : .lowConfidence)
    else { return "guard is \(rules ?? "")" }
    guard (rules["outputs"] != nil) == (status == .held), rules["outputs"].map(isComplete) ?? true else {
      return "guard shows \(rules)"
    }
    guard let alternatives else { return nil }
    guard let list = alternatives as? [[String: Any]], !list.isEmpty else { return "alternatives \(alternatives)" }
    let likelihoods = list.compactMap { ($0["probability"] as? NSNumber)?.doubleValue }
    guard likelihoods.count == list.count, likelihoods == likelihoods.sorted(by: >) else {
      return "alternatives \(alternatives)"
    }
    return list.allSatisfy { $0["label"] != nil && $0.count == 2 } ? nil : "alternatives \(alternatives)"
  }

  /// The reason of an error, guard or fallback that also has a message, and no longer one than may be.
  private func reason(of part: [String: Any]) -> ResponseReason? {
    guard let message = part["message"] as? String, !message.isEmpty, message.utf8.count <= Limits.errorMessageBytes
    else { return nil }
    return (part["reason"] as? String).flatMap(ResponseReason.init(rawValue:))
  }
}
