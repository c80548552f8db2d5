import Domain
import Foundation

/// Reads a tar archive from front to back, in pieces, and gives out its regular files. Whatever else it finds is
/// skipped if it is harmless (directories, pax headers with times and owners), else the archive is refused: bytes from
/// the wire decide here what is written to disk.
final class TarReader {
  /// A regular file in the archive; its path is checked.
  struct Entry: Equatable {
    var path: String
    var size: Int
  }

  private let file: InputFile
  private var position: Int64 = 0
  private var headerCount = 0
  private var fileCount = 0
  private var contentBytes = 0
  /// Of the current entry: what is not read yet, and the zeros behind it.
  private var unreadBytes = 0
  private var paddingBytes = 0
  private var current = "the first entry"

  /// Opens an archive.
  init(_ path: String) throws(Refusal) {
    file = try InputFile(path)
  }

  /// The next regular file; nil at the end of a complete archive. The content of the one before is passed over.
  func next() throws(Refusal) -> Entry? {
    while true {
      try readContent { _ in }
      let block = try take(TarHeader.blockBytes)
      if block.allSatisfy({ $0 == 0 }) {
        try finish()
        return nil
      }
      if let entry = try enter(block) { return entry }
    }
  }

  /// Gives the content of the current entry to `body` in pieces.
  func readContent(_ body: (Data) throws(Refusal) -> Void) throws(Refusal) {
    while unreadBytes > 0 {
      let piece = try takePiece(unreadBytes)
      unreadBytes -= piece.count
      try body(piece)
    }
    if paddingBytes > 0 {
      let padding = try take(paddingBytes)
      paddingBytes = 0
      guard padding.allSatisfy({ $0 == 0 }) else { throw refusal("expected zeros behind its content") }
    }
  }

  /// Reads a header; nil if its entry was skipped.
  private func enter(_ block: [UInt8]) throws(Refusal) -> Entry? {
    headerCount += 1
    guard headerCount <= Limits.archiveHeaders else {
      throw Refusal(.tooLarge, "\(file.path): expected at most \(Limits.archiveHeaders) headers, found more")
    }
    let header = try read(block)
    current = header.path.isEmpty ? "entry \(headerCount)" : ArchivePath.quoted(header.path)
    switch header.kind {
    case .other(let kind): throw refusal("expected a regular file, found \(kind)")
    case .extended:
      try skipExtended(header)
      return nil
    case .directory:
      let path = header.path.hasSuffix("/") ? String(header.path.dropLast()) : header.path
      if let problem = ArchivePath.problem(path) { throw refusal(problem) }
      guard header.size == 0 else { throw refusal("expected a directory without content, found \(header.size) bytes") }
      return nil
    case .file:
      if let problem = ArchivePath.problem(header.path) { throw refusal(problem) }
      let entry = try count(header)
      try begin(header)
      return entry
    }
  }

  private func read(_ block: [UInt8]) throws(Refusal) -> TarHeader {
    do {
      return try TarHeader(block: block)
    } catch {
      throw Refusal(.unsafeArchive, "\(file.path), entry \(headerCount): \(error.message)")
    }
  }

  private func count(_ header: TarHeader) throws(Refusal) -> Entry {
    fileCount += 1
    guard fileCount <= Limits.filesPerRelease + 1 else {
      throw Refusal(
        .tooLarge, "\(file.path): expected a manifest and at most \(Limits.filesPerRelease) files, found more")
    }
    contentBytes += header.size
    guard contentBytes <= Limits.releaseBytes else {
      throw Refusal(
        .tooLarge, "\(file.path): expected files of at most \(Limits.releaseBytes) bytes in all, found more")
    }
    return Entry(path: header.path, size: header.size)
  }

  private func begin(_ header: TarHeader) throws(Refusal) {
    let left = file.size - position
    guard Int64(header.size) <= left else {
      throw refusal("the archive is truncated: expected \(header.size) bytes of content, found \(max(left, 0))")
    }
    unreadBytes = header.size
    paddingBytes = (TarHeader.blockBytes - header.size % TarHeader.blockBytes) % TarHeader.blockBytes
  }

  private func skipExtended(_ header: TarHeader) throws(Refusal) {
    guard header.size <= Limits.extendedHeaderBytes else {
      throw refusal("expected a pax header of at most \(Limits.extendedHeaderBytes) bytes, found \(header.size)")
    }
    try begin(header)
    var bytes: [UInt8] = []
    try readContent { bytes += $0 }
    if let problem = ExtendedHeader.problem(bytes) {
      throw refusal("expected a pax header that changes neither path nor content, found \(problem)")
    }
  }

  /// Behind the first zero block there must be another one, and then nothing but zeros.
  private func finish() throws(Refusal) {
    current = "the end"
    guard try take(TarHeader.blockBytes).allSatisfy({ $0 == 0 }) else {
      throw refusal("expected two blocks of zeros, found one with something behind it")
    }
    while let piece = try file.read() {
      guard piece.allSatisfy({ $0 == 0 }) else { throw refusal("expected zeros up to the end of the file") }
    }
  }

  private func take(_ count: Int) throws(Refusal) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count { bytes += try takePiece(count - bytes.count) }
    return bytes
  }

  private func takePiece(_ count: Int) throws(Refusal) -> Data {
    guard let piece = try file.read(upTo: count) else {
      throw refusal("the archive is truncated: it ends after \(position) bytes")
    }
    position += Int64(piece.count)
    return piece
  }

  private func refusal(_ problem: String) -> Refusal {
    Refusal(.unsafeArchive, "\(file.path), \(current): \(problem)")
  }
}
