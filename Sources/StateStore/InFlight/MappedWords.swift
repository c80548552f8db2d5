import Domain
import Glibc

/// A file's words in memory: what is stored there is the file's, also when the process dies with the next instruction.
@safe final class MappedWords: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<UInt64>
  let count: Int

  /// Writes a new file in the place of whatever has its name, and maps it.
  init(_ words: [UInt64], at path: String) throws(StateError) {
    let new = path + ".new"
    unsafe unlink(new)
    let descriptor = unsafe open(new, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.failure("create \(new)", errno) }
    defer { close(descriptor) }
    let bytes = words.count * 8
    // Every block at once: a store into a hole of a full disk would end the process.
    let code = posix_fallocate(descriptor, 0, off_t(bytes))
    guard code == 0 else { throw Self.failure("make room for \(new)", code) }
    let flags = MAP_SHARED
    guard let start = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, descriptor, 0), unsafe start != MAP_FAILED
    else { throw Self.failure("map \(new)", errno) }
    unsafe pointer = start.bindMemory(to: UInt64.self, capacity: words.count)
    count = words.count
    for index in words.indices { unsafe pointer[index] = words[index] }
    guard fsync(descriptor) == 0, unsafe rename(new, path) == 0 else {
      throw Self.failure("put \(path) in its place", errno)
    }
  }

  deinit { unsafe munmap(pointer, count * 8) }

  /// The words of a file. Whatever is not a plain file of this size is not read.
  /// - Returns: nil if there is no such file; no words if it is another one.
  static func read(_ path: String, count: Int) -> [UInt64]? {
    let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return errno == ENOENT ? nil : [] }
    defer { close(descriptor) }
    var facts = stat()
    guard unsafe fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_size == count * 8 else {
      return []
    }
    var words = [UInt64](repeating: 0, count: count)
    let taken = unsafe words.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
    return taken == count * 8 ? words : []
  }

  private static func failure(_ what: String, _ code: Int32) -> StateError {
    .failed("cannot \(what): \(unsafe String(cString: strerror(code)))")
  }
}
