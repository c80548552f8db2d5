import Domain
import Hummingbird
import Wire

/// Answers the requests of those who watch the worker. Decides nothing: asks the worker and writes down what it says.
struct AdminResponder: HTTPResponder {
  typealias Context = BasicRequestContext

  let health: any WorkerHealth
  let metrics: PrometheusMetrics

  func respond(to request: Request, context: Context) async throws -> Response {
    let answer = answer(request.method, request.uri.path)
    return request.method == .head ? answer.createHeadResponse() : answer
  }

  private func answer(_ method: HTTPRequest.Method, _ path: String) -> Response {
    let document: () -> Response
    switch path {
    case "/livez": document = livez
    case "/readyz": document = readyz
    case "/metrics": document = exposition
    case "/status": document = { json(StatusCodec.json(health.status), .ok) }
    default:
      return problem(.notFound, "NOT_FOUND", "there are /livez, /readyz, /metrics and /status")
    }
    guard method == .get || method == .head else {
      var response = problem(.methodNotAllowed, "UNIMPLEMENTED", "\(path) takes GET and HEAD")
      response.headers[.allow] = "GET, HEAD"
      return response
    }
    return document()
  }

  // MARK: Documents

  private func livez() -> Response {
    if let problem = health.lifeProblem {
      return json(.object([.init("status", .text("failing")), .init("reason", .text(problem))]), .serviceUnavailable)
    }
    return json(.object([.init("status", .text("ok"))]), .ok)
  }

  private func readyz() -> Response {
    let readiness = health.readiness
    let document = JSON.object([
      .init("status", .text(readiness.isReady ? "ready" : "not_ready")),
      .init("reasons", .array(readiness.reasons.map(entry))), .init("notes", .array(readiness.notes.map(entry))),
    ])
    return json(document, readiness.isReady ? .ok : .serviceUnavailable)
  }

  private func entry(_ entry: Readiness.Entry) -> JSON {
    .object([.init("reason", .text(entry.reason.rawValue)), .init("message", .text(entry.message))])
  }

  private func exposition() -> Response {
    response(Array(metrics.text.utf8), MetricFamily.contentType, .ok)
  }

  // MARK: Responses

  private func problem(_ status: HTTPResponse.Status, _ code: String, _ message: String) -> Response {
    json(
      .object([.init("error", .object([.init("code", .text(code)), .init("message", .text(message))]))]), status)
  }

  private func json(_ document: JSON, _ status: HTTPResponse.Status) -> Response {
    response(document.bytes, "application/json", status)
  }

  private func response(_ bytes: [UInt8], _ type: String, _ status: HTTPResponse.Status) -> Response {
    // Of a worker's state no copy is fresh enough.
    Response(
      status: status, headers: [.contentType: type, .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
