/// Records that were being scored when the process crashed, and have not been scored since.
struct SuspectRange: Equatable {
  var range: OffsetRange
  /// When they came under suspicion, in milliseconds since 1970.
  var time: Int64

  init(_ range: OffsetRange, time: Int64) {
    self.range = range
    self.time = time
  }

  /// Reads an entry of the file; nil if it was cut or makes no sense.
  init?(words: ArraySlice<UInt64>) {
    let start = words.startIndex
    guard words[start + 5] == InFlightLayout.seal(of: words[start..<start + 5]), let range = OffsetRange(words: words)
    else { return nil }
    self.init(range, time: Int64(bitPattern: words[start + 4]))
  }

  /// As an entry of the file, with its seal.
  var words: [UInt64] {
    let body = range.words + [UInt64(bitPattern: time)]
    return body + [InFlightLayout.seal(of: body), 0, 0]
  }
}
