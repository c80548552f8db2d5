import Logging
import StateStore
import Testing
import Wire

@testable import understudy

/// What a worker's state remembers of partitions.
struct StateOffsetMemoryTests {
  @Test func `P6: a topic is not taken for the partition of another one, whatever their names`() throws {
    let workplace = try Workplace()
    let repository = try SQLiteStateRepository(
      StateDirectory(path: "\(workplace.path)/state", owner: "test"), reports: GateReportCodec())
    let memory = StateOffsetMemory(repository: repository, group: "group", logger: Logger(label: "test"))
    memory.markServed(topic: "requests", partition: 1)
    #expect(memory.hasServed(topic: "requests") && memory.hasServed(topic: "requests", partition: 1))
    #expect(!memory.hasServed(topic: "requests", partition: 0) && !memory.hasServed(topic: "requests-1"))
    memory.markServed(topic: "requests-0", partition: 3)
    #expect(memory.hasServed(topic: "requests-0") && !memory.hasServed(topic: "requests", partition: 0))
  }
}
