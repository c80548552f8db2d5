/// What a worker tells of itself to those who watch it over HTTP.
///
/// Contract: may be called from any thread, returns at once, reads no disk and asks no broker: a watcher must learn that
/// a worker hangs, not hang with it.
package protocol WorkerHealth: AnyObject, Sendable {
  /// Why the process should be ended and started anew; nil while it works.
  var lifeProblem: String? { get }
  /// Whether requests are served, and if not why.
  var readiness: Readiness { get }
  /// The document of the status topic, as of now.
  var status: WorkerStatus { get }
}
