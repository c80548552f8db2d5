import Testing

@testable import Kafka

/// Numbers of transactions, by which readers tell them apart.
struct TransactionNumberTests {
  @Test func `numbers of one life of a lane lie behind those of all lives before, however many it gives`() {
    let lives = (0...4).map { OpenTransaction(life: $0).number }
    for (earlier, later) in zip(lives, lives.dropFirst()) { #expect(later - earlier > 4_000_000_000) }
    #expect(OpenTransaction(life: -1).number == 0)
  }
}
