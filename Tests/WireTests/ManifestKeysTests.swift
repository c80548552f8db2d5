import Domain
import Testing
import Wire

struct ManifestKeysTests {
  @Test func `a manifest with every key has none that means nothing`() throws {
    for bytes in [
      GuardManifestTests.manifest(GuardManifestTests.rules), SetManifestTests.manifest(SetManifestTests.sets),
    ] {
      #expect(ManifestKeys.unknown(in: bytes) == [])
      #expect(ManifestKeys.unknown(in: ManifestCodec.encode(try ManifestCodec.decode(bytes))) == [])
    }
  }

  @Test func `a key of somebody else is named, and the manifest is read all the same`() throws {
    let good = Array(ManifestTests.good.utf8)
    #expect(ManifestKeys.unknown(in: good) == ["owner"])
    #expect(try ManifestCodec.decode(good).name == "car-loan")
  }

  @Test func `keys that mean nothing are named with their place`() {
    let manifest = """
      {"schema":"understudy.release/v1","unkown_fields":"reject","inputs":[{"name":"a"},{"name":"b","min_length":9}],
       "stages":{"model":{"engine":"onnx","file":"m","input":{"X":"a"}}},"limits":{"maxrows":1},
       "confidence_set":{"cost":{"a":{"b":1}},"slices":[{"input":"a","gap":1}]},"guard":{"anything":1}}
      """
    #expect(
      ManifestKeys.unknown(in: Array(manifest.utf8)) == [
        "unkown_fields", "inputs[1].min_length", "stages.model.input", "limits.maxrows",
        "confidence_set.slices[0].gap",
      ])
  }
}
