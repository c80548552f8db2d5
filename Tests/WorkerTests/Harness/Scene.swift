/// A broker, a client and a place: what most tests of workers begin with.
struct Scene {
  let broker: TestBroker
  let client: TestClient
  let workplace: Workplace

  /// - Parameter brokers: with more than one they are embedded.
  init(
    partitions: Int = 3, model: String = Example.model, replies: [String] = [], alwaysEmbedded: Bool = false,
    brokers: Int = 1
  ) throws {
    broker = try TestBroker(
      partitions: partitions, model: model, replies: replies, alwaysEmbedded: alwaysEmbedded || brokers > 1,
      brokers: brokers)
    client = try TestClient(broker)
    workplace = try Workplace()
  }

  /// Starts a worker.
  func worker(_ change: (inout WorkerProcess.Setup) -> Void = { _ in }) throws -> WorkerProcess {
    try WorkerProcess(broker, in: workplace, change)
  }

  /// Starts a worker and waits until it has answered with version 1.0.0.
  func servingWorker(_ change: (inout WorkerProcess.Setup) -> Void = { _ in }) throws -> WorkerProcess {
    let worker = try worker(change)
    try client.awaitEnd(of: try client.publish("1.0.0"))
    try client.send(0..<client.partitions)
    try client.awaitAnswers()
    return worker
  }
}
