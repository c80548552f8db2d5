import Domain

/// A record that the process has crashed for while it was scored alone.
struct AccusedRecord: Equatable {
  var identity: Identity
  var deaths: UInt8
  /// The signal of the last crash.
  var signal: UInt8
  /// When that was, in milliseconds since 1970.
  var time: Int64

  /// Which record it is. With the timestamp, so that a topic that was made anew has none of the old one's.
  struct Identity: Equatable {
    var partition: HashedPartition
    var offset: Int64
    var timestamp: Int64
  }

  init(_ identity: Identity, deaths: UInt8, signal: UInt8, time: Int64) {
    self.identity = identity
    self.deaths = deaths
    self.signal = signal
    self.time = time
  }

  /// Why it is not to be scored; nil while it may be.
  var condemnation: Condemnation? {
    deaths >= Limits.deathsPerRecord ? Condemnation(deaths: deaths, signal: signal) : nil
  }

  /// Reads an entry of the file; nil if it was cut or makes no sense.
  init?(words: ArraySlice<UInt64>) {
    let start = words.startIndex
    guard words[start + 7] == InFlightLayout.seal(of: words[start..<start + 7]),
      let number = Int32(exactly: words[start + 1]), number >= 0, let offset = Int64(exactly: words[start + 2]),
      let deaths = UInt8(exactly: words[start + 4]), deaths > 0, let signal = UInt8(exactly: words[start + 5])
    else { return nil }
    let partition = HashedPartition(topic: words[start], number: number)
    self.init(
      Identity(partition: partition, offset: offset, timestamp: Int64(bitPattern: words[start + 3])), deaths: deaths,
      signal: signal, time: Int64(bitPattern: words[start + 6]))
  }

  /// As an entry of the file, with its seal.
  var words: [UInt64] {
    let body = [
      identity.partition.topic, UInt64(bitPattern: Int64(identity.partition.number)),
      UInt64(bitPattern: identity.offset), UInt64(bitPattern: identity.timestamp), UInt64(deaths), UInt64(signal),
      UInt64(bitPattern: time),
    ]
    return body + [InFlightLayout.seal(of: body)]
  }
}
