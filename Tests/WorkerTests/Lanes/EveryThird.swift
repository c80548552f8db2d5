import Domain
import Synchronization

/// A journal that holds every third record of a partition under suspicion, and watches how the lane takes it.
final class EveryThird: InFlightJournal, Sendable {
  /// Batches that were scored.
  struct Account {
    var alone = 0
    var together = 0
    /// Suspects that were scored with others, and batches that were begun before the last one had ended.
    var wrong = 0
    var isScoring = false
    var isEntered = false
  }

  let account = Mutex(Account())
  let hasSuspects = true

  func enter() { account.withLock { $0.isEntered = true } }
  func leave() { account.withLock { $0.isEntered = false } }

  func begin(_ batch: borrowing RecordBatch) {
    let count = batch.records.count
    let suspects = batch.records.count { isSuspect($0) }
    account.withLock {
      if $0.isScoring || !$0.isEntered || suspects > 0 && count > 1 { $0.wrong += 1 }
      $0.isScoring = true
      if suspects == 1 { $0.alone += 1 } else if count > 1 { $0.together += 1 }
    }
  }

  func end(_ batch: borrowing RecordBatch) { account.withLock { $0.isScoring = false } }

  func suspicion(of record: RecordBatch.Record, topic: String) -> Suspicion {
    isSuspect(record) ? .suspect(deaths: 0) : .none
  }

  func committed(topic: String, partition: Int32, next: Int64) {}

  private func isSuspect(_ record: RecordBatch.Record) -> Bool { record.offset % 3 == 2 }
}
