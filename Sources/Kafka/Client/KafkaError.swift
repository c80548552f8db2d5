import CRdKafka

/// A failure of the Kafka room, by what the caller must do.
package enum KafkaError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Try again later: brokers away, timeouts.
  case retry(String)
  /// Another process owns the slot: exit 75.
  case fenced(String)
  /// Give up and tell the user: configuration, authorisation, lost offsets.
  case stop(String)
  /// A record is larger than its topic takes: the same again helps no more than waiting does.
  case tooLarge(String)

  package var description: String {
    switch self {
    case .retry(let message), .fenced(let message), .stop(let message), .tooLarge(let message): message
    }
  }
}

/// A code of librdkafka as text, e.g. `Broker: Unknown member`.
func describe(_ code: rd_kafka_resp_err_t) -> String {
  guard let text = unsafe rd_kafka_err2str(code) else { return "error \(code.rawValue)" }
  return unsafe String(cString: text)
}

/// Whether a code says that the user lacks a right: only the user can mend that, so that nothing is tried again.
func isDenial(_ code: rd_kafka_resp_err_t) -> Bool {
  code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED
    || code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED
    || code == RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED
}

extension KafkaError {
  /// A right is missing.
  /// - Parameter what: for which it was needed.
  static func denied(_ what: String, _ code: rd_kafka_resp_err_t) -> KafkaError {
    .stop("\(what): \(describe(code)); `understudy topics acl` prints the rights that a worker needs")
  }
}

/// What a transactional call came to: nil, or an error object that is read once and destroyed.
///
/// Order of the questions: fatal, then abortable, then retriable; anything else counts as fatal.
struct TransactionFailure: Error, Equatable, CustomStringConvertible {
  let code: rd_kafka_resp_err_t
  let disposition: Disposition
  let description: String

  enum Disposition: Equatable {
    /// The producer is dead; the outcome of its transaction is the broker's to tell.
    case fatal
    /// Abort the transaction and rewind.
    case abort
    /// Make the same call again.
    case retry
  }

  /// Reads and destroys an error object.
  init?(_ error: OpaquePointer?) {
    guard let error = unsafe error else { return nil }
    defer { unsafe rd_kafka_error_destroy(error) }
    code = unsafe rd_kafka_error_code(error)
    if unsafe rd_kafka_error_is_fatal(error) != 0 {
      disposition = .fatal
    } else if unsafe rd_kafka_error_txn_requires_abort(error) != 0 {
      disposition = .abort
    } else if unsafe rd_kafka_error_is_retriable(error) != 0 {
      disposition = .retry
    } else {
      disposition = .fatal
    }
    description = unsafe String(cString: rd_kafka_error_string(error))
  }

  /// A record was not taken.
  /// - Parameter fatal: what the client has failed of before, which `code` does not tell: it decides what follows, such as
  ///   a newer owner of the client's id.
  init(
    producing code: rd_kafka_resp_err_t, to topic: String,
    fatal: @autoclosure () -> (code: rd_kafka_resp_err_t, text: String)?
  ) {
    let isFatal = code == RD_KAFKA_RESP_ERR__FATAL || code == RD_KAFKA_RESP_ERR__FENCED
    let reason = isFatal ? fatal() : nil
    self.init(
      code: reason?.code ?? code, disposition: isFatal ? .fatal : .abort,
      description: "cannot produce to \(topic): \(reason?.text ?? describe(code))")
  }

  /// A failure that the caller found itself.
  init(code: rd_kafka_resp_err_t, disposition: Disposition, description: String) {
    self.code = code
    self.disposition = disposition
    self.description = description
  }

  /// Whether the broker knows a newer owner of the transactional id, or timed the transaction out: librdkafka cannot
  /// tell which.
  var isFenced: Bool { code == RD_KAFKA_RESP_ERR__FENCED }
  /// Whether the client refused a record for what it is, and not every record for the state that it is in.
  var isOfRecord: Bool {
    disposition == .abort && code != RD_KAFKA_RESP_ERR__STATE && code != RD_KAFKA_RESP_ERR__QUEUE_FULL
  }
  /// Whether another consumer has taken the static member's place.
  var isInstanceFenced: Bool { code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID }
}
