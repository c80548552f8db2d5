import Domain
import Foundation
import Testing

@testable import Artifacts

@Suite("Fetching")
struct FetchTests {
  private let root: TemporaryDirectory

  init() throws { root = try TemporaryDirectory() }

  private func repository(
    _ records: [TopicRecord] = [], failure: Refusal? = nil, failsAfter: Int = 0, free: Int64? = nil
  )
    -> DiskReleaseRepository
  {
    DiskReleaseRepository(
      root: root.path, chunks: FakeChunks(records, failure: failure, failsAfter: failsAfter), manifests: FakeManifests()
    ) { _ in free }
  }

  /// A sample of three chunks, announced as such.
  private func large() throws -> (Sample, ReleaseRecord, [TopicRecord]) {
    let sample = try Sample(model: [UInt8](repeating: 3, count: 2_000_000))
    var record = sample.record
    record.uri = "kafka:releases/0/10-99"
    let chunks = try sample.chunks(from: 10)
    #expect(chunks.count == 3)
    return (sample, record, chunks)
  }

  private func check(_ record: ReleaseRecord, _ records: [TopicRecord], is reason: RefusalReason, says text: String) {
    let refused = refusal { () throws(Refusal) in try repository(records).fetch(record) }
    #expect(refused?.reason == reason)
    #expect(refused?.message.contains(text) == true, "\(refused?.message ?? "")")
    #expect(root.contents.filter { $0 != "incoming" }.isEmpty, "nothing is left behind")
  }

  @Test("Chunks are put together to the very archive")
  func chunks() throws {
    let (sample, record, chunks) = try large()
    try repository(chunks).fetch(record)
    let hex = record.archiveDigest.dropFirst(7)
    #expect(root.contents == ["incoming", "incoming/\(hex).tar"])
    #expect(try root.read("incoming/\(hex).tar") == (try sample.directory.read("car-loan-1.tar")))
    // It is there: nothing is read again.
    try repository([], failure: Refusal(.fetchFailed, "broken")).fetch(record)
  }

  @Test("Others' chunks in between, chunks sent twice and tombstones of others are passed over")
  func interleaved() throws {
    let (_, record, chunks) = try large()
    var other = chunks[0]
    other.key = Array("\(String(repeating: "0", count: 64)):0".utf8)
    var records = [
      other, chunks[0], TopicRecord(), chunks[0], chunks[1], other, chunks[0], chunks[1], chunks[2], other,
    ]
    for index in records.indices { records[index].offset = 10 + Int64(index) }
    try repository(records).fetch(record)
  }

  @Test("A chunk that is missing, retired or out of order is named")
  func missing() throws {
    let (_, record, chunks) = try large()
    check(record, [chunks[0], chunks[2]], is: .fetchFailed, says: "chunk 1 is missing: was it compacted or retired?")
    check(record, [chunks[1], chunks[0], chunks[2]], is: .fetchFailed, says: "chunk 0 is missing")
    check(record, [chunks[0], chunks[1]], is: .fetchFailed, says: "chunk 2 is missing")
    check(record, [], is: .fetchFailed, says: "chunk 0 is missing")
    var retired = chunks
    retired[2].value = nil
    check(record, retired, is: .fetchFailed, says: "chunk 2 is missing")
  }

  @Test("A fetch of chunks or of a file that is given up ends, and leaves nothing behind")
  func givenUp() throws {
    let (sample, record, chunks) = try large()
    for record in [record, sample.record] {
      let giveUp = GiveUp()
      giveUp.now()
      let refused = refusal { () throws(Refusal) in try repository(chunks).fetch(record, giveUp: giveUp) }
      #expect(refused?.message == "the fetch was given up" && refused?.mayRetry == true)
      #expect(root.contents == ["incoming"])
    }
  }

  @Test("Chunks outside of the announced range are not looked at")
  func range() throws {
    var (_, record, chunks) = try large()
    record.uri = "kafka:releases/0/10-11"
    check(record, chunks, is: .fetchFailed, says: "chunk 2 is missing")
  }

  @Test("P9: another content under the right keys is refused, naming both digests")
  func wrongDigest() throws {
    var (_, record, chunks) = try large()
    chunks[1].value?[7] ^= 1
    check(record, chunks, is: .digestMismatch, says: "expected \(record.archiveDigest), found sha256:")
  }

  @Test("P8: an archive that is larger than announced stops at the announced size")
  func sizeLies() throws {
    var (_, record, chunks) = try large()
    record.size -= 1
    check(record, chunks, is: .digestMismatch, says: "expected \(record.size) bytes")
    record.size += 2
    check(record, chunks, is: .fetchFailed, says: "chunk 3 is missing")
    let sample = try Sample()
    var file = sample.record
    file.size += 1
    check(file, [], is: .digestMismatch, says: "as announced")
  }

  @Test("P8: a size beyond the limit, or none, is refused before anything is read")
  func limits() throws {
    let sample = try Sample()
    var record = sample.record
    for size in [0, -1, Int64(Limits.archiveBytes) + 1, .max] {
      record.size = size
      check(record, [], is: .tooLarge, says: "expected an archive of 1 to")
    }
  }

  @Test("A disk without room for archive and release is told before anything is written")
  func disk() throws {
    let sample = try Sample()
    let record = sample.record
    let refused = refusal { () throws(Refusal) in try repository(free: 64 << 20).fetch(record) }
    #expect(refused?.reason == .outOfDisk)
    try repository(free: (64 << 20) + 2 * record.size).fetch(record)
  }

  @Test("A file that is missing, a directory or no regular file is refused")
  func files() throws {
    let sample = try Sample()
    var record = sample.record
    record.uri = "file:///nowhere/a.tar"
    check(record, [], is: .fetchFailed, says: "No such file")
    record.uri = "file:\(root.path)"
    check(record, [], is: .fetchFailed, says: "understudy pack")
    record.uri = "file:///dev/zero"
    check(record, [], is: .fetchFailed, says: "expected a regular file")
  }

  @Test(
    "A URI that cannot be served is refused",
    arguments: [
      ("ftp://example.org/a.tar", RefusalReason.unsupported), ("", .unsupported), ("kafka", .unsupported),
      ("kafka:t/0/5", .fetchFailed), ("kafka:t/0/5-4", .fetchFailed), ("kafka:t/-1/5-6", .fetchFailed),
      ("kafka:t/0/-5-6", .fetchFailed), ("kafka:t!/0/5-6", .fetchFailed), ("kafka:t/0/5-6/7", .fetchFailed),
      ("kafka:t/99999999999/5-6", .fetchFailed), ("kafka:t/0/1-99999999999999999999", .fetchFailed),
      ("kafka:t/0/0-9223372036854775807", .tooLarge), ("file:relative.tar", .fetchFailed),
      ("file://host/a.tar", .fetchFailed), ("file:///a%00b", .fetchFailed),
    ])
  func locations(_ uri: String, _ reason: RefusalReason) throws {
    #expect(refusal { () throws(Refusal) in _ = try ReleaseLocation(uri) }?.reason == reason)
  }

  @Test("P8: a range of as many records as allowed is read, and one more is refused")
  func recordsPerRange() throws {
    let last = Limits.recordsPerReleaseRange - 1
    #expect(try ReleaseLocation("kafka:t/0/0-\(last)") == .chunks(topic: "t", partition: 0, offsets: 0...last))
    let refused = refusal { () throws(Refusal) in _ = try ReleaseLocation("kafka:t/0/0-\(last + 1)") }
    #expect(refused?.reason == .tooLarge && refused?.message.contains("at most 100000 records") == true)
  }

  @Test("The forms of a URI that are served")
  func forms() throws {
    #expect(try ReleaseLocation("kafka:a.b/2/5-5") == .chunks(topic: "a.b", partition: 2, offsets: 5...5))
    #expect(ReleaseLocation.uri(topic: "a.b", partition: 2, offsets: 5...9) == "kafka:a.b/2/5-9")
    for uri in ["file:/a%20b.tar", "file:///a%20b.tar", "file://localhost/a b.tar"] {
      #expect(try ReleaseLocation(uri) == .file(path: "/a b.tar"))
    }
  }

  @Test("P4: a partition that breaks halfway leaves nothing, and the next try succeeds")
  func interrupted() throws {
    let (_, record, chunks) = try large()
    let broken = repository(chunks, failure: Refusal(.fetchFailed, "the brokers are away"), failsAfter: 2)
    #expect(refusal { () throws(Refusal) in try broken.fetch(record) }?.message == "the brokers are away")
    #expect(root.contents == ["incoming"])
    try repository(chunks).fetch(record)
  }

  @Test("P6: what a killed process has left half written is done again")
  func leftover() throws {
    let sample = try Sample()
    let record = sample.record
    let hex = record.archiveDigest.dropFirst(7)
    try root.write("incoming/\(hex).tar.partial", [1, 2, 3])
    try repository().fetch(record)
    #expect(root.contents == ["incoming", "incoming/\(hex).tar"])
  }

  @Test("P9: a digest that is none never becomes a path")
  func digests() throws {
    let sample = try Sample()
    var record = sample.record
    record.archiveDigest = "sha256:../../evil"
    check(record, [], is: .malformed, says: "64 lowercase hexadecimal digits")
  }
}
