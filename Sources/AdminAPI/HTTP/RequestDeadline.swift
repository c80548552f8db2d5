import Domain
import NIOCore
import NIOHTTPTypes

/// Closes a connection that takes too long for a request and the reading of its answer, or does nothing: a client that
/// sends or reads byte by byte must not keep its place. Bodies of requests are thrown away, large ones end the
/// connection.
final class RequestDeadline: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let limit: TimeAmount
  private var scheduled: Scheduled<Void>?
  private var bodyBytes = 0

  init(_ limit: TimeAmount) { self.limit = limit }

  func handlerAdded(context: ChannelHandlerContext) { restart(context) }

  func handlerRemoved(context: ChannelHandlerContext) { scheduled?.cancel() }

  func channelInactive(context: ChannelHandlerContext) {
    scheduled?.cancel()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .body(let bytes):
      bodyBytes += bytes.readableBytes
      if bodyBytes > Limits.adminHeaderBytes { context.close(promise: nil) }
    case .head, .end: context.fireChannelRead(data)
    }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) { restart(context) }
    context.write(data, promise: promise)
  }

  private func restart(_ context: ChannelHandlerContext) {
    scheduled?.cancel()
    bodyBytes = 0
    let channel = context.channel
    scheduled = context.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
  }
}
