import Domain
import Foundation

/// From the announcement to an archive on disk.
extension DiskReleaseRepository {
  package func fetch(_ release: ReleaseRecord, giveUp: GiveUp = GiveUp()) throws(Refusal) {
    let archive = try layout.archive(release)
    guard release.size > 0, release.size <= Int64(Limits.archiveBytes) else {
      throw Refusal(
        .tooLarge,
        "\(release.identity): expected an archive of 1 to \(Limits.archiveBytes) bytes, found \(release.size) announced"
      )
    }
    if let size = FileSystem.size(ofFile: archive) {
      // It has its name since its digest was checked.
      guard size == release.size else { throw release.wrongSize(found: size) }
      return
    }
    let location = try ReleaseLocation(release.uri)
    try FileSystem.makeDirectories(layout.incoming)
    try checkSpace(for: release)
    let partial = try begin(archive)
    defer { end(partial) }
    let content = try copy(release, from: location, to: partial, giveUp).finish()
    guard content.size == release.size else { throw release.wrongSize(found: content.size) }
    guard Digest.named(content.sha256) == release.archiveDigest else {
      throw Refusal(
        .digestMismatch,
        "archive of \(release.identity): expected \(release.archiveDigest), found \(Digest.named(content.sha256))")
    }
    try FileSystem.move(partial, to: archive)
  }

  private func copy(
    _ release: ReleaseRecord, from location: ReleaseLocation, to partial: String, _ giveUp: GiveUp
  ) throws(Refusal) -> OutputFile {
    if case .web(let url) = location {
      return try WebDownload(release, access: web, giveUp: giveUp).run(from: url, to: partial)
    }
    let output = try OutputFile(creating: partial)
    switch location {
    case .chunks(let topic, let partition, let offsets):
      try copyChunks(of: release, topic: topic, partition: partition, offsets: offsets, to: output, giveUp)
    case .file(let path):
      try copyFile(of: release, path, to: output, giveUp)
    case .web: break
    }
    return output
  }

  /// The archive, what is unpacked from it, and room for the state must fit on the disk together.
  private func checkSpace(for release: ReleaseRecord) throws(Refusal) {
    let needed = 2 * release.size + Limits.spareDiskBytes
    guard let free = freeBytes(layout.incoming), free < needed else { return }
    throw Refusal(
      .outOfDisk, "\(release.identity): expected \(needed) bytes free for \(layout.root), found \(free)",
      mayRetry: true)
  }

  private func copyChunks(
    of release: ReleaseRecord, topic: String, partition: Int32, offsets: ClosedRange<Int64>, to output: OutputFile,
    _ giveUp: GiveUp
  ) throws(Refusal) {
    guard let hex = Digest.hex(release.archiveDigest) else { return }
    var order = ChunkOrder(archiveHex: hex)
    try chunks.read(topic: topic, partition: partition, offsets: offsets, giveUp: giveUp) { record throws(Refusal) in
      guard offsets.contains(record.offset), try order.decide(record) == .take, let value = record.value else { return }
      try append(Data(value), of: release, to: output)
    }
    guard output.size == release.size else { throw order.missing }
  }

  private func copyFile(
    of release: ReleaseRecord, _ path: String, to output: OutputFile, _ giveUp: GiveUp
  ) throws(Refusal) {
    guard !FileSystem.isDirectory(path) else {
      throw Refusal(
        .fetchFailed, "\(path): expected the tar of a release, found a directory: `understudy pack \(path)` makes one")
    }
    let file = try InputFile(path)
    guard file.size == release.size else { throw release.wrongSize(found: file.size) }
    while let piece = try file.read() {
      try giveUp.check()
      try append(piece, of: release, to: output)
    }
  }

  /// Appends bytes, but never more than was announced.
  private func append(_ bytes: Data, of release: ReleaseRecord, to output: OutputFile) throws(Refusal) {
    guard output.size + Int64(bytes.count) <= release.size else {
      throw release.wrongSize(found: output.size + Int64(bytes.count))
    }
    try output.write(bytes)
  }
}

extension ReleaseRecord {
  /// The refusal of an archive that has another size than its announcement says.
  func wrongSize(found: Int64) -> Refusal {
    Refusal(.digestMismatch, "archive of \(identity): expected \(size) bytes, as announced, found \(found)")
  }
}
