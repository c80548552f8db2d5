import Domain
import Logging
import ServiceLifecycle

@testable import AdminAPI

/// Runs the admin API on a free port for the time of `body`, and ends it as a worker does.
func withAdmin(
  _ health: FakeHealth = FakeHealth(), metrics: PrometheusMetrics = PrometheusMetrics(),
  at address: AdminAddress = AdminAddress(host: "127.0.0.1", port: 0), isExplicit: Bool = true,
  _ body: @escaping @Sendable (_ port: Int) async throws -> Void
) async throws {
  let (ports, bound) = AsyncStream.makeStream(of: Int.self)
  let service = AdminService(
    address, isExplicit: isExplicit, health: health, metrics: metrics, logger: quiet, didBind: { bound.yield($0) })
  let group = ServiceGroup(configuration: .init(services: [service], logger: quiet))
  try await withThrowingTaskGroup(of: Void.self) { tasks in
    tasks.addTask {
      defer { bound.finish() }
      try await group.run()
    }
    tasks.addTask {
      for await port in ports.prefix(1) { try await body(port) }
      await group.triggerGracefulShutdown()
    }
    try await tasks.waitForAll()
  }
}

private let quiet: Logger = {
  var logger = Logger(label: "test")
  logger.logLevel = .critical
  return logger
}()
