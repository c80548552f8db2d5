import Domain
import Foundation
import Testing

@testable import StateStore

/// The file `in-flight`: what lanes write there is what the next process reads.
struct InFlightFileTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  var path: String { directory.path + "/in-flight" }

  func open(now: Int64 = 1000) throws -> InFlightFile {
    try InFlightFile(StateDirectory(path: directory.path, owner: "slot w-0"), hasPool: false, now: now)
  }

  func words() throws -> [UInt64] { try #require(MappedWords.read(path, count: InFlightLayout.words)) }

  func write(_ words: [UInt64]) throws {
    var bytes = Data()
    for word in words { for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> (8 * shift))) } }
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  /// Records of (topic, partition, offset).
  func batch(_ records: [(String, Int32, Int64)]) -> RecordBatch {
    var batch = RecordBatch()
    for (topic, partition, offset) in records {
      let position = batch.topicPosition(topic)
      batch.appendRecord(topic: position, partition: partition, offset: offset, timestamp: 77, key: nil, value: nil)
    }
    return batch
  }

  func hashed(_ topic: String, _ number: Int32) -> HashedPartition {
    .init(topic: InFlightLayout.hash(ofTopic: topic), number: number)
  }

  @Test("P7: what a lane is scoring is in the file at once, by partition, and gone when it is done")
  func journal() throws {
    let file = try open()
    let journal = try #require(file.journal(ofLane: 3))
    journal.enter()
    let records = batch([("a", 0, 5), ("a", 0, 6), ("b", 0, 1), ("a", 1, 9), ("a", 0, 9)])
    journal.begin(records)
    let contents = try #require(InFlightContents(words: try words()))
    #expect(contents.laneThreads.count == 1 && contents.busy.count == 1)
    #expect(
      contents.busy[0].ranges == [
        OffsetRange(hashed("a", 0), 5, 9), OffsetRange(hashed("b", 0), 1, 1), OffsetRange(hashed("a", 1), 9, 9),
      ])
    #expect(contents.busy[0].alone == nil)
    journal.end(records)
    let after = try #require(InFlightContents(words: try words()))
    #expect(after.busy == [] && after.laneThreads.count == 1 && after.brokenEntries == 0)
    let single = batch([("a", 0, 10)])
    journal.begin(single)
    #expect(
      try InFlightContents(words: words())?.busy.first?.alone
        == .init(partition: hashed("a", 0), offset: 10, timestamp: 77))
    journal.leave()
    #expect(try InFlightContents(words: words())?.laneThreads == [])
  }

  @Test("P8: suspects that nobody here has read for ten minutes are other workers', and cost nothing any more")
  func forgotten() throws {
    var list = SuspectList()
    list.suspect(OffsetRange(hashed("a", 4), 5, 9), now: 1000)
    list.accuse(.init(partition: hashed("a", 5), offset: 1, timestamp: 77), signal: 8, now: 1000)
    for seconds in [Limits.suspicionSeconds - 60, Limits.suspicionSeconds + 1] {
      try write(InFlightContents.words(hasPool: false, list))
      let state = try StateDirectory(path: directory.path, owner: "slot w-0")
      let file = try InFlightFile(state, hasPool: false, now: 1000, opened: .now - .seconds(seconds))
      let journal = try #require(file.journal(ofLane: 0))
      #expect(journal.hasSuspects)
      journal.committed(topic: "b", partition: 0, next: 7)
      #expect(journal.hasSuspects == (seconds < Limits.suspicionSeconds))
    }
  }

  @Test("P7: crashes of a lane whose record is alone add up over starts, and the journal tells of them")
  func deaths() throws {
    for death in 1...3 {
      do {
        let file = try open()
        let journal = try #require(file.journal(ofLane: 0))
        journal.enter()
        journal.begin(batch([("a", 0, 10)]))
        // The mark as the handler makes it, and then the end: nobody cleans up.
        let thread = try words()[InFlightLayout.slotStart(0) + 1]
        var left = try words()
        left.replaceSubrange(InFlightLayout.markStart..<InFlightLayout.markStart + 4, with: [2, 8, thread, 1])
        journal.leave()
        try write(left)
      }
      let file = try open()
      #expect(file.findings.signal == "SIGFPE" && file.findings.newSuspects == 1)
      #expect(file.findings.accused == 1 && file.findings.condemned == (death < 3 ? 0 : 1))
    }
    let file = try open()
    #expect(file.findings.signal == nil)
    let journal = try #require(file.journal(ofLane: 1))
    let records = batch([("a", 0, 10)])
    #expect(
      journal.hasSuspects
        && journal.suspicion(of: records.records[0], topic: "a")
          == .condemned(Condemnation(deaths: 3, signal: 8))
    )
    journal.committed(topic: "a", partition: 0, next: 11)
    #expect(!journal.hasSuspects && journal.suspicion(of: records.records[0], topic: "a") == .none)
    #expect(try InFlightContents(words: words())?.suspects == SuspectList())
  }

  @Test("P7: a kill while a record is alone says nothing against it")
  func kill() throws {
    for _ in 0..<5 {
      let file = try open()
      #expect(file.findings == InFlightFindings())
      let journal = try #require(file.journal(ofLane: 0))
      journal.enter()
      journal.begin(batch([("a", 0, 10)]))
      let left = try words()
      journal.leave()
      try write(left)
    }
  }

  @Test("the file is the owner's alone, and a start leaves no other one behind")
  func permissions() throws {
    _ = try open()
    let facts = try FileManager.default.attributesOfItem(atPath: path)
    #expect((facts[.posixPermissions] as? Int) == 0o600)
    #expect((facts[.size] as? Int) == InFlightLayout.bytes)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["in-flight", "lock"])
  }

  @Test(
    "P7: a foreign, cut or damaged file is set aside and never believed",
    arguments: ["empty", "short", "long", "text", "magic", "version", "head", "link", "directory"])
  func foreign(_ kind: String) throws {
    _ = try open()
    var left = try words()
    switch kind {
    case "empty": try Data().write(to: URL(fileURLWithPath: path))
    case "short": try write(Array(left.dropLast()))
    case "long": try write(left + [0])
    case "text": try Data(repeating: 0x41, count: InFlightLayout.bytes).write(to: URL(fileURLWithPath: path))
    case "magic": left[0] ^= 1
    case "version": left[1] += 1
    case "head": left[3] ^= 1 << 40
    case "link":
      try FileManager.default.moveItem(atPath: path, toPath: path + ".elsewhere")
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path + ".elsewhere")
    default:
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
    if ["magic", "version", "head"].contains(kind) { try write(left) }
    let file = try open()
    #expect(file.findings.setAside == path + ".bad" && !file.hasSuspects)
    #expect(FileManager.default.fileExists(atPath: path + ".bad") || kind == "link")
    #expect(try open().findings == InFlightFindings())
  }
}
