extension JSONTape {
  /// What `elementCount` says of that many elements or more.
  static let saturatedCount = (1 << 24) - 1

  /// Whether the string at a position is this text.
  func isString(_ position: Int, _ text: String) -> Bool {
    unsafe stringBytes(position).elementsEqual(text.utf8)
  }

  /// The position of a member's value in the object at a position; the last one if there are several, 0 if there is
  /// none.
  func member(_ name: String, of object: Int) -> Int {
    var found = 0
    var at = object + 1
    let end = end(object)
    while at < end {
      if isString(at, name) { found = at + 1 }
      at = next(at + 1)
    }
    return found
  }
}
