import Testing

@testable import Kafka

@Suite("Positions of a lane")
struct LanePositionsTests {
  private typealias Progress = LanePositions.Progress
  private static let first = TopicPartition(topic: 0, partition: 0)
  private static let second = TopicPartition(topic: 0, partition: 1)

  /// What can happen to a lane's positions.
  enum Step: Sendable {
    case assign(TopicPartition, Int64)
    case advance(TopicPartition, Int64)
    case commit
    /// The broker says that it has an offset.
    case told(TopicPartition, Int64)
    case rewind
    case revoke
  }

  /// Positions after steps, and the offsets that the open transaction then has to commit.
  struct Row: Sendable, CustomTestStringConvertible {
    var what: String
    var steps: [Step]
    var positions: [TopicPartition: LanePositions.Progress]
    var uncommitted: [TopicPartition: Int64] = [:]
    var testDescription: String { what }
  }

  static let rows: [Row] = [
    Row(what: "nothing is assigned", steps: [], positions: [:]),
    Row(
      what: "a partition begins at what the broker knows", steps: [.assign(first, 7)],
      positions: [first: .init(committed: 7, next: 7)]),
    Row(
      what: "answers move next, not committed", steps: [.assign(first, 7), .advance(first, 7), .advance(first, 9)],
      positions: [first: .init(committed: 7, next: 10)], uncommitted: [first: 10]),
    Row(
      what: "only what has moved is committed", steps: [.assign(first, 7), .assign(second, 3), .advance(second, 3)],
      positions: [first: .init(committed: 7, next: 7), second: .init(committed: 3, next: 4)], uncommitted: [second: 4]),
    Row(
      what: "a commit takes what has moved along",
      steps: [.assign(first, 7), .assign(second, 3), .advance(first, 7), .commit],
      positions: [first: .init(committed: 8, next: 8, hasCommitted: true), second: .init(committed: 3, next: 3)]),
    Row(
      what: "an abort goes back to the last commit",
      steps: [.assign(first, 7), .advance(first, 7), .commit, .advance(first, 8), .advance(first, 9), .rewind],
      positions: [first: .init(committed: 8, next: 8, hasCommitted: true)]),
    Row(
      what: "an abort before the first commit goes back to the assignment",
      steps: [.assign(first, 7), .advance(first, 7), .rewind], positions: [first: .init(committed: 7, next: 7)]),
    Row(
      what: "a partition that is taken away is forgotten", steps: [.assign(first, 7), .advance(first, 7), .revoke],
      positions: [:]),
    Row(
      what: "what comes of a partition that is not assigned counts for nothing",
      steps: [.assign(first, 7), .advance(second, 1)], positions: [first: .init(committed: 7, next: 7)]),
    Row(
      what: "a partition that comes again begins anew",
      steps: [.assign(first, 7), .advance(first, 7), .commit, .revoke, .assign(first, 20)],
      positions: [first: .init(committed: 20, next: 20)]),
    Row(
      what: "an offset that the broker tells late leaves what was answered meanwhile uncommitted",
      steps: [.assign(first, 7), .advance(first, 7), .advance(first, 8), .told(first, 8)],
      positions: [first: .init(committed: 8, next: 9, hasCommitted: true)], uncommitted: [first: 9]),
    Row(
      what: "offsets that are told in another order never go back",
      steps: [.assign(first, 7), .advance(first, 8), .told(first, 9), .told(first, 8)],
      positions: [first: .init(committed: 9, next: 9, hasCommitted: true)]),
    Row(
      what: "an offset that is told after the lane went back behind it counts for nothing",
      steps: [.assign(first, 7), .advance(first, 8), .rewind, .told(first, 9)],
      positions: [first: .init(committed: 7, next: 7)]),
    Row(
      what: "an offset that is told of a partition that was given up counts for nothing",
      steps: [.assign(first, 7), .advance(first, 8), .revoke, .told(first, 9)], positions: [:]),
  ]

  @Test("P1: only answered offsets are committed, and an abort goes back to the last commit", arguments: rows)
  func table(_ row: Row) {
    var positions = LanePositions()
    for step in row.steps {
      switch step {
      case .assign(let partition, let offset): positions.assign(partition, at: offset)
      case .advance(let partition, let offset): positions.advance(partition, past: offset)
      case .commit: _ = positions.markCommitted(positions.uncommitted)
      case .told(let partition, let next): _ = positions.markCommitted([.init(partition: partition, next: next)])
      case .rewind: _ = positions.rewind()
      case .revoke: positions.removeAll()
      }
    }
    #expect(positions.partitions == row.positions)
    #expect(
      Dictionary(uniqueKeysWithValues: positions.uncommitted.map { ($0.partition, $0.next) }) == row.uncommitted)
  }

  @Test("P1: a record is taken if its partition is the lane's and it is not answered yet")
  func accepts() {
    var positions = LanePositions()
    #expect(!isToAnswer(0, of: Self.first, positions))
    positions.assign(Self.first, at: 7)
    #expect(!isToAnswer(6, of: Self.first, positions))
    #expect(isToAnswer(7, of: Self.first, positions))
    // A gap is what a transaction's marker or compaction leaves.
    #expect(isToAnswer(9, of: Self.first, positions))
    positions.advance(Self.first, past: 9)
    #expect(!isToAnswer(9, of: Self.first, positions))
    #expect(!isToAnswer(9, of: Self.second, positions))
    positions.removeAll()
    #expect(!isToAnswer(10, of: Self.first, positions))
  }

  private func isToAnswer(_ offset: Int64, of partition: TopicPartition, _ positions: LanePositions) -> Bool {
    offset >= positions.next(partition) ?? .max
  }

  @Test("The first commit of an assignment is told once, and a rewind says where to seek in every partition")
  func answers() {
    var positions = LanePositions()
    positions.assign(Self.first, at: 0)
    positions.assign(Self.second, at: 5)
    #expect(positions.markCommitted(positions.uncommitted).isEmpty)
    positions.advance(Self.first, past: 0)
    #expect(positions.markCommitted(positions.uncommitted) == [Self.first])
    positions.advance(Self.first, past: 1)
    positions.advance(Self.second, past: 5)
    #expect(positions.markCommitted(positions.uncommitted) == [Self.second])
    positions.advance(Self.second, past: 6)
    let seeks = Dictionary(uniqueKeysWithValues: positions.rewind().map { ($0.partition, $0.offset) })
    #expect(seeks == [Self.first: 2, Self.second: 6])
  }
}
