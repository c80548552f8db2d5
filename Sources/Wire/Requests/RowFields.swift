import Domain

/// Finds the fields of a row: for each name the position of its value.
///
/// A producer writes its keys in the same order each time, so the name that stood at a place last time is tried first.
/// Of a key that comes twice the last one counts.
struct RowFields {
  private let names: JSONNameTable
  /// Position of the value of each name on the tape; 0 if absent.
  private(set) var positions: [Int]
  /// Position of the first key on the tape that is none of the names; 0 if there is none.
  private(set) var firstUnknown = 0
  /// The name seen last at each place of a row, or -1 for an unknown one.
  private var predicted: [Int]
  /// Fields of the object that was read last, if they are those of the object before it, in the same order, and none is
  /// unknown or comes twice; nil otherwise.
  private(set) var steadyCount: Int?

  /// The names in the order in which objects have them.
  /// - Parameter count: fields of an object, as `steadyCount` told.
  func order(_ count: Int) -> [Int] { Array(predicted.prefix(count)) }

  /// For these names.
  init(names: JSONNameTable) {
    self.names = names
    positions = Array(repeating: 0, count: names.count)
    // Places behind these are looked up each time: rows with many unknown fields are not what a producer should be fast
    // with.
    predicted = Array(repeating: -1, count: 2 * names.count)
  }

  /// Finds the fields of the object at a position of a tape.
  mutating func find(_ tape: JSONTape, object: Int) {
    let found = Self.find(tape, object: object, names, positions: &positions, predicted: &predicted)
    firstUnknown = found.firstUnknown
    steadyCount = found.isSteady && found.firstUnknown == 0 ? found.count : nil
  }

  private static func find(
    _ tape: JSONTape, object: Int, _ names: JSONNameTable, positions: inout [Int], predicted: inout [Int]
  ) -> (firstUnknown: Int, count: Int, isSteady: Bool) {
    var positions = positions.mutableSpan
    var predicted = predicted.mutableSpan
    for name in positions.indices { positions[name] = 0 }
    let end = tape.end(object)
    var at = object + 1
    var place = 0
    var firstUnknown = 0
    var isSteady = true
    while at < end {
      var name = place < predicted.count ? predicted[place] : -1
      if name < 0 || !names.isName(name, tape, at) {
        isSteady = false
        name = names.find(tape, at) ?? -1
        if place < predicted.count { predicted[place] = name }
      }
      if name >= 0 {
        if positions[name] != 0 { isSteady = false }
        positions[name] = at + 1
      } else if firstUnknown == 0 {
        firstUnknown = at
      }
      at = tape.next(at + 1)
      place += 1
    }
    return (firstUnknown, place, isSteady)
  }
}
