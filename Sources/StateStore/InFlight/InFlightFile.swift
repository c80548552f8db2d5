import CCrashMark
import Domain
import Glibc
import Synchronization

/// The file `in-flight` of the state directory: which records each lane is scoring, and who is under suspicion because
/// the process has crashed.
///
/// It is mapped into memory and outlives the process. Each start reads what the last one has left, draws its conclusions
/// (`CrashVerdict`), and puts a new file in its place by one rename, so that a crash counts once.
package final class InFlightFile: Sendable {
  /// What the last process has left.
  package let findings: InFlightFindings
  private let words: MappedWords
  private let suspects: Mutex<SuspectList>
  private let isUnderSuspicion: Atomic<Bool>
  private let opened: ContinuousClock.Instant

  /// Reads what was left, and begins anew.
  /// - Parameters:
  ///   - hasPool: stages use threads besides the lanes'.
  ///   - opened: when that was, for what is forgotten with time.
  package init(
    _ directory: StateDirectory, hasPool: Bool, now: Int64 = WallClock.milliseconds,
    opened: ContinuousClock.Instant = .now
  ) throws(StateError) {
    self.opened = opened
    let path = directory.path + "/in-flight"
    var list = SuspectList()
    var findings = InFlightFindings()
    if let left = MappedWords.read(path, count: InFlightLayout.words) {
      if let contents = InFlightContents(words: left) {
        let verdict = CrashVerdict(contents)
        list = contents.suspects(after: verdict, now: now)
        findings = InFlightFindings(contents, verdict, list)
      } else {
        let bad = path + ".bad"
        guard unsafe rename(path, bad) == 0 else {
          throw .failed("\(path) is not this program's and cannot be set aside: move it away")
        }
        findings.setAside = bad
      }
    }
    self.findings = findings
    words = try MappedWords(InFlightContents.words(hasPool: hasPool, list), at: path)
    isUnderSuspicion = Atomic(!list.isEmpty)
    suspects = Mutex(list)
  }

  deinit { unsafe understudy_crash_forget(mark) }

  private var mark: UnsafeMutablePointer<understudy_crash_mark> {
    unsafe UnsafeMutableRawPointer(words.pointer + InFlightLayout.markStart).assumingMemoryBound(
      to: understudy_crash_mark.self)
  }

  /// Notes here what this process dies of, from now on. One file a process: the last one that asks.
  package func watchCrashes() throws(StateError) {
    let code = unsafe understudy_crash_watch(mark)
    guard code == 0 else { throw .failed("cannot watch for crashes: error \(code)") }
  }

  /// The journal of a lane; nil if the file has no place for so many.
  package func journal(ofLane number: Int) -> (any InFlightJournal)? {
    (0..<Limits.lanes).contains(number) ? LaneJournal(self, words, lane: number) : nil
  }

  // MARK: Suspects

  var hasSuspects: Bool { isUnderSuspicion.load(ordering: .relaxed) }

  func suspicion(of identity: AccusedRecord.Identity) -> Suspicion { suspects.withLock { $0.suspicion(of: identity) } }

  func survived(_ identities: [AccusedRecord.Identity]) {
    update { for identity in identities { $0.survived(identity) } }
  }

  /// What was uncommitted at the start is the first thing that the lanes read: what is left some minutes later belongs to
  /// partitions that others have by now, and would cost a look at each record for ever.
  func committed(_ partition: HashedPartition, next: Int64) {
    let isOver = opened.duration(to: .now) > .seconds(Limits.suspicionSeconds)
    update { list in
      list.committed(partition, next: next)
      if isOver { list = SuspectList() }
    }
  }

  /// Changes the list, and the file where it differs. Entries are written one by one, each with its seal: what a death
  /// cuts here is not believed later, which spares a suspect and condemns nobody.
  private func update(_ change: (inout SuspectList) -> Void) {
    suspects.withLock { list in
      let before = list
      change(&list)
      guard list != before else { return }
      for index in before.ranges.indices where list.ranges[at: index] != before.ranges[index] {
        write(list.ranges[at: index]?.words, InFlightLayout.suspectStart(index), InFlightLayout.suspectWords)
      }
      for index in before.accused.indices where list.accused[at: index] != before.accused[index] {
        write(list.accused[at: index]?.words, InFlightLayout.accusedStart(index), InFlightLayout.accusedWords)
      }
      isUnderSuspicion.store(!list.isEmpty, ordering: .relaxed)
    }
  }

  private func write(_ entry: [UInt64]?, _ start: Int, _ count: Int) {
    for index in 0..<count { unsafe words.pointer[start + index] = entry?[index] ?? 0 }
  }
}

extension Array {
  /// An element, if there is one at this position.
  fileprivate subscript(at index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
