import Domain
import Testing

@Suite struct RecordBatchTests {
  private func offsets(_ batch: borrowing RecordBatch) -> [Int64] { batch.records.map(\.offset) }

  private func add(_ offset: Int64, to batch: inout RecordBatch) {
    let value = batch.append([UInt8(offset)])
    batch.appendHeader(name: batch.append([UInt8(ascii: "a"), UInt8(offset)]), value: nil)
    batch.appendRecord(topic: 0, partition: 0, offset: offset, timestamp: 1, key: nil, value: value)
  }

  @Test func `P7: a record that must be alone follows the others of its batch, with all that is its own`() {
    var batch = RecordBatch()
    for offset in Int64(0)..<3 { add(offset, to: &batch) }
    batch.isolateLast(condemnation: Condemnation(deaths: 3, signal: 8))
    batch.seal()
    #expect(offsets(batch) == [0, 1])
    let isThere = batch.takeFollowing()
    #expect(isThere && offsets(batch) == [2])
    let record = batch.records[0]
    #expect(record.condemnation?.deaths == 3)
    #expect(record.value.map { Array(batch.bytes[$0]) } == [2])
    #expect(batch.headers[record.headers].map { Array(batch.bytes[$0.name]) } == [[UInt8(ascii: "a"), 2]])
    let isThereAgain = batch.takeFollowing()
    #expect(!isThereAgain && offsets(batch) == [2])
  }

  @Test func `P7: a record that is the only one stays, and one that is forgotten does not follow`() {
    var batch = RecordBatch()
    add(0, to: &batch)
    batch.isolateLast(condemnation: nil)
    #expect(offsets(batch) == [0])
    let isFollowed = batch.takeFollowing()
    #expect(!isFollowed)
    add(1, to: &batch)
    batch.isolateLast(condemnation: nil)
    batch.removeAll()
    let isForgotten = !batch.takeFollowing()
    #expect(isForgotten && batch.records.isEmpty)
  }
}
