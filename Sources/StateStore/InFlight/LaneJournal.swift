import CCrashMark
import Domain
import Glibc

/// A lane's place in the file `in-flight`: stores to mapped memory.
@safe final class LaneJournal: InFlightJournal {
  private let file: InFlightFile
  private let words: MappedWords
  private let slot: UnsafeMutablePointer<UInt64>
  /// Hashes of the batch's topics, by position.
  private var topics: [UInt64] = []
  private var stack: UnsafeMutableRawPointer?

  init(_ file: InFlightFile, _ words: MappedWords, lane: Int) {
    self.file = file
    self.words = words
    unsafe slot = words.pointer + InFlightLayout.slotStart(lane)
  }

  deinit { unsafe stack?.deallocate() }

  func enter() {
    setState(.idle)
    unsafe slot[1] = UInt64(bitPattern: understudy_thread_number())
    // A thread whose stack is used up has no room to note it.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: Limits.signalStackBytes, alignment: 16)
    var alternative = unsafe stack_t(ss_sp: memory, ss_flags: 0, ss_size: Limits.signalStackBytes)
    if unsafe sigaltstack(&alternative, nil) == 0 { unsafe stack = memory } else { unsafe memory.deallocate() }
  }

  func leave() {
    setState(.idle)
    unsafe slot[1] = 0
    var none = unsafe stack_t(ss_sp: nil, ss_flags: Int32(SS_DISABLE), ss_size: 0)
    guard unsafe sigaltstack(&none, nil) == 0 else { return }
    unsafe stack?.deallocate()
    unsafe stack = nil
  }

  func begin(_ batch: borrowing RecordBatch) {
    let count = writeRanges(batch)
    guard count > 0 else { return }
    unsafe slot[2] = UInt64(count)
    unsafe slot[3] = UInt64(bitPattern: batch.records.count == 1 ? batch.records[0].timestamp : 0)
    var seal = InFlightLayout.sealStart
    for index in 1..<4 { seal = unsafe InFlightLayout.seal(seal, slot[index]) }
    let body = InFlightLayout.slotHeaderWords
    for index in body..<body + count * InFlightLayout.rangeWords {
      seal = unsafe InFlightLayout.seal(seal, slot[index])
    }
    unsafe slot[4] = seal
    unsafe understudy_store_release(slot, InFlightLayout.SlotState.scoring.rawValue)
  }

  /// Writes the partitions of a batch with their first and last offsets. Records of one partition mostly come together.
  /// - Returns: how many partitions there are.
  private func writeRanges(_ batch: borrowing RecordBatch) -> Int {
    while topics.count < batch.topics.count { topics.append(InFlightLayout.hash(ofTopic: batch.topics[topics.count])) }
    var count = 0
    var (topic, partition) = (-1, Int32(-1))
    var range = unsafe slot
    for record in batch.records {
      if record.topic != topic || record.partition != partition {
        (topic, partition) = (record.topic, record.partition)
        unsafe range = self.range(topics[topic], partition, record.offset, &count)
      }
      unsafe range[3] = UInt64(bitPattern: record.offset)
    }
    return count
  }

  private func range(
    _ topic: UInt64, _ partition: Int32, _ offset: Int64, _ count: inout Int
  ) -> UnsafeMutablePointer<UInt64> {
    let number = UInt64(bitPattern: Int64(partition))
    var range = unsafe slot + InFlightLayout.slotHeaderWords
    for _ in 0..<count {
      if unsafe range[0] == topic, unsafe range[1] == number { return unsafe range }
      unsafe range += InFlightLayout.rangeWords
    }
    // A batch keeps to the bound; one that did not would lose its last partitions here, and write nowhere else.
    if count == Limits.partitionsInFlight { return unsafe range - InFlightLayout.rangeWords }
    count += 1
    unsafe range[0] = topic
    unsafe range[1] = number
    unsafe range[2] = UInt64(bitPattern: offset)
    return unsafe range
  }

  func end(_ batch: borrowing RecordBatch) {
    setState(.idle)
    guard file.hasSuspects else { return }
    let names = batch.topics
    file.survived(batch.records.map { identity(of: $0, topic: names[$0.topic]) })
  }

  private func setState(_ state: InFlightLayout.SlotState) { unsafe understudy_store_first(slot, state.rawValue) }

  // MARK: Suspects

  var hasSuspects: Bool { file.hasSuspects }

  func suspicion(of record: RecordBatch.Record, topic: String) -> Suspicion {
    file.suspicion(of: identity(of: record, topic: topic))
  }

  func committed(topic: String, partition: Int32, next: Int64) {
    file.committed(HashedPartition(topic: InFlightLayout.hash(ofTopic: topic), number: partition), next: next)
  }

  private func identity(of record: RecordBatch.Record, topic: String) -> AccusedRecord.Identity {
    let partition = HashedPartition(topic: InFlightLayout.hash(ofTopic: topic), number: record.partition)
    return .init(partition: partition, offset: record.offset, timestamp: record.timestamp)
  }
}
