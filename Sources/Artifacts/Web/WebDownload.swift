import AsyncHTTPClient
import Domain
import NIOCore
import NIOHTTP1
import NIOPosix

/// Fetches an archive over HTTP: follows redirects that the allow-list has, goes on where a transfer was cut if the
/// server lets us be sure that the bytes fit, and begins anew if not.
///
/// Blocks; an event loop and a client live exactly as long as `run`, so that nothing is left running behind it.
struct WebDownload {
  let release: ReleaseRecord
  let access: WebAccess
  let giveUp: GiveUp
  private let deadline: ContinuousClock.Instant

  init(_ release: ReleaseRecord, access: WebAccess, giveUp: GiveUp) {
    self.release = release
    self.access = access
    self.giveUp = giveUp
    deadline = .now + access.timeLimit
  }

  /// Fetches to a new file at `path`, which may be shorter or other than announced for no reason but the server's: size
  /// and digest are still to be checked.
  func run(from url: ReleaseURL, to path: String) throws(Refusal) -> OutputFile {
    try access.allowList.check(url)
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let client = HTTPClient(eventLoopGroup: loops, configuration: configuration)
    defer {
      try? client.syncShutdown()
      try? loops.syncShutdownGracefully()
    }
    let download = try PartialDownload(path)
    var fruitless = 0
    while true {
      guard let problem = try attempt(url, download, client) else { return download.file }
      try giveUp.check()
      fruitless = download.hasProgressed() ? 0 : fruitless + 1
      guard ContinuousClock.now < deadline else {
        throw Refusal(
          .fetchFailed, "\(url.shown): not fetched within \(access.timeLimit.components.seconds) s; \(problem)",
          mayRetry: true)
      }
      guard fruitless < Limits.connectionsPerFetch else {
        throw Refusal(.fetchFailed, "\(url.shown): \(problem)", mayRetry: true)
      }
      access.pause(.seconds(fruitless), giveUp)
      try giveUp.check()
    }
  }

  private var configuration: HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration(
      redirectConfiguration: .disallow,
      timeout: .init(
        connect: .seconds(Int64(Limits.fetchConnectSeconds)),
        read: .nanoseconds(access.idleLimit.nanoseconds)),
      decompression: .disabled)
    configuration.httpVersion = .http1Only
    // How often to try again is decided here.
    configuration.connectionPool.retryConnectionEstablishment = false
    return configuration
  }

  /// One way from the announced URL through its redirects to the archive.
  /// - Returns: nil if it is complete, else what has cut it and may not the next time.
  private func attempt(_ url: ReleaseURL, _ download: PartialDownload, _ client: HTTPClient) throws(Refusal) -> String?
  {
    var location = url
    for _ in 0...Limits.redirectsPerFetch {
      switch try request(location, download, client) {
      case nil: return nil
      case .redirect(let target):
        location = try location.redirected(to: target)
        try access.allowList.check(location)
      case .refused(var refusal):
        refusal.message = "\(location.shown): \(refusal.message)"
        throw refusal
      case .unavailable(let problem): return problem
      case .cannotResume:
        try download.beginAnew()
        return "the transfer could not be resumed"
      }
    }
    throw Refusal(.fetchFailed, "\(url.shown): expected at most \(Limits.redirectsPerFetch) redirects, found more")
  }

  /// - Returns: nil if the answer came to its end.
  private func request(
    _ url: ReleaseURL, _ download: PartialDownload, _ client: HTTPClient
  ) throws(Refusal) -> WebTransfer.Ending? {
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero else { return .unavailable("the time is over") }
    // Without a tag nobody could tell whether the rest belongs to what is there.
    let tag = download.file.size > 0 ? download.entityTag : nil
    let transfer = WebTransfer(release, download, isResuming: tag != nil)
    do {
      var request = try HTTPClient.Request(url: url.text)
      request.headers.add(name: "user-agent", value: "understudy")
      request.headers.add(name: "accept-encoding", value: "identity")
      if let tag {
        request.headers.add(name: "range", value: "bytes=\(download.file.size)-")
        request.headers.add(name: "if-range", value: tag)
      }
      let task = client.execute(
        request: request, delegate: transfer, deadline: .now() + .nanoseconds(left.nanoseconds))
      let interval = TimeAmount.milliseconds(Int64(Limits.giveUpCheckMilliseconds))
      // A server may say nothing for long: the body's parts are no places to look from.
      let watch = task.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [giveUp] _ in
        if giveUp.isAsked { task.cancel() }
      }
      defer { watch.cancel() }
      try task.wait()
      return nil
    } catch let ending as WebTransfer.Ending {
      return ending
    } catch {
      // What the client reports is about the connection: the next one may be better.
      return .unavailable("\(error)")
    }
  }
}
