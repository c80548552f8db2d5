import Domain

@testable import understudy

/// What is done when: a value that comes from a seed and nothing else.
///
/// Actions are dealt from shuffled decks, so that a run of any length has its share of each kind.
struct ChaosPlan: Sendable, Equatable {
  struct Step: Sendable, Equatable {
    /// Milliseconds since the beginning of the run.
    var at: Int
    var action: ChaosAction
  }

  /// In the order of time.
  private(set) var steps: [Step] = []

  /// - Parameter isEmbedded: whether the broker is one that fails on demand.
  init(seed: UInt64, seconds: Int, workers: Int, isEmbedded: Bool) {
    var generator = SplitMix(seed: seed)
    var points = Deck(FailPoint.places.filter { $0 != .scoring })
    var corruptions = Deck(CorruptRelease.allCases)
    var processes = Deck(Self.processes)
    var releases = Deck(Self.releases)
    var faults = Deck(Self.faults)

    steps += Self.times(every: 3000...11_000, seconds, &generator).map { at in
      let worker = Int.random(in: 0..<workers, using: &generator)
      let action: ChaosAction =
        switch processes.draw(&generator) {
        case .kill: .kill(worker: worker)
        case .killAt: .killAt(points.draw(&generator), worker: worker)
        case .freeze: .freeze(worker: worker, milliseconds: .random(in: 1000...25_000, using: &generator))
        case .terminate: .terminate(worker: worker)
        case .away: .away(worker: worker, milliseconds: .random(in: 2000...15_000, using: &generator))
        }
      return Step(at: at, action: action)
    }
    steps += Self.times(every: 2500...8000, seconds, &generator).map { at in
      let back = Int.random(in: 1...3, using: &generator)
      let action: ChaosAction =
        switch releases.draw(&generator) {
        case .release: .release
        case .promote: .promote
        case .rollback: .rollback(steps: back)
        case .holdAndResume: .holdAndResume(steps: back)
        case .corrupt: .corrupt(corruptions.draw(&generator))
        }
      return Step(at: at, action: action)
    }
    if isEmbedded {
      steps += Self.times(every: 2000...8000, seconds, &generator).map { at in
        Step(at: at, action: faults.draw(&generator))
      }
    }
    steps.sort { $0.at < $1.at }
  }

  func count(_ isCounted: (ChaosAction) -> Bool) -> Int { steps.count { isCounted($0.action) } }

  private static func times(
    every pause: ClosedRange<Int>, _ seconds: Int, _ generator: inout SplitMix
  ) -> [Int] {
    var times: [Int] = []
    var next = Int.random(in: 0...pause.upperBound / 2, using: &generator)
    while next < seconds * 1000 {
      times.append(next)
      next += Int.random(in: pause, using: &generator)
    }
    return times
  }

  // MARK: Decks

  private enum ProcessFault { case kill, killAt, freeze, terminate, away }
  private enum ReleaseAct { case release, promote, rollback, holdAndResume, corrupt }

  private static let processes: [ProcessFault] =
    [.kill, .kill, .kill, .kill, .killAt, .killAt, .killAt, .freeze, .freeze, .terminate, .terminate, .away]
  private static let releases: [ReleaseAct] =
    [.release, .release, .release, .release, .release, .rollback, .rollback, .rollback, .promote, .holdAndResume]
    + [.corrupt, .corrupt, .corrupt]

  /// Requests by their number in the protocol: Produce 0, Fetch 1, OffsetCommit 8, OffsetFetch 9, Heartbeat 12. -195 is a
  /// connection that closes after the request was carried out.
  private static let faults: [ChaosAction] = [
    .failRequests(apiKey: 0, codes: [-195]), .failRequests(apiKey: 0, codes: [7, 19]),
    .failRequests(apiKey: 8, codes: [27]), .failRequests(apiKey: 8, codes: [16, 14]),
    .failRequests(apiKey: 9, codes: [14, 88]), .failRequests(apiKey: 12, codes: [25]),
    .failRequests(apiKey: 1, codes: [6, 6, 6]), .brokerAway(milliseconds: 1500),
  ]

  /// Cards that come again only when all have come.
  private struct Deck<Card: Sendable> {
    private let cards: [Card]
    private var rest: [Card] = []

    init(_ cards: [Card]) { self.cards = cards }

    mutating func draw(_ generator: inout SplitMix) -> Card {
      if rest.isEmpty { rest = cards.shuffled(using: &generator) }
      return rest.removeLast()
    }
  }
}
