import Domain
import Glibc
import Testing

@testable import Artifacts

@Suite("The file system")
struct FileSystemTests {
  @Test(
    "P4: what is missing or malformed stays so, and everything else may pass",
    arguments: [
      (ENOENT, false), (ENOTDIR, false), (ELOOP, false), (ENAMETOOLONG, false), (ENXIO, false), (EMFILE, true),
      (ENFILE, true), (EIO, true), (ESTALE, true), (ENOMEM, true), (EACCES, true), (ETIMEDOUT, true), (ENOSPC, true),
    ])
  func mayPass(code: Int32, passes: Bool) {
    errno = code
    #expect(FileSystem.refusal("cannot open x", else: .digestMismatch).mayRetry == passes)
    errno = code
    #expect(FileSystem.refusal("cannot open x").mayRetry == passes)
  }
}
