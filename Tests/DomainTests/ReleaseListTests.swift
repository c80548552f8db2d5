import Domain
import TestSupport
import Testing

/// The list of releases against a plain array.
@Suite struct ReleaseListTests {
  private func record(_ version: String, _ sequence: Int64) -> ReleaseRecord {
    let ready = ModelReady(
      identity: ReleaseIdentity(model: "m", version: version, digest: "sha256:\(version)"), archiveDigest: "sha256:tar",
      size: 1, uri: "file:/a.tar")
    return ReleaseRecord(ready, intent: .store, commandID: "c", sequence: sequence, at: 0)
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `whatever is done to it, it has what an array would have, and finds each version`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var (list, array): (ReleaseList, [ReleaseRecord]) = ([], [])
    for sequence in 0..<400 as Range<Int64> {
      let new = record("v\(sequence)", sequence)
      let position = array.indices.randomElement(using: &generator)
      let (copy, before) = (list, array)
      switch (Int.random(in: 0..<8, using: &generator), position) {
      case (0, let position?):
        list.remove(at: position)
        array.remove(at: position)
      case (1, let position?):
        list[position].intent = .hold
        array[position].intent = .hold
      case (2, let position?):
        list[position] = new
        array[position] = new
      case (3, let position?):
        list.insert(new, at: position)
        array.insert(new, at: position)
      default:
        list.append(new)
        array.append(new)
      }
      #expect(Array(list) == array)
      #expect(list == ReleaseList(array))
      #expect(Array(copy) == before, "a copy changed with it")
    }
    for (position, record) in array.enumerated() {
      #expect(list.position(of: record.identity.version) == position)
      #expect(list.sequence(of: record.identity.version) == record.sequence)
    }
    for sequence in 0..<400 as Range<Int64> where !array.contains(where: { $0.identity.version == "v\(sequence)" }) {
      #expect(list.position(of: "v\(sequence)") == nil && list.sequence(of: "v\(sequence)") == nil)
    }
  }
}
