/// Notices a lane whose thread does not come back from what it calls: a value without I/O and without a clock.
///
/// It counts looks, not seconds: where the process was stopped or the machine slept, nobody has looked meanwhile.
package struct StandstillWatch {
  private let limit: Int
  private var lanes: [(count: UInt64?, looks: Int)]

  /// - Parameter lanes: how many there are.
  /// - Parameter limit: after how many looks at the same count a lane stands still.
  package init(lanes: Int, limit: Int) {
    self.limit = limit
    self.lanes = Array(repeating: (nil, 0), count: lanes)
  }

  /// What was seen of a lane last.
  package func count(of lane: Int) -> UInt64? { lanes[lane].count }

  /// Takes a look.
  /// - Parameter counts: each lane's count; nil for one that no thread runs.
  /// - Returns: the number of the first lane that stands still.
  package mutating func look(_ counts: [UInt64?]) -> Int? {
    for (number, count) in counts.enumerated() {
      let isSame = count != nil && count == lanes[number].count
      lanes[number] = (count, isSame ? lanes[number].looks + 1 : 0)
    }
    return lanes.firstIndex { $0.looks >= limit }
  }
}
