import Artifacts
import Domain
import Foundation
import GRDB
import Testing
import Wire

@testable import StateStore
@testable import understudy

/// Files of rows, answered by the program without a broker.
@Suite("Score and features", .ownThreads)
struct OfflineTests {
  private let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private struct Outcome {
    var code: Int32
    var output: String
    var complaint: String
  }

  private func run(_ arguments: [String]) throws -> Outcome {
    let process = try ProgramProcess(arguments, in: workplace)
    // Thousands of rows, by a debug build beside others.
    let code = try process.exit()
    return Outcome(code: code, output: process.standardOutput, complaint: process.standardError)
  }

  private func score(_ input: String, _ output: String, _ more: [String] = []) throws -> Outcome {
    try run(["score", Example.archive("2.0.0"), "--input", input, "--output", path(output)] + more)
  }

  private func path(_ name: String) -> String { "\(workplace.path)/\(name)" }

  private func text(_ name: String) -> String { (try? String(contentsOfFile: path(name), encoding: .utf8)) ?? "" }

  /// The example's rows so many times over, each with an `id`.
  private func rows(_ count: Int) throws -> String {
    let lines = (0..<count).map { String(decoding: Example.body($0), as: UTF8.self) }
    return try workplace.write("rows.jsonl", lines.joined(separator: "\n") + "\n")
  }

  private func lines(_ name: String) throws -> [JSON] {
    try text(name).split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
  }

  @Test("The answers of a file are those of a worker, digit for digit")
  func sameAsWorker() throws {
    let scene = try Scene(partitions: 1)
    let worker = try scene.worker()
    try scene.client.awaitEnd(of: try scene.client.publish("2.0.0"))
    try scene.client.send(0..<100)
    try scene.client.awaitAnswers()
    #expect(try worker.terminate() == 0)
    let served = try scene.client.responses.map { record in
      let json = try JSON(parsing: record.value ?? [])
      return [json["id"], json["status"], json["outputs"]].map { $0?.line }
    }
    for batch in ["1", "7", "auto"] {
      #expect(try score(rows(100), "answers-\(batch).jsonl", ["--batch", batch]).code == 0)
      let scored = try lines("answers-\(batch).jsonl").map { [$0["id"], $0["status"], $0["outputs"]].map { $0?.line } }
      #expect(scored == served)
    }
  }

  @Test("Ctrl-C ends a run that waits for rows", arguments: [SIGINT, SIGTERM])
  func interrupted(_ number: Int32) throws {
    let pipe = path("rows.pipe")
    #expect(try ProgramProcess([pipe], program: "/usr/bin/mkfifo", in: workplace).exit() == 0)
    let process = try ProgramProcess(
      ["score", Example.archive("2.0.0"), "--input", pipe, "--output", path("answers.jsonl"), "--batch", "1"],
      in: workplace)
    // Waits until the other side has opened it, which has armed itself before.
    let writer = try TestClient.some(FileHandle(forWritingAtPath: pipe), "pipe")
    try writer.write(contentsOf: Data(Example.body(0) + [0x0A]))
    process.signal(number)
    #expect(try process.exit() == 130)
    #expect(process.standardError.contains("interrupted while it waited for rows"))
  }

  @Test(
    "What is at the output's place is kept, unless it is a file of answers: no link, no pipe, no device, no file of rows"
  )
  func outputPlaces() throws {
    let input = try rows(3)
    let answers = path("answers.jsonl")
    #expect(try score(input, "answers.jsonl").code == 0)
    let made = text("answers.jsonl")
    // A link stays one, and what it leads to is replaced.
    try FileManager.default.createSymbolicLink(atPath: path("link.jsonl"), withDestinationPath: answers)
    #expect(try score(rows(2), "link.jsonl", ["--restart"]).code == 0)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path("link.jsonl")) == answers)
    #expect(text("answers.jsonl").split(separator: "\n").count == 2)
    // A pipe takes them as they come.
    let program = try ProgramProcess(
      [
        "-c", "\"$0\" score \"$1\" --input \"$2\" --output /dev/stdout --restart | cat", Project.program,
        Example.archive("2.0.0"), rows(3),
      ], program: "/bin/sh", in: workplace)
    #expect(try program.exit() == 0)
    #expect(program.standardOutput.hasPrefix(made), "\(program.standardOutput)")
    for restart in [[], ["--restart"]] {
      let device = try run(
        ["score", Example.archive("2.0.0"), "--input", input, "--output", "/dev/full"] + restart)
      #expect(device.code == 1 && device.complaint.contains("--output /dev/full: "), "\(device)")
      let same = try run(["score", Example.archive("2.0.0"), "--input", input, "--output", input] + restart)
      #expect(same.code == 2 && same.complaint.contains("is the file of rows"), "\(same)")
    }
    #expect(
      try FileManager.default.attributesOfItem(atPath: "/dev/full")[.type] as? FileAttributeType
        == .typeCharacterSpecial)
    #expect(text("rows.jsonl").split(separator: "\n").count == 3)
    let nowhere = try score(input, "nowhere/answers.sqlite")
    #expect(nowhere.code == 2 && nowhere.complaint.contains("there is no folder"), "\(nowhere)")
    #expect(try score(input, ".", []).code == 2)
  }

  @Test("A heading with a name twice is refused, since one of the two would be lost")
  func repeatedColumn() throws {
    let input = try workplace.write("twice.csv", "id,mean_radius,mean_radius\n1,2,3\n")
    let outcome = try score(input, "twice.jsonl")
    #expect(outcome.code == 1 && outcome.complaint.contains("has the column mean_radius twice"), "\(outcome)")
  }

  @Test("A result that standard output does not take ends the program with 1 and a word on it")
  func fullOutput() throws {
    let rows = try rows(3)
    let program = try ProgramProcess(
      [
        "-c", "\"$0\" score \"$1\" --input \"$2\" --output \"$3\" > /dev/full", Project.program,
        Example.archive("2.0.0"), rows, path("a.jsonl"),
      ],
      program: "/bin/sh", in: workplace)
    #expect(try program.exit() == 1)
    #expect(program.standardError.contains("standard output cannot be written to"))
  }

  @Test("An identifier is kept as it is, whatever 64 bits hold", arguments: ["answers.jsonl", "answers.sqlite"])
  func largeIdentifiers(_ output: String) throws {
    let body = String(decoding: Example.body(0), as: UTF8.self).dropFirst()
    let context = body.drop { $0 != "," }.dropFirst()
    let numbers = ["9223372036854775807", "9223372036854775808", "18446744073709551615", "-9223372036854775808"]
    let input = try workplace.write("rows.jsonl", numbers.map { "{\"id\":\($0),\(context)" }.joined(separator: "\n"))
    #expect(try score(input, output).code == 0)
    // Goes on behind the last one, for which it is read back.
    let again = try score(input, output)
    #expect(again.code == 0 && again.output.contains("4 rows had their answers before"), "\(again)")
    guard output.hasSuffix(".sqlite") else { return }
    let table = try DatabaseQueue(path: path(output))
    #expect(try table.read { try String.fetchAll($0, sql: "SELECT id FROM answers ORDER BY row") } == numbers)
  }

  @Test("Each answer carries its row, model, version and digest; rows that are wrong are told so, in their place")
  func answers() throws {
    let good = String(decoding: Example.body(0), as: UTF8.self)
    let input = try workplace.write("mixed.jsonl", "\(good)\n\n{\"id\":\"bad\"}\nnot json\r\n   \n\(good)")
    let outcome = try score(input, "answers.jsonl")
    #expect(outcome.code == 0)
    #expect(outcome.output.hasPrefix("4 rows in "))
    #expect(outcome.output.contains("2 ok, 2 error"))
    let answers = try lines("answers.jsonl")
    #expect(answers.map { $0["row"] } == [.integer(1), .integer(2), .integer(3), .integer(4)])
    let digest = try Example.source("2.0.0").release.identity.digest
    for answer in answers {
      #expect(answer["model"] == .text("breast-cancer") && answer["version"] == .text("2.0.0"))
      #expect(answer["digest"] == .text(digest) && answer["worker"] == nil)
    }
    #expect(answers.map { $0["error"]?["reason"] } == [nil, .text("missing_field"), .text("decode_failed"), nil])
    #expect(answers[2]["id"] == .text("mixed.jsonl-0-2"))
  }

  /// What a run that was cut leaves: any number of whole lines, and a part of one.
  @Test("A run that was cut anywhere goes on behind its last whole answer: each row once")
  func cut() throws {
    var seed = UInt64(Date().timeIntervalSince1970)
    print("seed \(seed)")
    let input = try rows(300)
    #expect(try score(input, "whole.jsonl").code == 0)
    let whole = Array(text("whole.jsonl").utf8)
    for _ in 0..<8 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let length = Int(seed >> 33) % whole.count
      try workplace.write("cut.jsonl", String(decoding: whole[..<length], as: UTF8.self))
      let outcome = try score(input, "cut.jsonl", ["--batch", "32"])
      #expect(outcome.code == 0, "cut at \(length): \(outcome.complaint)")
      #expect(Array(text("cut.jsonl").utf8) == whole, "cut at \(length)")
    }
  }

  @Test(
    "P6: killed again and again, in both forms of output, the rows are all there, each once",
    arguments: ["jsonl", "sqlite"])
  func killed(form: String) throws {
    let input = try rows(20_000)
    let output = "killed.\(form)"
    var kills = 0
    while kills < 4 {
      let process = try ProgramProcess(
        ["score", Example.archive("2.0.0"), "--input", input, "--output", path(output), "--batch", "64"], in: workplace)
      let before = try kept(output)
      try waitFor("more answers, or the end") { try !process.isRunning || kept(output) > before ? () : nil }
      guard process.isRunning else { break }
      try process.killHard()
      kills += 1
    }
    print("kills: \(kills)")
    #expect(kills > 0)
    #expect(try score(input, output).code == 0)
    #expect(try kept(output) == 20_000)
    if form == "jsonl" {
      #expect(try lines(output).map { $0["row"] } == (1...20_000).map { .integer($0) })
    }
  }

  /// Rows that have their answers.
  private func kept(_ name: String) throws -> Int64 {
    guard FileManager.default.fileExists(atPath: path(name)) else { return 0 }
    if name.hasSuffix(".jsonl") { return Int64(text(name).utf8.count { $0 == UInt8(ascii: "\n") }) }
    let database = try? AnswerDatabase(path: path(name), prefix: "output_", columns: ["probability", "label"])
    return (try? database?.last()?.number) ?? 0
  }

  @Test("Another input, another release or another file's content is refused, and --restart begins anew")
  func refused() throws {
    let input = try rows(50)
    #expect(try score(input, "answers.jsonl").code == 0)
    let whole = text("answers.jsonl")
    let other = try workplace.write("other.jsonl", String(decoding: Example.body(70), as: UTF8.self) + "\n")
    let short = try score(other, "answers.jsonl")
    #expect(short.code == 1)
    #expect(short.complaint.contains("the output holds answers to 50 rows, but the input has 1"))
    let shifted = (1...60).map { String(decoding: Example.body($0), as: UTF8.self) }.joined(separator: "\n")
    let moved = try score(try workplace.write("moved.jsonl", shifted), "answers.jsonl")
    #expect(moved.code == 1 && moved.complaint.contains("row 50 is answered otherwise than in the output"))
    let release = try run(["score", Example.archive("1.0.0"), "--input", input, "--output", path("answers.jsonl")])
    #expect(release.code == 1 && release.complaint.contains("the output holds answers of breast-cancer 2.0.0"))
    #expect(text("answers.jsonl") == whole, "nothing that was refused has changed it")
    try workplace.write("notes.jsonl", "{\"a\":1}\n")
    let foreign = try score(input, "notes.jsonl")
    #expect(foreign.code == 1 && foreign.complaint.contains("is no file of answers"))
    #expect(text("notes.jsonl") == "{\"a\":1}\n")
    for text in ["a note without an end", "{\"row\":2,", "{\"row\":1,\"a\":1}\n"] {
      try workplace.write("note.txt", text)
      let note = try score(input, "note.txt")
      #expect(note.code == 1 && note.complaint.contains("is no file of answers"), "\(text)")
      #expect(self.text("note.txt") == text, "what is not ours is not touched")
    }
    #expect(try score(other, "answers.jsonl", ["--restart"]).code == 0)
    #expect(try lines("answers.jsonl").count == 1)
    for (arguments, code, part) in [
      (["score", Example.archive("2.0.0"), "--input", "/nowhere", "--output", "-"], Int32(2), "--input /nowhere"),
      (["score", Example.archive("2.0.0"), "--input", workplace.path, "--output", "-"], 2, "is a directory"),
      (["score", Example.archive("2.0.0"), "--input", input, "--output", "/nowhere/a"], 2, "--output /nowhere/a"),
      (["score", Example.archive("2.0.0"), "--input", input, "--output", "-", "--batch", "0"], 2, "--batch"),
      (["score", "/nowhere.tar", "--input", input, "--output", "-"], 1, "/nowhere.tar"),
    ] {
      let outcome = try run(arguments)
      #expect(outcome.code == code && outcome.complaint.contains(part), "\(arguments): \(outcome)")
    }
  }

  @Test("A line may be a request in any form, and a run goes on behind each of them")
  func forms() throws {
    let row = String(decoding: Example.body(0), as: UTF8.self)
    guard case .object(let fields)? = try? JSON(parsing: Example.rows[0]) else { throw TestFailure("no rows") }
    let tensors = fields.map { #"{"name":"\#($0.name)","datatype":"FP32","shape":[1],"data":[\#($0.value.line)]}"# }
    let body = #"{"id":"t","inputs":[\#(tensors.joined(separator: ","))]}"#
    let all = [row, "[\(row),{}]", body]
    for count in 1...3 {
      let input = try workplace.write("forms.jsonl", all.prefix(count).joined(separator: "\n") + "\n")
      for output in ["forms-out.jsonl", "forms-out.sqlite"] {
        let outcome = try score(input, output)
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.output.hasPrefix("1 rows in"))
      }
    }
    #expect(try lines("forms-out.jsonl").count == 3)
    let database = try AnswerDatabase(
      path: path("forms-out.sqlite"), prefix: "output_", columns: ["probability", "label"])
    let rows = try database.rows()
    #expect(rows.map { $0["status"] } == ["ok", "partial", "ok"])
    #expect(rows.map { $0["output_label"] } == ["malignant", nil, nil])
    #expect(rows[2]["id"] == "t" && rows[2]["answer"]?.contains("\"data\":[\"malignant\"]") == true)
  }

  @Test("A CSV file gives the answers of its rows as JSON, whatever its quoting; what is no input is named")
  func csv() throws {
    guard case .object(let fields)? = try? JSON(parsing: Example.rows[0]) else { throw TestFailure("no rows") }
    let names = fields.map(\.name)
    func cells(_ number: Int) throws -> [String] {
      let row = try JSON(parsing: Example.rows[number])
      return names.map { row[$0]?.line ?? "" }
    }
    var text = "\u{FEFF}id,note," + names.map { "\"\($0)\"" }.joined(separator: ",") + "\r\n"
    for number in 0..<20 {
      let note = number == 3 ? "\"a \"\"quoted\"\"\nnote, of two lines\"" : "n"
      text += "r-\(number),\(note)," + (try cells(number)).joined(separator: ",") + "\r\n"
    }
    text += "r-bad,,lots" + String(repeating: ",1", count: names.count - 1) + "\n"
    // More cells than the heading, fewer, text behind a quoted cell; separators of lines that CSV does not know are text.
    text +=
      "r-long,n," + (try cells(0)).joined(separator: ",") + ",1\nr-short,n,1\n\"r\"x,n,"
      + (try cells(0)).joined(separator: ",")
    text += "\nr-\u{2028}5\" \u{0B},n," + (try cells(1)).joined(separator: ",") + "\n"
    let outcome = try score(try workplace.write("rows.csv", text), "csv.jsonl")
    #expect(outcome.code == 0, "\(outcome)")
    #expect(outcome.complaint.contains("columns that are no input and not used: note"))
    #expect(try score(rows(20), "json.jsonl").code == 0)
    let answers = try lines("csv.jsonl")
    #expect(answers.count == 25)
    #expect(answers[21..<24].map { $0["error"]?["reason"] } == Array(repeating: .text("decode_failed"), count: 3))
    #expect(answers[24]["id"] == .text("r-\u{2028}5\" \u{0B}") && answers[24]["status"] == .text("ok"))
    #expect(outcome.complaint.contains("row 22 has \(names.count + 3) cells where the heading has \(names.count + 2)"))
    #expect(outcome.complaint.contains("row 24 cell 1: text behind its closing quotation mark"))
    #expect(try answers.prefix(20).map(\.line) == lines("json.jsonl").map(\.line))
    #expect(answers[20]["id"] == .text("r-bad"))
    #expect(answers[20]["error"]?["message"] == .text("\(names[0]): expected a number, got \"lots\""))
    let open = try score(try workplace.write("open.csv", "id,\(names[0])\n1,\"2\n"), "open.jsonl")
    #expect(open.code == 1 && open.complaint.contains("open.csv:2: a quotation mark is opened and never closed"))
    let none = try score(try workplace.write("none.csv", "a,b\n1,2\n"), "none.jsonl")
    #expect(none.code == 1 && none.complaint.contains("no column is an input of the release"))
  }

  @Test("A database holds each value in a column of its own, with model, version and digest")
  func database() throws {
    let input = try workplace.write(
      "two.jsonl", String(decoding: Example.body(0), as: UTF8.self) + "\n{\"id\":\"bad\"}\n")
    #expect(try score(input, "answers.sqlite").code == 0)
    #expect(try score(input, "answers.jsonl").code == 0)
    let database = try AnswerDatabase(
      path: path("answers.sqlite"), prefix: "output_", columns: ["probability", "label"])
    let rows = try database.rows()
    #expect(rows.count == 2)
    let outputs = try lines("answers.jsonl")[0]["outputs"]
    #expect(rows[0]["output_probability"] == outputs?["probability"]?.line)
    #expect(rows[0]["output_label"] == "malignant" && rows[0]["status"] == "ok")
    #expect(rows[0]["version"] == "2.0.0" && rows[0]["model"] == "breast-cancer")
    #expect(rows[1]["status"] == "error" && rows[1]["reason"] == "missing_field" && rows[1]["output_label"] == nil)
    let other = try run(["score", Example.archive("1.0.0"), "--input", input, "--output", path("answers.sqlite")])
    #expect(other.code == 1 && other.complaint.contains("the output holds answers of breast-cancer 2.0.0"))
  }

  @Test("Features are what the model is given: the same model, fed with them, gives the same answers")
  func features() throws {
    let outcome = try run([
      "features", Example.archive("2.0.0"), "--input", try rows(30), "--output", path("features.jsonl"),
    ])
    #expect(outcome.code == 0, "\(outcome)")
    let features = try lines("features.jsonl")
    #expect(features.count == 30)
    // The model and what comes behind it, without the feature stage: a release whose input is its features.
    let source = try Example.source("2.0.0")
    try workplace.write(
      "model/manifest.json",
      #"""
      {"schema":"understudy.release/v1","name":"breast-cancer","version":"fed",
       "inputs":[{"name":"features","datatype":"FP32","width":40}],
       "outputs":[{"name":"probability","datatype":"FP32"},{"name":"label","datatype":"BYTES"}],
       "stages":{"model":{"engine":"onnx","file":"model.onnx","inputs":{"X":"features"},"outputs":{"label":"predicted_class"}},
                 "scoring":{"engine":"onnx","file":"scoring.onnx"}}}
      """#)
    for file in ["model.onnx", "scoring.onnx"] {
      try FileManager.default.copyItem(atPath: "\(source.release.directory)/\(file)", toPath: path("model/\(file)"))
    }
    #expect(try run(["pack", path("model")]).code == 0)
    let contexts = try features.map { line in
      try #require(line["status"] == .text("ok") && line["outputs"] == nil)
      return "{\"features\":\(try #require(line["features"]?["features"]).line)}"
    }
    let input = try workplace.write("features-rows.jsonl", contexts.joined(separator: "\n"))
    let fed = try run(["score", path("model"), "--input", input, "--output", path("fed.jsonl")])
    #expect(fed.code == 0, "\(fed)")
    #expect(try score(rows(30), "answers.jsonl").code == 0)
    #expect(try lines("fed.jsonl").map { $0["outputs"]?.line } == lines("answers.jsonl").map { $0["outputs"]?.line })
  }

  @Test("Features of a release without a feature stage are its inputs, with defaults; a bad row is told so")
  func inputsAsFeatures() throws {
    let source = try GateRelease("1").source(in: workplace)
    let input = try workplace.write("rows.jsonl", #"{"x":1.5}"# + "\n" + #"{"x":"no"}"# + "\n")
    let outcome = try run(["features", source.release.directory, "--input", input])
    #expect(outcome.code == 0 && outcome.complaint.contains("1 ok, 1 error"))
    let lines = try outcome.output.split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
    #expect(lines.map { $0["features"]?.line } == [#"{"x":1.5}"#, nil])
    #expect(lines[1]["error"]?["reason"] == .text("schema_mismatch"))
  }
}
