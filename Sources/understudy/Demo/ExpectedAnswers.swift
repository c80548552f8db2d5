import Domain
import Serving
import Wire

/// Computes what a release answers to rows, without a broker.
enum ExpectedAnswers {
  /// The outputs for each context.
  static func compute(_ release: LoadedRelease, contexts: [[UInt8]]) throws -> [Account.Outputs] {
    let runner = OfflineRunner(release, decoder: JSONRequestDecoder(), encoder: JSONResponseEncoder())
    return try runner.answer(contexts).map { answer in
      guard let outputs = Account.outputs(try JSON(parsing: answer.bytes)) else {
        throw CommandFailure.failed(
          "\(release.identity) does not answer the demo's rows: \(String(decoding: answer.bytes, as: UTF8.self))")
      }
      return outputs
    }
  }
}
