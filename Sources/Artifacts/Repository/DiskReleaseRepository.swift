import Domain
import Foundation
import Synchronization

/// The releases of a worker, in its state directory:
///
///     incoming/<archive sha256>.tar      fetched, not unpacked yet
///     <manifest sha256>/                 verified
///     *.partial                          unfinished; swept, or done again
///
/// A final name is given by `rename` only after everything is checked and on disk, so that what has one is complete.
/// Any thread may call; work on different releases goes on side by side, and on the same one too, since unfinished work
/// has a name of its own.
package final class DiskReleaseRepository: ReleaseRepository {
  let layout: ReleaseLayout
  let chunks: any ChunkSource
  let manifests: any ManifestCoding
  let web: WebAccess
  let freeBytes: @Sendable (String) -> Int64?
  private let unfinished = Mutex<Set<String>>([])

  /// A repository; the directory is created when it is needed.
  /// - Parameter root: `releases` in the state directory.
  /// - Parameter web: what may be fetched over HTTP; by default nothing.
  package convenience init(
    root: String, chunks: any ChunkSource, manifests: any ManifestCoding, web: WebAccess = .none
  ) {
    self.init(root: root, chunks: chunks, manifests: manifests, web: web, freeBytes: FileSystem.freeBytes)
  }

  /// - Parameter freeBytes: what the disk of a path has left; nil if unknown.
  init(
    root: String, chunks: any ChunkSource, manifests: any ManifestCoding, web: WebAccess = .none,
    freeBytes: @escaping @Sendable (String) -> Int64?
  ) {
    layout = ReleaseLayout(root: root)
    self.chunks = chunks
    self.manifests = manifests
    self.web = web
    self.freeBytes = freeBytes
  }

  package func open(_ identity: ReleaseIdentity) throws(Refusal) -> StoredRelease {
    let directory = try layout.directory(identity)
    guard try FileSystem.findDirectory(directory) else {
      throw Refusal(.fetchFailed, "\(identity): expected its files in \(directory), found no such directory")
    }
    let manifest = try ReleaseFiles.manifest(of: identity, in: directory, manifests: manifests)
    try ReleaseFiles.checkStages(of: manifest, in: directory)
    return StoredRelease(identity: identity, manifest: manifest, directory: directory)
  }

  package func remove(_ release: ReleaseRecord) {
    if let archive = try? layout.archive(release) { FileSystem.remove(archive) }
    guard let directory = try? layout.directory(release.identity), FileSystem.isDirectory(directory) else { return }
    // A refused announcement may have named another release's digest: whose files these are, their manifest says.
    let owner = try? ReleaseFiles.manifest(in: directory, manifests: manifests).manifest
    if let owner, owner.name != release.identity.model || owner.version != release.identity.version { return }
    discard(directory)
  }

  package func sweep(keeping releases: [ReleaseRecord]) {
    let archives = Set(
      releases.filter { $0.step == .announced || $0.step == .fetched }.compactMap { try? layout.archive($0) })
    let directories = Set(
      releases.filter { $0.step.isInProgress || $0.step.isOnDisk }.compactMap { try? layout.directory($0.identity) })
    let inUse = unfinished.withLock { $0 }
    for name in FileSystem.names(in: layout.incoming) {
      let path = "\(layout.incoming)/\(name)"
      if !archives.contains(path), !inUse.contains(path) { FileSystem.remove(path) }
    }
    for name in FileSystem.names(in: layout.root) {
      let path = "\(layout.root)/\(name)"
      if path == layout.incoming || directories.contains(path) || inUse.contains(path) { continue }
      discard(path)
    }
  }

  /// Removes a release in such a way that a half removed one is never taken for a complete one.
  private func discard(_ path: String) {
    guard !path.hasSuffix(".partial"), let partial = try? begin(path) else { return FileSystem.remove(path) }
    defer { end(partial) }
    do throws(Refusal) { try FileSystem.move(path, to: partial) } catch { FileSystem.remove(path) }
  }

  /// A name for work that ends in `path`, with nothing there yet.
  func begin(_ path: String) throws(Refusal) -> String {
    let name = unfinished.withLock { names in
      var (name, number) = ("\(path).partial", 2)
      while !names.insert(name).inserted {
        name = "\(path).\(number).partial"
        number += 1
      }
      return name
    }
    FileSystem.remove(name)
    return name
  }

  /// Ends the work under a name and removes what it has left there.
  func end(_ name: String) {
    FileSystem.remove(name)
    unfinished.withLock { _ = $0.remove(name) }
  }
}
