import CRdKafka
import Domain

/// Hands one answer to a producer: looks up where its bytes lie and makes librdkafka's header list.
enum LaneOutput {
  static func produce(
    _ record: ResponseBatch.Record, of responses: borrowing ResponseBatch, requests: borrowing RecordBatch,
    to destinations: LaneDestinations, through producer: LaneProducer
  ) -> rd_kafka_resp_err_t {
    let topic = destinations.name(of: record.destination)
    return unsafe requests.bytes.withUnsafeBytes { requestBytes in
      unsafe responses.bytes.withUnsafeBytes { responseBytes in
        let bytes = unsafe Places(request: requestBytes, response: responseBytes)
        let key = record.keepsKey ? requests.records[record.request].key : nil
        return unsafe producer.produce(
          topic: topic, partition: record.partition, key: key.map { unsafe bytes[.request($0)] },
          value: record.value.map { unsafe bytes[$0] },
          headers: headerList(responses.headers[record.headers], bytes))
      }
    }
  }

  private static func headerList(_ headers: ArraySlice<ResponseBatch.Header>, _ bytes: Places) -> OpaquePointer? {
    guard !headers.isEmpty, let list = unsafe rd_kafka_headers_new(headers.count) else { return nil }
    for header in headers {
      let value = unsafe header.value.map { unsafe bytes[$0] }
      switch header.name {
      case .known(let name):
        name.withUTF8Buffer { text in
          unsafe add(UnsafeRawBufferPointer(text), value, to: list)
        }
      case .request(let range):
        unsafe add(bytes[.request(range)], value, to: list)
      }
    }
    return unsafe list
  }

  private static func add(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?, to list: OpaquePointer) {
    guard let text = unsafe name.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
    // A null value has no address and the size -1; an empty one has an address.
    if let value = unsafe value {
      var nothing: UInt8 = 0
      unsafe withUnsafeBytes(of: &nothing) { empty in
        _ = unsafe rd_kafka_header_add(list, text, name.count, value.baseAddress ?? empty.baseAddress, value.count)
      }
    } else {
      _ = unsafe rd_kafka_header_add(list, text, name.count, nil, -1)
    }
  }

  @safe private struct Places {
    let request: UnsafeRawBufferPointer
    let response: UnsafeRawBufferPointer

    subscript(source: ResponseBatch.Source) -> UnsafeRawBufferPointer {
      switch source {
      case .request(let range): unsafe UnsafeRawBufferPointer(rebasing: request[range])
      case .response(let range): unsafe UnsafeRawBufferPointer(rebasing: response[range])
      case .constant(let text): unsafe UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
      }
    }
  }
}
