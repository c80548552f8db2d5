import Crypto
import Domain
import Foundation

/// Writes a reproducible tar: regular files with mode 0644, without owners, times and directories. The same files give
/// the same bytes, also those of Python's `tarfile` in its ustar format.
struct TarWriter {
  private let output: OutputFile

  /// Begins an archive in a new file.
  init(creating path: String) throws(Refusal) {
    output = try OutputFile(creating: path, mode: 0o644)
  }

  /// Adds a file from memory.
  func add(_ path: String, bytes: [UInt8]) throws(Refusal) {
    try addHeader(path, size: bytes.count)
    try output.write(Data(bytes))
    try pad(to: TarHeader.blockBytes)
  }

  /// Adds a file from disk, which must have the size and digest that were found before.
  func add(_ entry: Manifest.FileEntry, from source: String) throws(Refusal) {
    try addHeader(entry.path, size: entry.size)
    let start = output.size
    let file = try InputFile(source, else: .badManifest)
    var hasher = SHA256()
    while let piece = try file.read() {
      guard output.size - start + Int64(piece.count) <= Int64(entry.size) else { throw changed(source) }
      hasher.update(data: piece)
      try output.write(piece)
    }
    guard output.size - start == Int64(entry.size), Digest.text(hasher.finalize()) == entry.sha256 else {
      throw changed(source)
    }
    try pad(to: TarHeader.blockBytes)
  }

  /// Ends the archive: two blocks of zeros, padded to a record, and all of it on disk.
  func finish() throws(Refusal) -> OutputFile.Content {
    try output.write(Data(count: 2 * TarHeader.blockBytes))
    try pad(to: TarHeader.recordBytes)
    return try output.finish()
  }

  private func addHeader(_ path: String, size: Int) throws(Refusal) {
    guard let block = TarHeader.block(path: path, size: size) else {
      throw Refusal(
        .badManifest,
        "\(ArchivePath.quoted(path)), \(size) bytes: expected a file below 8 GiB whose path fits a tar header (names of at most 100 bytes)"
      )
    }
    try output.write(Data(block))
  }

  private func pad(to multiple: Int) throws(Refusal) {
    let count = (multiple - Int(output.size) % multiple) % multiple
    if count > 0 { try output.write(Data(count: count)) }
  }

  private func changed(_ source: String) -> Refusal {
    Refusal(.badManifest, "\(source) changed while it was packed: pack again when nothing writes to it")
  }
}
