import Domain
import Foundation
import Glibc

/// Makes the archive of a release from its directory.
///
/// Reproducible: packing a directory twice gives the same bytes, with the same digests. For that the completed manifest
/// is written back into the directory, so that directory and tar have one digest; a `created_at` that is there is kept,
/// and so is every byte of a manifest that is complete already, whoever wrote it.
package struct ReleasePacker: Sendable {
  private let manifests: any ManifestCoding

  /// A packer.
  package init(manifests: any ManifestCoding) { self.manifests = manifests }

  /// Fills in the manifest of a directory and writes `<name>-<version>.tar` beside it, replacing one that is there.
  ///
  /// The archive holds the manifest, the files that it names as stages and sets, and those that its `files` list
  /// besides; others in the directory stay out.
  /// - Parameter createdAt: RFC 3339 UTC, for a manifest without a time.
  /// - Parameter check: is given the path of the archive before it takes the place of another; what it throws leaves that
  ///   one where it is.
  /// - Throws: `bad_manifest` with what is missing or outside of the directory, `too_large`, `out_of_disk`.
  package func pack(
    _ directory: String, createdAt: String, check: (String) throws(Refusal) -> Void = { _ throws(Refusal) in }
  ) throws(Refusal) -> PackedRelease {
    guard let root = FileSystem.resolved(directory), FileSystem.isDirectory(root) else {
      throw Refusal(.badManifest, "\(directory): expected the directory of a release, found none")
    }
    let path = "\(root)/\(ArchivePath.manifest)"
    try Self.expectManifest(in: directory, root)
    let original = try InputFile.bytes(of: path, limit: Limits.manifestBytes, else: .badManifest)
    let current = try read(original, createdAt: createdAt, path: path)
    let files = try describe(paths(of: current), in: root)
    // A complete manifest keeps its bytes, whoever wrote it.
    let isComplete =
      current.createdAt != nil && files == current.files.sorted { ArchivePath.precedes($0.path, $1.path) }
    let completed = isComplete ? original : try manifests.filled(original, files: files, createdAt: createdAt)
    guard completed.count <= Limits.manifestBytes else {
      throw Refusal(.tooLarge, "\(path): expected at most \(Limits.manifestBytes) bytes, found \(completed.count)")
    }
    let manifest = try manifests.decode(completed)
    if completed != original { try replace(path, with: completed) }
    let identity = ReleaseIdentity(
      model: manifest.name, version: manifest.version, digest: Digest.named(Digest.sha256(completed)))
    let archive =
      "\(URL(fileURLWithPath: root).deletingLastPathComponent().path)/\(manifest.name)-\(manifest.version).tar"
    let content = try write(archive, manifest: completed, files: files, from: root, check: check)
    return PackedRelease(
      identity: identity, archivePath: archive, archiveDigest: Digest.named(content.sha256), archiveSize: content.size,
      files: files)
  }

  /// - Throws: `bad_manifest` if a directory is no release's.
  static func expectManifest(in directory: String, _ root: String) throws(Refusal) {
    guard FileSystem.resolved("\(root)/\(ArchivePath.manifest)") == nil else { return }
    throw Refusal(
      .badManifest,
      "\(directory): has no \(ArchivePath.manifest); expected the directory of a release (docs/releases.md tells what is in it)"
    )
  }

  private func read(_ original: [UInt8], createdAt: String, path: String) throws(Refusal) -> Manifest {
    // A list of files from an earlier packing may be out of date, so that the manifest is read without it first.
    _ = try manifests.decode(try manifests.filled(original, files: [], createdAt: createdAt))
    do throws(Refusal) {
      return try manifests.decode(original)
    } catch {
      throw Refusal(.badManifest, "\(path): \(error.message): remove `files`, which pack fills in, and pack again")
    }
  }

  /// All paths but the manifest's own, in the order of the archive.
  private func paths(of manifest: Manifest) -> [String] {
    Set(manifest.referencedFiles + manifest.files.map(\.path)).subtracting([ArchivePath.manifest])
      .sorted(by: ArchivePath.precedes)
  }

  private func describe(_ paths: [String], in root: String) throws(Refusal) -> [Manifest.FileEntry] {
    guard paths.count <= Limits.filesPerRelease else {
      throw Refusal(.tooLarge, "\(root): expected at most \(Limits.filesPerRelease) files, found \(paths.count)")
    }
    var files: [Manifest.FileEntry] = []
    for path in paths {
      let name = ArchivePath.quoted(path)
      if let problem = ArchivePath.problem(path) { throw Refusal(.badManifest, "\(name): \(problem)") }
      guard let resolved = FileSystem.resolved("\(root)/\(path)") else {
        throw Refusal(.badManifest, "\(root)/\(path): named by the manifest, but \(FileSystem.errorText())")
      }
      guard resolved.hasPrefix("\(root)/") else {
        throw Refusal(
          .badManifest, "\(root)/\(path): expected a file inside of the release, found a link to \(resolved)")
      }
      let file = try InputFile(resolved, else: .badManifest)
      files.append(
        Manifest.FileEntry(path: path, sha256: try Digest.sha256(ofFile: resolved), size: Int(file.size)))
    }
    let total = files.reduce(0) { $0 + $1.size }
    guard total <= Limits.releaseBytes else {
      throw Refusal(.tooLarge, "\(root): expected files of at most \(Limits.releaseBytes) bytes in all, found \(total)")
    }
    return files
  }

  private func replace(_ path: String, with bytes: [UInt8]) throws(Refusal) {
    let partial = "\(path).\(getpid()).partial"
    FileSystem.remove(partial)
    defer { FileSystem.remove(partial) }
    let output = try OutputFile(creating: partial, mode: 0o644)
    try output.write(Data(bytes))
    _ = try output.finish()
    try FileSystem.move(partial, to: path)
  }

  private func write(
    _ archive: String, manifest: [UInt8], files: [Manifest.FileEntry], from root: String,
    check: (String) throws(Refusal) -> Void
  ) throws(Refusal) -> OutputFile.Content {
    let partial = "\(archive).\(getpid()).partial"
    FileSystem.remove(partial)
    defer { FileSystem.remove(partial) }
    let writer = try TarWriter(creating: partial)
    try writer.add(ArchivePath.manifest, bytes: manifest)
    for file in files { try writer.add(file, from: "\(root)/\(file.path)") }
    let content = try writer.finish()
    guard content.size <= Int64(Limits.archiveBytes) else {
      throw Refusal(.tooLarge, "\(archive): expected at most \(Limits.archiveBytes) bytes, found \(content.size)")
    }
    try check(partial)
    try FileSystem.move(partial, to: archive)
    return content
  }
}
