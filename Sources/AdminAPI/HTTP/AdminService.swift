import CoreMetrics
import Domain
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The admin API as a service: `/livez`, `/readyz`, `/metrics` and `/status`.
///
/// It has an event loop of its own, so that no client can hold up anything else, and everything about a connection is
/// bounded. It ends with the group, at most two seconds after it was told to.
package struct AdminService: Service {
  private let address: AdminAddress
  private let isExplicit: Bool
  private let health: any WorkerHealth
  private let metrics: PrometheusMetrics
  private let logger: Logger
  private let didBind: @Sendable (_ port: Int) -> Void

  /// How long requests under way may take at the end.
  private static let shutdownGrace = Duration.seconds(2)

  /// A service.
  /// - Parameter isExplicit: whether somebody has asked for this address. Without, a port that is taken is no reason to
  ///   stop: two workers on one machine serve with the default of both, and one of them without the API.
  /// - Parameter didBind: told the port once connections are accepted.
  package init(
    _ address: AdminAddress, isExplicit: Bool, health: any WorkerHealth, metrics: PrometheusMetrics, logger: Logger,
    didBind: @escaping @Sendable (_ port: Int) -> Void = { _ in }
  ) {
    self.address = address
    self.isExplicit = isExplicit
    self.health = health
    self.metrics = metrics
    self.logger = logger
    self.didBind = didBind
  }

  package func run() async throws {
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do {
      try await serve(on: loops)
    } catch let error as IOError where error.errnoCode == AdminService.addressInUse {
      try? await loops.shutdownGracefully()
      guard !isExplicit else { throw AdminError.addressInUse(address) }
      logger.warning(
        "no admin API: \(address) is in use, perhaps by another worker; set http.bind to an address of its own, or to off"
      )
      return try await gracefulShutdown()
    } catch {
      try? await loops.shutdownGracefully()
      throw error is CancellationError ? error : AdminError.cannotListen(address, "\(error)")
    }
    try? await loops.shutdownGracefully()
  }

  /// EADDRINUSE of Linux.
  private static let addressInUse: Int32 = 98

  private func serve(on loops: MultiThreadedEventLoopGroup) async throws {
    let application = application(loops)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await application.run() }
      group.addTask {
        try await gracefulShutdown()
        try await Task.sleep(for: Self.shutdownGrace)
      }
      // The server ends when its last request is answered; who takes too long to read is cut off.
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func application(_ loops: MultiThreadedEventLoopGroup) -> some ApplicationProtocol {
    let limit = TimeAmount.seconds(Limits.adminRequestSeconds)
    let reached = Counter(
      label: MetricName.boundsReached.rawValue, dimensions: [("bound", Bound.httpConnections.rawValue)],
      factory: metrics)
    // What a client does wrong is none of the operator's business.
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    return Application(
      responder: AdminResponder(health: health, metrics: metrics),
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [RequestDeadline(limit)], idleTimeout: limit,
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: Limits.adminHeaderBytes, maxHeaderListSize: Limits.adminHeaderBytes,
            maxHeaderFieldCount: Limits.adminHeaders))),
      configuration: .init(
        address: .hostname(address.host, port: address.port),
        availableConnectionsDelegate: ConnectionLimit(Limits.adminConnections, reached: reached)),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? address.port
        logger.notice("admin API", metadata: ["http": "\(AdminAddress(host: address.host, port: port))"])
        didBind(port)
      },
      eventLoopGroupProvider: .shared(loops), logger: quiet)
  }
}
