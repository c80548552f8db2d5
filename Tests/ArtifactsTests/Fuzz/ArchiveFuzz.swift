import Domain
import Foundation
import TestSupport

@testable import Artifacts

/// Archives that are nearly right, and what must hold of each.
struct ArchiveFuzz {
  /// A file as it was in an archive.
  struct File: Equatable {
    var path: String
    var content: [UInt8]
  }

  /// How an archive is read; a test may plant a mistake here.
  var decode: (String) throws(Refusal) -> [File] = ArchiveFuzz.read
  private let directory: TemporaryDirectory
  private let corpus: [[UInt8]]
  private static let block = TarHeader.blockBytes

  init() throws {
    directory = try TemporaryDirectory()
    var plain = HandmadeTar()
    plain.add("manifest.json", Array("{}".utf8))
    plain.add("a/b.onnx", [UInt8](repeating: 5, count: 700))
    var rich = HandmadeTar()
    rich.add("a/", type: "5")
    rich.add("pax", HandmadeTar.pax("mtime", "1.5") + HandmadeTar.pax("uname", "me"), type: "x")
    rich.add("a/b", [1, 2])
    rich.add(Array("file".utf8), [3], prefix: Array("folder/of/it".utf8))
    var gnu = HandmadeTar()
    gnu.add(Array("model.onnx".utf8), [1]) { $0.replaceSubrange(257..<265, with: Array("ustar  \u{0}".utf8)) }
    corpus = [plain.ended, rich.ended, gnu.ended]
  }

  // MARK: Mutations

  /// An archive with a few mutations; most have right checksums, since nothing behind them is reached otherwise.
  func next(_ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = corpus.randomElement(using: &generator) ?? []
    repeat { mutate(&bytes, &generator) } while Int.random(in: 0..<5, using: &generator) < 2
    if Int.random(in: 0..<8, using: &generator) > 0 { Self.mendChecksums(&bytes) }
    return bytes
  }

  /// Where fields of a header begin, with their lengths.
  private static let fields = [
    (0, 100), (100, 8), (108, 8), (116, 8), (124, 12), (136, 12), (148, 8), (156, 1), (157, 100), (257, 8), (345, 155),
  ]
  /// What stands in the place of a field.
  private static let values = [
    "", "..", "/etc/passwd", "a/../b", ".", "a//b", "a\\b", "a", "manifest.json", "00000000000", "00000000001",
    "00000000777", "77777777777", "7777777777777", "-1", " 12", "0x1", "0", "1", "2", "5", "x", "g", "L", "K", "S",
    "ustar\u{0}00", "ustar  \u{0}", "\u{0}x", "é", String(repeating: "n", count: 155),
  ]

  private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    let blocks = bytes.count / Self.block
    guard blocks > 0 else { return }
    let start = Int.random(in: 0..<blocks, using: &generator) * Self.block
    let block = start..<start + Self.block
    switch Int.random(in: 0..<12, using: &generator) {
    case 0: bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1: bytes[Int.random(in: block, using: &generator)] = .random(in: 0...255, using: &generator)
    case 2: bytes.removeLast(Int.random(in: 0...bytes.count, using: &generator))
    case 3: bytes.removeSubrange(block)
    case 4: bytes.insert(contentsOf: bytes[block], at: start)
    case 5: bytes.insert(contentsOf: [UInt8](repeating: 0, count: Self.block), at: start)
    case 6: bytes += corpus.randomElement(using: &generator) ?? []
    default:
      guard let (offset, length) = Self.fields.randomElement(using: &generator) else { return }
      let value = Array((Self.values.randomElement(using: &generator) ?? "").utf8.prefix(length))
      let field = value + [UInt8](repeating: 0, count: length - value.count)
      bytes.replaceSubrange(start + offset..<start + offset + length, with: field)
    }
  }

  /// Gives every block that could be a header the checksum that it should have.
  static func mendChecksums(_ bytes: inout [UInt8]) {
    for start in stride(from: 0, to: bytes.count - block + 1, by: block)
    where bytes[start + 257..<start + 262].elementsEqual("ustar".utf8) {
      let sum = String(TarHeader.checksum(Array(bytes[start..<start + block])), radix: 8)
      let digits = Array((String(repeating: "0", count: 6 - sum.count) + sum + "\u{0} ").utf8)
      bytes.replaceSubrange(start + 148..<start + 156, with: digits)
    }
  }

  // MARK: The rule

  /// An archive gives files with safe paths, of no more bytes than it has, which written anew read the same; or it is
  /// refused with its path, a reason of the contract and what is wrong.
  func check(_ bytes: [UInt8]) throws -> (problem: String?, reaction: String) {
    let path = try directory.write("a.tar", bytes)
    let shown = { Data(bytes).base64EncodedString() }
    do throws(Refusal) {
      let files = try decode(path)
      guard let problem = problem(files, bytes) else { return (nil, "\(files.map(\.path))") }
      return ("\(problem)\n\(shown())", problem)
    } catch {
      let says = error.message.hasPrefix(path) ? error.message.dropFirst(path.count) : ""
      let isRight = [.unsafeArchive, .tooLarge].contains(error.reason) && says.count > 3
      return (isRight ? nil : "a refusal that names no place: \(error)\n\(shown())", String(says))
    }
  }

  private func problem(_ files: [File], _ bytes: [UInt8]) -> String? {
    for file in files {
      let parts = file.path.split(separator: "/", omittingEmptySubsequences: false)
      if parts.contains("..") || parts.contains(".") || parts.contains("") { return "gives the path \(file.path)" }
    }
    guard files.reduce(0, { $0 + $1.content.count }) <= bytes.count else { return "gives more bytes than there are" }
    var again: [UInt8] = []
    for file in files {
      guard let header = TarHeader.block(path: file.path, size: file.content.count) else {
        return "gives a path that cannot be written: \(file.path)"
      }
      let padding = (Self.block - file.content.count % Self.block) % Self.block
      again += header + file.content + [UInt8](repeating: 0, count: padding)
    }
    let path = try? directory.write("again.tar", again + [UInt8](repeating: 0, count: 2 * Self.block))
    do throws(Refusal) {
      let read = try decode(path ?? "")
      return read == files ? nil : "reads back as \(read), not \(files)"
    } catch { return "is refused as it is written: \(error)" }
  }

  /// All files of an archive.
  static func read(_ path: String) throws(Refusal) -> [File] {
    let reader = try TarReader(path)
    var files: [File] = []
    while let entry = try reader.next() {
      var content: [UInt8] = []
      try reader.readContent { content += $0 }
      files.append(File(path: entry.path, content: content))
    }
    return files
  }
}
