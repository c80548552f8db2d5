import Domain

/// The parts of a response that are the same for every request that one origin answers, as ready text.
final class ResponseHead {
  /// Whose they are; holding on to it keeps its identity from being used again.
  let origin: ResponseOrigin
  /// `,"model":…,"version":…,"digest":…,"worker":…,"generation":…,`, as far as the origin has them.
  let context: [UInt8]
  /// What a context that is answered well has between its identifier and the value of the first output:
  /// `,"status":"ok","model":…,"outputs":{"name":`.
  let okContext: [UInt8]
  /// `,"model_name":…,"model_version":…`; no version when no release answers.
  let openInference: [UInt8]
  /// `,"worker":…,"generation":…}}`: how the parameters and with them an Open Inference response end.
  let openInferenceEnd: [UInt8]
  /// For each output `"name":`, with a comma before it from the second on.
  let keys: [[UInt8]]
  /// `"outputs":{`, or what the origin calls them.
  let outputs: [UInt8]
  /// For each output `{"name":…,"datatype":…,"shape":[`.
  let tensors: [[UInt8]]

  /// The texts of an origin.
  init(_ origin: ResponseOrigin) {
    self.origin = origin
    let model = Self.quoted(origin.model)
    let digest = origin.digest.map { ",\"digest\":\(Self.quoted($0))" } ?? ""
    let worker = origin.worker.map { ",\"worker\":\(Self.quoted($0)),\"generation\":\(origin.generation)" } ?? ""
    let place = digest + worker
    let version = origin.version.map(Self.quoted)
    context = Array((",\"model\":\(model)" + (version.map { ",\"version\":\($0)" } ?? "") + place + ",").utf8)
    openInference = Array((",\"model_name\":\(model)" + (version.map { ",\"model_version\":\($0)" } ?? "")).utf8)
    openInferenceEnd = Array((place + "}}").utf8)
    outputs = Array("\(Self.quoted(origin.outputsName)):{".utf8)
    keys = origin.outputs.enumerated().map { number, output in
      Array("\(number > 0 ? "," : "")\(Self.quoted(output.column.name)):".utf8)
    }
    okContext = Array(",\"status\":\"ok\"".utf8) + context + outputs + (keys.first ?? [])
    tensors = origin.outputs.map { output in
      let name = Self.quoted(output.column.name)
      return Array("{\"name\":\(name),\"datatype\":\"\(output.column.datatype.rawValue)\",\"shape\":[".utf8)
    }
  }

  private static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    bytes.append(json: text)
    return String(decoding: bytes, as: UTF8.self)
  }
}
