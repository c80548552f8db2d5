import Domain

/// What an end of the process says of the records that it was scoring: a function without I/O.
///
/// Without the mark of a crash, as after a kill or a loss of power, it says nothing of anybody. A crash on a lane's own
/// thread is that lane's; any other may be any busy lane's. It is a record's death only if the record was alone and
/// nothing else can have caused it: on its lane's thread, or, while stages use further threads, on one of those with no
/// other lane busy. With stages that use none, a crash elsewhere makes suspects, which costs them little, and no deaths.
struct CrashVerdict: Equatable {
  /// Records that come under suspicion.
  var suspects: [OffsetRange] = []
  /// The record whose death it was.
  var death: AccusedRecord.Identity?

  init(_ contents: InFlightContents) {
    guard let crash = contents.crash else { return }
    let isLane = contents.laneThreads.contains(crash.thread)
    let busy = isLane ? contents.busy.filter { $0.thread == crash.thread } : contents.busy
    suspects = busy.flatMap(\.ranges)
    if busy.count == 1, isLane || contents.hasPool { death = busy[0].alone }
  }
}

extension InFlightContents {
  /// Who is under suspicion after this end of the process.
  func suspects(after verdict: CrashVerdict, now: Int64) -> SuspectList {
    var list = suspects
    list.expire(now: now)
    for range in verdict.suspects { list.suspect(range, now: now) }
    if let death = verdict.death, let crash { list.accuse(death, signal: crash.signal, now: now) }
    return list
  }
}
