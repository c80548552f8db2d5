import Domain
import Wire

/// The account of a demonstration, for people and programs.
struct DemoResult: Sendable {
  let account: Account
  let commands: [Command]
  /// Requests that the broker acknowledged to the load.
  let expected: Int

  /// A command and what followed.
  struct Command: Sendable {
    let name: String
    let id: String
    /// Whether it is one of many that are told of together.
    let isRepeated: Bool
    /// When its record was published, milliseconds since 1970.
    private(set) var sentAt: Int64?

    init(_ name: String, id: String, isRepeated: Bool = false) {
      self.name = name
      self.id = id
      self.isRepeated = isRepeated
    }

    /// The time of the command, from the topics.
    func timed(by reader: AccountReader) -> Command {
      var copy = self
      copy.sentAt = reader.time(of: id)
      return copy
    }
  }

  /// Whether every request was answered exactly once, in order, by the release that the answer names.
  var isGood: Bool { account.isGood && account.sent == expected }

  /// Milliseconds from each command to the first response of the generation that it began.
  private var allDelays: [(command: Command, milliseconds: Int64?)] {
    commands.enumerated().map { position, command in
      guard let sent = command.sentAt, let first = account.firstResponses[position + 1] else { return (command, nil) }
      return (command, first.time - sent)
    }
  }

  private var delays: [(name: String, milliseconds: Int64?)] {
    allDelays.filter { !$0.command.isRepeated }.map { ($0.command.name, $0.milliseconds) }
  }

  /// Of the repeated rollbacks: how many, the median and the 99th percentile (nearest rank) in milliseconds.
  private var repeated: (count: Int, median: Int64, ninetyNinth: Int64)? {
    let sorted = allDelays.filter(\.command.isRepeated).compactMap(\.milliseconds).sorted()
    guard !sorted.isEmpty else { return nil }
    func percentile(_ share: Int) -> Int64 { sorted[max(0, (sorted.count * share + 99) / 100 - 1)] }
    return (sorted.count, percentile(50), percentile(99))
  }

  var text: String {
    var lines = [
      "", "account, read from the topics", "  requests sent             \(account.sent)",
      "  answered exactly once     \(account.answeredOnce)", "  not answered              \(account.unanswered)",
      "  answered twice            \(account.doubled)", "  out of order              \(account.outOfOrder)",
      "  not what the release says \(account.wrong)", "  errors                    \(account.errors)",
    ]
    for (version, count) in account.answersByVersion.sorted(by: { $0.key < $1.key }) {
      lines.append("  answered by \(version)         \(count)")
    }
    lines.append(
      "from command to the first answer of the new release (the first joins the group: 3 s with the embedded broker)")
    for (name, milliseconds) in delays {
      lines.append("  \(name.padded(to: 25)) \(milliseconds.map { "\($0) ms" } ?? "none")")
    }
    if let repeated {
      lines.append(
        "  \(repeated.count) rollbacks".padded(to: 27) + " median \(repeated.median) ms, p99 \(repeated.ninetyNinth) ms"
      )
    }
    lines.append("first offset of each release, by partition")
    for (partition, switches) in account.switches.sorted(by: { $0.key < $1.key }) {
      let shown = switches.prefix(3).map { "\($0.version) from \($0.offset)" }.joined(separator: ", ")
      lines.append("  \(partition): \(shown)\(switches.count > 3 ? ", …" : "")")
    }
    lines.append(isGood ? "every request was answered once, in order, by one release" : "THE ACCOUNT DOES NOT ADD UP")
    return lines.joined(separator: "\n")
  }

  var document: JSON {
    var document = JSON.object([
      .init("good", .bool(isGood)), .init("sent", .integer(Int64(account.sent))),
      .init("answered_once", .integer(Int64(account.answeredOnce))),
      .init("unanswered", .integer(Int64(account.unanswered))),
      .init("doubled", .integer(Int64(account.doubled))), .init("out_of_order", .integer(Int64(account.outOfOrder))),
      .init("wrong", .integer(Int64(account.wrong))), .init("errors", .integer(Int64(account.errors))),
      .init(
        "answers",
        .object(account.answersByVersion.sorted { $0.key < $1.key }.map { .init($0.key, .integer(Int64($0.value))) })),
      .init(
        "first_answer_ms",
        .object(delays.map { .init($0.name, $0.milliseconds.map(JSON.integer) ?? .null) })),
      .init(
        "first_offsets",
        .object(
          account.switches.sorted { $0.key < $1.key }.map { partition, switches in
            .init(
              String(partition),
              .array(
                switches.map { .object([.init("version", .text($0.version)), .init("offset", .integer($0.offset))]) }))
          })),
    ])
    if let repeated {
      document.set(
        "rollbacks",
        to: .object([
          .init("count", .integer(Int64(repeated.count))), .init("median_ms", .integer(repeated.median)),
          .init("p99_ms", .integer(repeated.ninetyNinth)),
        ]))
    }
    return document
  }
}

extension String {
  /// Filled up with spaces.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
