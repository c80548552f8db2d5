import Domain
import Foundation

/// What the contract demands of the `outputs` of an Open Inference response.
struct TensorRules {
  /// Those that the request chose, in its order; nil if that cannot be told.
  let outputs: [ColumnDescriptor]?
  /// Who may answer in place of the release.
  let standIns: [String]

  /// What is wrong with the tensors; nil if nothing is.
  func problem(_ tensors: [[String: Any]], _ status: ResponseStatus) -> String? {
    let isText = { (tensor: [String: Any]) in (tensor["name"] as? String ?? "").hasPrefix("row_") }
    let made = tensors.filter { !isText($0) }
    let texts = tensors.filter(isText)
    let names = texts.compactMap { $0["name"] as? String }
    let remarked = ["row_status", "row_remark"]
    guard [[], ["row_error"], remarked, ["row_error"] + remarked].contains(names) else { return "there are \(names)" }
    guard let rows = (tensors.first?["shape"] as? [Int])?.first, rows > 0 else { return "no shape" }
    for tensor in tensors {
      guard let shape = tensor["shape"] as? [Int], let data = tensor["data"] as? [Any], shape.first == rows,
        shape.count <= 2, data.count == shape.reduce(1, *)
      else { return "data of \(tensor["name"] ?? "") does not fit its shape" }
    }
    if let outputs {
      guard made.map({ $0["name"] as? String }) == outputs.map({ $0.name }),
        made.map({ $0["datatype"] as? String }) == outputs.map({ $0.datatype.rawValue }),
        zip(made, outputs).allSatisfy({ ($0["shape"] as? [Int])?.dropFirst().first ?? 1 == $1.width })
      else { return "not the outputs that were chosen" }
    }
    let errors = text("row_error", texts) ?? Array(repeating: "", count: rows)
    let states = text("row_status", texts)
    let remarks = text("row_remark", texts)
    let failed = errors.count { !$0.isEmpty }
    guard status == (failed == 0 ? .ok : failed == rows ? .error : .partial) else { return "\(failed) rows failed" }
    for row in 0..<rows {
      let state = states?[row] ?? (errors[row].isEmpty ? "ok" : "error")
      let problem = problem(state, errors[row], remarks?[row] ?? "")
      if let problem { return "row \(row): \(problem)" }
      guard ["error", "abstained", "held"].contains(state) else { continue }
      guard made.allSatisfy({ isBlank($0, row, of: rows) }) else { return "row \(row) is \(state) and shown" }
    }
    return nil
  }

  /// Of one row: whether its status, error and remark say the same.
  private func problem(_ state: String, _ error: String, _ remark: String) -> String? {
    guard let status = ResponseStatus(rawValue: state), status != .partial else { return "its status is \(state)" }
    guard max(error.utf8.count, remark.utf8.count) <= Limits.errorMessageBytes else { return "it says too much" }
    guard error.isEmpty == (status != .error) else { return "it is \(state), with the error \(error)" }
    guard remark.isEmpty == (status == .error || status == .ok) else { return "it is \(state), with \(remark)" }
    for text in [error, remark] where !text.isEmpty {
      let reason = text.firstRange(of: ": ").flatMap { ResponseReason(rawValue: String(text[..<$0.lowerBound])) }
      if reason == nil { return "\(text) has no reason" }
    }
    guard status == .fallback else { return nil }
    return standIns.contains { remark.hasSuffix("; answered by \($0)") } ? nil : "\(remark) does not say who answered"
  }

  private func text(_ name: String, _ tensors: [[String: Any]]) -> [String]? {
    tensors.first { $0["name"] as? String == name }?["data"] as? [String]
  }

  /// Whether nothing of a row can be taken for an answer.
  private func isBlank(_ tensor: [String: Any], _ row: Int, of rows: Int) -> Bool {
    guard let data = tensor["data"] as? [Any] else { return false }
    let width = data.count / rows
    return data[row * width..<(row + 1) * width].allSatisfy { element in
      element is NSNull || element as? String == "" || (element as? NSNumber)?.doubleValue == 0
    }
  }
}
