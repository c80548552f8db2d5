import Kafka
import ServiceLifecycle

/// The lanes as one service.
struct LanesService: Service {
  let worker: Worker
  let destinations: DestinationTopics

  func run() async throws {
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await worker.serve(destinations)
      } onGracefulShutdown: {
        worker.stopLanes()
      }
    } onCancel: {
      worker.stopLanes()
    }
  }
}
