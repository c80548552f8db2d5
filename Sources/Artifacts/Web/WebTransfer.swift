import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1

/// One request for an archive: judges the answer's head, and writes its body to a file, never more than was announced.
///
/// Touched by one event loop only, until the thread that waits for the request goes on. The loop has nothing else to do,
/// so that writing may hold it up.
final class WebTransfer: HTTPClientResponseDelegate, @unchecked Sendable {
  /// How a request ends before its answer does.
  enum Ending: Error {
    case redirect(String)
    case refused(Refusal)
    /// The server cannot answer now.
    case unavailable(String)
    /// What the server offers does not go on from what is there.
    case cannotResume
  }

  private let release: ReleaseRecord
  private let download: PartialDownload
  private let isResuming: Bool
  /// The answer says itself where it ends, so that an end is not a cut.
  private var isDelimited = false

  init(_ release: ReleaseRecord, _ download: PartialDownload, isResuming: Bool) {
    self.release = release
    self.download = download
    self.isResuming = isResuming
  }

  func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
    do throws(Ending) {
      try judge(head)
      return task.eventLoop.makeSucceededVoidFuture()
    } catch {
      return task.eventLoop.makeFailedFuture(error)
    }
  }

  func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
    do throws(Refusal) {
      let size = download.file.size + Int64(buffer.readableBytes)
      guard size <= release.size else { throw release.wrongSize(found: size) }
      try download.file.write(Data(buffer.readableBytesView))
      return task.eventLoop.makeSucceededVoidFuture()
    } catch {
      return task.eventLoop.makeFailedFuture(Ending.refused(error))
    }
  }

  func didFinishRequest(task: HTTPClient.Task<Void>) throws {
    guard download.file.size < release.size else { return }
    // A whole answer that is too short stays so; a part, or one that ends with its connection, may have been cut.
    if isDelimited, !isResuming { throw Ending.refused(release.wrongSize(found: download.file.size)) }
    throw Ending.unavailable("the answer ended after \(download.file.size) of \(release.size) bytes")
  }

  // MARK: The head

  private func judge(_ head: HTTPResponseHead) throws(Ending) {
    let status = "status \(head.status.code)"
    switch head.status.code {
    case 200: try beginWhole(head)
    case 206: try goOn(head)
    case 301, 302, 303, 307, 308:
      guard let location = head.headers.first(name: "location") else {
        throw .refused(Refusal(.fetchFailed, "expected a location with \(status), found none"))
      }
      throw .redirect(location)
    case 416 where isResuming: throw .cannotResume
    case 408, 425, 429, 500...599: throw .unavailable("the server answered with \(status)")
    default: throw .refused(Refusal(.fetchFailed, "the server answered with \(status)"))
    }
  }

  private func beginWhole(_ head: HTTPResponseHead) throws(Ending) {
    let length = head.headers.first(name: "content-length").flatMap { Int64($0) }
    if let length, length != release.size { throw .refused(release.wrongSize(found: length)) }
    isDelimited = length != nil || head.headers.contains(name: "transfer-encoding")
    do throws(Refusal) {
      try download.beginAnew()
    } catch {
      throw .refused(error)
    }
    download.entityTag = Self.strongTag(head)
  }

  private func goOn(_ head: HTTPResponseHead) throws(Ending) {
    let range = head.headers.first(name: "content-range").flatMap { ContentRange($0) }
    guard isResuming, let range, range.first == download.file.size, (range.size ?? release.size) == release.size,
      Self.strongTag(head) ?? download.entityTag == download.entityTag
    else { throw .cannotResume }
    isDelimited = true
  }

  /// Only a strong tag promises that the bytes are the same (RFC 9110, section 8.8.1).
  private static func strongTag(_ head: HTTPResponseHead) -> String? {
    guard let tag = head.headers.first(name: "etag"), tag.hasPrefix("\"") else { return nil }
    return tag
  }
}
