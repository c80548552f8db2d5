import Domain
import Testing

@testable import understudy

/// What `retire` sees before it sends anything.
struct RetireTests {
  @Test func `what is live or the way back on any worker is not retired`() {
    func status(_ slot: String, live: String, previous: String?) -> WorkerStatus {
      var status = WorkerStatus(group: "g", slot: slot, updatedAt: 0, build: "1")
      status.routes = [
        .init(
          model: "loan", version: live, digest: "sha256:1", generation: 1, since: 0, commandID: nil,
          previous: previous)
      ]
      return status
    }
    let statuses = [status("w0", live: "3", previous: nil), status("w1", live: "3", previous: "2")]
    func objection(_ version: String, of model: String = "loan") -> String? {
      RetireCommand.objection(to: version, of: model, statuses)
    }
    #expect(objection("3") == "loan 3 cannot be retired: it is live on g/w0; no command was sent")
    #expect(objection("2") == "loan 2 cannot be retired: it is the way back from 3 on g/w1; no command was sent")
    #expect(objection("1") == nil && objection("3", of: "churn") == nil)
    #expect(RetireCommand.objection(to: "3", of: "loan", []) == nil)
  }
}
