import Domain

/// Compares what was asked with what was answered, after a run: a value without a broker.
struct ChaosChecker {
  /// A place in the responses topic.
  struct Place: Hashable, Comparable {
    var partition: Int32
    var offset: Int64

    static func < (left: Place, right: Place) -> Bool {
      (left.partition, left.offset) < (right.partition, right.offset)
    }
  }

  /// A dead letter.
  struct Letter: Equatable {
    var number: Int
    /// Key and value are those of the request.
    var isWhole: Bool
  }

  /// The requests topic, as it is at the end.
  var requests: [ResponseChecker.Request] = []
  /// What the broker said that it has, and what nobody knew.
  var acknowledged: [SteadyLoad.Sent] = []
  /// What the reader during the run saw, in its order.
  var answers = ChaosAnswers(seed: 0)
  /// Digests of what a second one saw afterwards.
  var again: [Place: Int] = [:]
  /// Names of the transactions of all records, aborted ones too, by place.
  var raw: [Place: String] = [:]
  var letters: [Letter] = []
  /// Requests that must have a dead letter.
  var isLetterDue: (Int) -> Bool = { _ in false }
  /// Partitions of which a `read_committed` reader sees no end, as `topic-partition: decided of written`.
  var undecided: [String] = []
  var isExactlyOnce = true

  /// What is wrong.
  func check() -> ChaosFindings {
    var findings = ChaosFindings(
      answers: ResponseChecker.check(
        requests, answers.answers, number: \.number,
        isRight: { $0.isRight && $0.partition == $1.partition }))
    if !isExactlyOnce { findings.answers.doubled = [] }
    let inTopic = Set(requests.map { Place(partition: $0.partition, offset: $0.offset) })
    findings.vanished = acknowledged.filter { !inTopic.contains(Place(partition: $0.partition, offset: $0.offset)) }
      .map(\.number)
    checkReaders(&findings)
    checkTransactions(&findings)
    checkLetters(&findings)
    findings.undecided = undecided
    return findings
  }

  private func checkReaders(_ findings: inout ChaosFindings) {
    var rest = again
    for answer in answers.answers {
      let place = Place(partition: answer.partition, offset: answer.offset)
      if rest.removeValue(forKey: place) != answer.digest { findings.readersDisagree.append(place) }
    }
    findings.readersDisagree += rest.keys.sorted()
  }

  /// One transaction has one snapshot, answers by one release, and all of its records are seen or none.
  private func checkTransactions(_ findings: inout ChaosFindings) {
    var releases: [Int32: (version: Int32, generation: Int32)] = [:]
    var seen: Set<Place> = []
    var snapshots: [Substring: String] = [:]
    for answer in answers.answers {
      seen.insert(Place(partition: answer.partition, offset: answer.offset))
      let name = answers.transactions.text(answer.transaction)
      if answer.transaction < 0 { findings.withoutTransaction += 1 }
      // An answer to what cannot be read names no release.
      if answer.version >= 0 {
        if let known = releases[answer.transaction], known != (answer.version, answer.generation) {
          findings.mixed.insert(name)
        }
        releases[answer.transaction] = (answer.version, answer.generation)
      }
      let transaction = name.prefix(upTo: name.lastIndex(of: ".") ?? name.endIndex)
      if let known = snapshots[transaction], known != name { findings.mixed.insert(name) }
      snapshots[transaction] = name
    }
    var shares: [String: (seen: Int, all: Int)] = [:]
    for (place, name) in raw {
      let share = shares[name] ?? (0, 0)
      shares[name] = (share.seen + (seen.contains(place) ? 1 : 0), share.all + 1)
    }
    for (name, share) in shares where share.seen > 0 && share.seen < share.all { findings.torn.insert(name) }
    findings.aborted = shares.values.count { $0.seen == 0 }
    findings.transactions = shares.count
  }

  private func checkLetters(_ findings: inout ChaosFindings) {
    let counts = Dictionary(grouping: letters, by: \.number).mapValues(\.count)
    for request in requests where isLetterDue(request.number) {
      let count = counts[request.number] ?? 0
      if count == 0 || isExactlyOnce && count > 1 { findings.letters.append(request.number) }
    }
    for letter in letters where !letter.isWhole || !isLetterDue(letter.number) {
      findings.letters.append(letter.number)
    }
  }
}

/// What is wrong after a run.
struct ChaosFindings: Equatable, CustomStringConvertible {
  var answers = ResponseChecker.Findings()
  /// Requests that were acknowledged and are not in their topic.
  var vanished: [Int] = []
  var readersDisagree: [ChaosChecker.Place] = []
  /// Transactions with two snapshots or answers of two releases.
  var mixed: Set<String> = []
  /// Transactions of which only some records can be seen.
  var torn: Set<String> = []
  var withoutTransaction = 0
  /// Dead letters that are missing, doubled, changed, or nobody's.
  var letters: [Int] = []
  var undecided: [String] = []

  /// No finding: transactions that were written, and those of them that nobody sees.
  var transactions = 0
  var aborted = 0

  var isGood: Bool {
    answers == ResponseChecker.Findings() && vanished.isEmpty && readersDisagree.isEmpty && mixed.isEmpty
      && torn.isEmpty
      && withoutTransaction == 0 && letters.isEmpty && undecided.isEmpty
  }

  var description: String {
    var parts = answers == ResponseChecker.Findings() ? [] : [answers.description]
    func add(_ what: String, _ count: Int, _ examples: some Sequence<String>) {
      if count > 0 { parts.append("\(what) \(count): \(examples.prefix(10).joined(separator: " "))") }
    }
    add("vanished", vanished.count, vanished.map(String.init))
    add("seen by one reader only", readersDisagree.count, readersDisagree.map { "\($0.partition):\($0.offset)" })
    add("mixed transactions", mixed.count, mixed.sorted())
    add("torn transactions", torn.count, torn.sorted())
    add("answers without a transaction", withoutTransaction, [])
    add("dead letters", letters.count, letters.map(String.init))
    add("undecided", undecided.count, undecided)
    return parts.isEmpty ? "nothing is wrong" : parts.joined(separator: "; ")
  }
}
