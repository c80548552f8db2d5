import Artifacts
import Domain
import Foundation
import Testing

/// Reading the files of a release on disk.
struct ContentsTests {
  private static func release(_ directory: TemporaryDirectory, _ text: String, size: Int? = nil) throws -> StoredRelease
  {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory.path)/set.jsonl"))
    let entry = Manifest.FileEntry(
      path: "set.jsonl", sha256: Digest.sha256(Array("rows".utf8)), size: size ?? "rows".utf8.count)
    let manifest = Manifest(name: "loan", version: "1", inputs: [], outputs: [], stages: [], files: [entry])
    return StoredRelease(
      identity: ReleaseIdentity(model: "loan", version: "1", digest: "sha256:x"), manifest: manifest,
      directory: directory.path)
  }

  private static func refusal(_ release: StoredRelease, path: String = "set.jsonl", limit: Int = 100) -> Refusal? {
    do throws(Refusal) {
      _ = try DirectoryContents().bytes(of: path, in: release, limit: limit)
      return nil
    } catch {
      return error
    }
  }

  @Test func `P3: a file that is as the manifest lists it is read`() throws {
    let directory = try TemporaryDirectory()
    let release = try Self.release(directory, "rows")
    #expect(try DirectoryContents().bytes(of: "set.jsonl", in: release, limit: 4) == Array("rows".utf8))
  }

  @Test(arguments: ["row5", "rows and more", "row", ""])
  func `P3: a file that has changed on disk is not read`(text: String) throws {
    let directory = try TemporaryDirectory()
    let refusal = Self.refusal(try Self.release(directory, text))
    #expect(refusal?.reason == .digestMismatch)
    #expect(refusal?.message.contains("set.jsonl") == true)
  }

  @Test func `P3: a file that is missing, not listed or a directory is a digest mismatch`() throws {
    let directory = try TemporaryDirectory()
    let release = try Self.release(directory, "rows")
    #expect(Self.refusal(release, path: "other")?.reason == .digestMismatch)
    try FileManager.default.removeItem(atPath: "\(directory.path)/set.jsonl")
    #expect(Self.refusal(release)?.reason == .digestMismatch)
    try FileManager.default.createDirectory(atPath: "\(directory.path)/set.jsonl", withIntermediateDirectories: false)
    #expect(Self.refusal(release)?.reason == .digestMismatch)
  }

  @Test func `P4: a file that cannot be read now may be read later`() throws {
    let directory = try TemporaryDirectory()
    let release = try Self.release(directory, "rows")
    try FileManager.default.removeItem(atPath: "\(directory.path)/set.jsonl")
    #expect(Self.refusal(release)?.mayRetry == false)
    // A regular file whose first bytes cannot be read: EIO (proc_pid_mem(5)).
    try FileManager.default.createSymbolicLink(
      atPath: "\(directory.path)/set.jsonl", withDestinationPath: "/proc/self/mem")
    #expect(Self.refusal(release)?.mayRetry == true)
  }

  @Test func `P8: a file larger than the limit is not read`() throws {
    let directory = try TemporaryDirectory()
    #expect(Self.refusal(try Self.release(directory, "rows"), limit: 3)?.reason == .tooLarge)
  }
}
