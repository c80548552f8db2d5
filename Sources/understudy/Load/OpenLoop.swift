/// When each request of a steady load is due: decided before, so that neither a slow worker nor a sender that was held
/// up makes later requests wait (what is called coordinated omission). Latency is counted from here.
struct OpenLoop: Sendable, Equatable {
  /// When the first one is due, in nanoseconds.
  let start: Int64
  let perSecond: Int
  /// The number of the first one.
  let first: Int

  /// When a request is due.
  func due(_ number: Int) -> Int64 {
    let (seconds, rest) = (number - first).quotientAndRemainder(dividingBy: perSecond)
    return start + Int64(seconds) * 1_000_000_000 + Int64(rest) * 1_000_000_000 / Int64(perSecond)
  }

  /// The number behind the last one that is due by now.
  func end(at now: Int64) -> Int {
    guard now >= start else { return first }
    let (seconds, rest) = (now - start).quotientAndRemainder(dividingBy: 1_000_000_000)
    var end = first + Int(seconds) * perSecond + Int(rest * Int64(perSecond) / 1_000_000_000)
    // Both divisions round down.
    while due(end) <= now { end += 1 }
    return end
  }
}
