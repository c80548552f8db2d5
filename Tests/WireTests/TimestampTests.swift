import Domain
import TestSupport
import Testing

@Suite struct TimestampTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (1_795_425_480_000, "2026-11-23T09:18:00Z"),
      (951_782_400_000, "2000-02-29T00:00:00Z"),
      (-1, "1969-12-31T23:59:59.999Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
      (-62_167_219_200_000, "0000-01-01T00:00:00Z"), (1_700_000_000_050, "2023-11-14T22:13:20.050Z"),
    ] as [(Int64, String)])
  func `a time is written and reads back`(milliseconds: Int64, text: String) {
    #expect(Timestamp.text(milliseconds) == text)
    #expect(Timestamp.milliseconds(text) == milliseconds)
  }

  @Test(
    arguments: [
      ("2026-11-23T10:18:00+01:00", 1_795_425_480_000), ("2026-11-23t09:18:00.0z", 1_795_425_480_000),
      ("2026-11-23 03:48:00-05:30", 1_795_425_480_000), ("1970-01-01T00:00:00.1239Z", 123),
      ("1990-12-31T23:59:60Z", 662_688_000_000),
    ] as [(String, Int64)])
  func `other forms of RFC 3339 are read`(text: String, milliseconds: Int64) {
    #expect(Timestamp.milliseconds(text) == milliseconds)
  }

  @Test(arguments: [
    "", "2026", "2026-11-23", "2026-11-23T09:18:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
    "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00Z ", "2026-01-01T00:00:00+24:00", "+026-01-01T00:00:00Z", "2026-1-01T00:00:00Z",
    "２026-01-01T00:00:00Z",
    "2100-02-29T00:00:00Z", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
  ])
  func `what is no time is not read`(text: String) {
    #expect(Timestamp.milliseconds(text) == nil)
  }

  @Test func `any millisecond of 10 000 years reads back`() {
    var generator = SeededGenerator()
    for _ in 0..<20_000 {
      let time = Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &generator)
      #expect(Timestamp.milliseconds(Timestamp.text(time)) == time, "seed \(generator.seed)")
    }
    #expect(Timestamp.text(.max) == "9999-12-31T23:59:59.999Z")
    #expect(Timestamp.text(.min) == "0000-01-01T00:00:00Z")
  }
}
