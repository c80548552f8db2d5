import Domain
import Foundation
import TestSupport
import Testing

@testable import Artifacts

@Suite("Archives")
struct TarTests {
  private func unpack(_ bytes: [UInt8]) throws -> (
    TemporaryDirectory, () throws(Refusal) -> [String: OutputFile.Content]
  ) {
    let directory = try TemporaryDirectory()
    let path = try directory.write("a.tar", bytes)
    return (directory, { () throws(Refusal) in try Unpacker.unpack(path, into: "\(directory.path)/out") })
  }

  private func check(_ bytes: [UInt8], is reason: RefusalReason, says text: String) throws {
    let (directory, unpack) = try unpack(bytes)
    let refused = try #require(refusal { () throws(Refusal) in _ = try unpack() })
    #expect(refused.reason == reason)
    #expect(refused.message.contains(text), "\(refused.message)")
    #expect(!directory.exists("evil"))
  }

  private func archive(_ change: (inout HandmadeTar) -> Void) -> [UInt8] {
    var tar = HandmadeTar()
    change(&tar)
    return tar.ended
  }

  @Test("What is written is read back, in the same order, and files are for their user alone")
  func roundTrip() throws {
    let directory = try TemporaryDirectory()
    let long = String(repeating: "d/", count: 60) + "file-with-a-name.jsonl"
    let source = try directory.write("source", Array(repeating: 7, count: 1_500_000))
    let writer = try TarWriter(creating: "\(directory.path)/a.tar")
    try writer.add("manifest.json", bytes: Array("{}".utf8))
    try writer.add(
      Manifest.FileEntry(path: "big", sha256: try Digest.sha256(ofFile: source), size: 1_500_000), from: source)
    try writer.add(long, bytes: [])
    let content = try writer.finish()
    #expect(content.size % 10_240 == 0)
    #expect(content.sha256 == (try Digest.sha256(ofFile: "\(directory.path)/a.tar")))

    let unpacked = try Unpacker.unpack("\(directory.path)/a.tar", into: "\(directory.path)/out")
    #expect(Set(unpacked.keys) == ["manifest.json", "big", long])
    #expect(unpacked["big"]?.sha256 == (try Digest.sha256(ofFile: source)))
    #expect(try directory.read("out/manifest.json") == Array("{}".utf8))
    let mode = try FileManager.default.attributesOfItem(atPath: "\(directory.path)/out/big")[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test(
    "P9: a path that leaves the release is refused",
    arguments: [
      "/evil", "../evil", "a/../../evil", "./model.onnx", "a//b", "a/", "a\\..\\evil", "a\u{1}b", "..", ".",
    ])
  func paths(_ path: String) throws {
    try check(archive { $0.add(path, [1]) }, is: .unsafeArchive, says: "expected a")
  }

  @Test("P9: a path that leaves the release by ustar's prefix is refused")
  func prefix() throws {
    try check(
      archive { $0.add(Array("evil".utf8), [1], prefix: Array("..".utf8)) }, is: .unsafeArchive, says: "empty, . and .."
    )
  }

  @Test("A path that is no UTF-8, hides bytes behind NUL or is too long is refused")
  func oddPaths() throws {
    try check(archive { $0.add([0x61, 0xFF]) }, is: .unsafeArchive, says: "UTF-8")
    try check(archive { $0.add([0x61, 0, 0x62]) }, is: .unsafeArchive, says: "NUL")
    try check(archive { $0.add([]) }, is: .unsafeArchive, says: "found none")
    try check(
      archive {
        $0.add([UInt8](repeating: 0x61, count: 100), prefix: [UInt8](repeating: 0x62, count: 120))
      }, is: .unsafeArchive, says: "at most 200 bytes, found 221")
  }

  @Test(
    "P9: links, devices and whatever is no regular file are refused",
    arguments: [
      ("1", "a hard link"), ("2", "a symbolic link"), ("3", "a device"), ("4", "a device"), ("6", "a FIFO"),
      ("7", "unknown type"), ("L", "GNU long name"), ("S", "a sparse file"), ("V", "unknown type"),
    ] as [(Unicode.Scalar, String)])
  func kinds(_ type: Unicode.Scalar, _ name: String) throws {
    try check(archive { $0.add("evil", type: type) }, is: .unsafeArchive, says: name)
  }

  @Test("The same path twice, or as a file and as a directory, is refused")
  func duplicates() throws {
    try check(
      archive {
        $0.add("a"); $0.add("a")
      }, is: .unsafeArchive, says: "once")
    try check(
      archive {
        $0.add("a"); $0.add("a/b")
      }, is: .unsafeArchive, says: "is a file, not a directory")
    try check(
      archive {
        $0.add("a/b"); $0.add("a")
      }, is: .unsafeArchive, says: "found a directory")
  }

  @Test("Directories and pax headers with times and owners are skipped")
  func harmless() throws {
    let (directory, unpack) = try unpack(
      archive {
        $0.add("a/", type: "5")
        $0.add("PaxHeader", HandmadeTar.pax("mtime", "1.5") + HandmadeTar.pax("uname", "me"), type: "x")
        $0.add("a/b", [1, 2])
        $0.add("global", HandmadeTar.pax("comment", "x"), type: "g")
      })
    #expect(Set(try unpack().keys) == ["a/b"])
    #expect(try directory.read("out/a/b") == [1, 2])
  }

  @Test("A pax header that changes path or content, or is no pax header, is refused")
  func pax() throws {
    for keyword in ["path", "size", "linkpath", "GNU.sparse.name", "hdrcharset"] {
      try check(
        archive {
          $0.add("p", HandmadeTar.pax(keyword, "1"), type: "x"); $0.add("a")
        }, is: .unsafeArchive, says: keyword)
    }
    for text in ["x", "999999999 a=b\n", "99 a=b\n", "6 a=bc", "0 a=b\n", "7 a-bc\n"] {
      try check(archive { $0.add("p", Array(text.utf8), type: "g") }, is: .unsafeArchive, says: "pax record")
    }
    try check(
      archive { $0.add("p", [UInt8](repeating: 0x31, count: 70_000), type: "x") }, is: .unsafeArchive, says: "65536")
  }

  @Test("P8: a pax header of as many bytes as allowed is read, and one byte more is refused")
  func longPax() throws {
    func pax(bytes: Int) -> [UInt8] {
      archive {
        $0.add(
          "p", HandmadeTar.pax("comment", String(repeating: "c", count: bytes - "65536 comment=\n".utf8.count)),
          type: "x")
        $0.add("a")
      }
    }
    let (_, unpack) = try unpack(pax(bytes: Limits.extendedHeaderBytes))
    #expect(Set(try unpack().keys) == ["a"])
    try check(
      pax(bytes: Limits.extendedHeaderBytes + 1), is: .unsafeArchive, says: "at most 65536 bytes, found 65537")
  }

  @Test("P8: too many files, too many headers and too many bytes are refused")
  func bounds() throws {
    try check(archive { for n in 0...65 { $0.add("f\(n)") } }, is: .tooLarge, says: "at most 64 files")
    let directories = { count in archive { for n in 0..<count { $0.add("d\(n)/", type: "5") } } }
    let (_, unpack) = try unpack(directories(Limits.archiveHeaders))
    #expect(try unpack().isEmpty)
    try check(directories(Limits.archiveHeaders + 1), is: .tooLarge, says: "256 headers")
    try check(
      archive { $0.add("a", size: Limits.releaseBytes - 1) }, is: .unsafeArchive, says: "truncated")
  }

  @Test("A header that is damaged or of another format is refused")
  func headers() throws {
    var flipped = archive { $0.add("a", [1]) }
    flipped[0] ^= 1
    try check(flipped, is: .unsafeArchive, says: "checksum")
    try check([UInt8]("PK".utf8) + [UInt8](repeating: 1, count: 2000), is: .unsafeArchive, says: "ustar")
    try check(
      archive { $0.add([0x61]) { $0[124] = 0x80 } }, is: .unsafeArchive, says: "octal")
    try check(archive { $0.add([0x61]) { $0[130] = UInt8(ascii: "-") } }, is: .unsafeArchive, says: "octal")
    try check([], is: .unsafeArchive, says: "truncated")
  }

  @Test("Bytes behind a file's end, behind the archive's end, or a single block of zeros are refused")
  func trailing() throws {
    try check(archive { $0.add("a", [1]) } + [1], is: .unsafeArchive, says: "zeros up to the end")
    var tar = HandmadeTar()
    tar.add("a", [1])
    try check(tar.bytes + [UInt8](repeating: 0, count: 512), is: .unsafeArchive, says: "truncated")
    try check(
      tar.bytes + [UInt8](repeating: 0, count: 512) + tar.ended, is: .unsafeArchive, says: "two blocks of zeros")
    var padded = tar.ended
    padded[512 + 100] = 9
    try check(padded, is: .unsafeArchive, says: "behind its content")
  }

  @Test("P4: an archive that is cut anywhere is refused")
  func truncated() throws {
    let whole = archive {
      $0.add("manifest.json", [1, 2, 3]); $0.add("a/b", [UInt8](repeating: 5, count: 700))
    }
    let directory = try TemporaryDirectory()
    for count in stride(from: 0, to: whole.count, by: 37) {
      let path = try directory.write("\(count).tar", Array(whole.prefix(count)))
      let refused = refusal { () throws(Refusal) in _ = try Unpacker.unpack(path, into: "\(directory.path)/\(count)") }
      #expect(refused?.reason == .unsafeArchive, "\(count)")
    }
  }

  @Test("Random damage to headers never traps")
  func damaged() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let directory = try TemporaryDirectory()
    for round in 0..<200 {
      var bytes = archive {
        $0.add("manifest.json", [1, 2, 3]); $0.add("x", HandmadeTar.pax("mtime", "1"), type: "x"); $0.add("a/b", [5])
      }
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let path = try directory.write("a.tar", bytes)
      do throws(Refusal) {
        _ = try Unpacker.unpack(path, into: "\(directory.path)/\(round)")
      } catch {
        #expect([.unsafeArchive, .tooLarge].contains(error.reason), "seed \(seed): \(error)")
      }
    }
  }
}
