package io.udc.search.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.udc.npu.WeightType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** udc encode and udc decode. */
class CodecCommandsTest {

    @TempDir
    Path folder;

    private final CliFixture udc = new CliFixture();

    @Test
    void weightsComeBackAsTheyWere() throws IOException {
        short[] weights = weights(5000, 255);
        Path in = write("in.bin", WeightType.toInt16(weights));
        for (String effort : new String[] {"fast", "best"}) {
            JsonNode encoded = udc.json("encode", in, path("out.mlw"), "--dtype", "int16le", "--effort", effort);
            assertEquals(5000, encoded.path("weights").asInt());
            assertEquals(Files.size(path("out.mlw")), encoded.path("bytes").asLong());
            assertEquals(encoded.path("bytes").asInt() * 8 / 5000.0, encoded.path("bitsPerWeight").asDouble());
            assertTrue(encoded.path("entropyBitsPerWeight").asDouble() > 5, encoded.toString());
            assertTrue(encoded.path("seconds").asDouble() > 0);
            assertFalse(encoded.has("ranges"));
            JsonNode decoded = udc.json("decode", path("out.mlw"), path("back.bin"));
            assertEquals(encoded.path("entropyBitsPerWeight"), decoded.path("entropyBitsPerWeight"));
            assertArrayEquals(Files.readAllBytes(in), Files.readAllBytes(path("back.bin")));
        }
        udc.run("encode", write("bytes.bin", new byte[] {-128, 0, 127}), path("out.mlw"));
        assertTrue(udc.out().startsWith("3 weights, 16 bytes: 42.667 bits per weight"), udc.out());
    }

    @Test
    void aLayerIsBroughtIntoTheNpusOrder() throws IOException {
        write("w.bin", new byte[10 * 9 * 3]);
        Path layer = text("layer.json", "{\"kind\": \"conv\", \"outChannels\": 10, \"kernelHeight\": 3, "
                + "\"kernelWidth\": 3, \"inChannels\": 3, \"npu\": \"ethos-u65-512\", \"weights\": \"w.bin\", "
                + "\"ofmBlockDepth\": 16, \"depthSlices\": [0, 8, 10]}");
        JsonNode encoded = udc.json("encode", "--layer", layer, path("out.mlw"));
        assertEquals(270, encoded.path("weights").asInt());
        assertEquals(4, encoded.path("ranges").size());
        long streams = 0;
        for (JsonNode range : encoded.path("ranges")) {
            streams += range.path("streamBytes").asLong();
        }
        assertEquals(streams, Files.size(path("out.mlw")));
        JsonNode tensor = udc.json("encode", "--layer", layer, path("out.bin"), "--tensor");
        assertTrue(tensor.path("bytes").asLong() > streams + 100, tensor.toString());
        assertTrue(udc.json("decode", path("out.mlw"), path("back.bin")).path("weights").asInt() >= 270);
    }

    @Test
    void aRecordMakesItsOwnWeights() throws IOException {
        Path record = text("record.json", "{\"name\": \"a\", \"layer\": {\"op\": \"conv\", \"ifm\": [112, 112, 16], "
                + "\"out\": 64, \"kernel\": [1, 1], \"stride\": 1, \"padding\": \"SAME\", \"weights\": \"g8\"}, "
                + "\"seed\": 1000, \"accelerator\": \"ethos-u55-128\"}");
        JsonNode encoded = udc.json("encode", "--layer", record, path("out.mlw"), "--tensor");
        assertEquals(1024, encoded.path("weights").asInt());
        assertEquals(udc.json("estimate", "--layer", record).path("encodedBytes"), encoded.path("bytes"));
    }

    @Test
    void whatCannotBeEncodedIsSaidInOneLine() throws IOException {
        Path in = write("in.bin", WeightType.toInt16(new short[] {1, -256, 3}));
        udc.fails("in.bin: weight 1: found -256, expected -255 to 255", "encode", in, path("o"), "--dtype", "int16le");
        udc.fails("in.bin: found 3 bytes, expected an even number", "encode", write("in.bin", new byte[3]), path("o"),
                "--dtype", "int16le");
        udc.fails("in.bin: found no bytes, expected weights", "encode", write("in.bin", new byte[0]), path("o"));
        udc.fails("none.bin: no such file", "encode", path("none.bin"), path("o"));
        udc.fails("found 1 files, expected IN.bin and OUT.mlw", "encode", in);
        udc.fails("--dtype: found 'int4', expected int8 or int16le", "encode", in, path("o"), "--dtype", "int4");
        udc.fails("--effort: ", "encode", in, path("o"), "--effort", "most");
        udc.fails("cannot be written (no such folder)", "encode", write("in.bin", new byte[9]), path("no/o"));
        assertFalse(Files.exists(path("o")));
        Path layer = text("layer.json", "{\"kind\": \"conv\", \"outChannels\": 4, \"npu\": \"ethos-u55-128\", "
                + "\"weights\": \"in.bin\"}");
        udc.fails("layer.json: weights: found 9 in in.bin, expected 4", "encode", "--layer", layer, path("o"));
        udc.fails("layer.json: kind: found 'pool', expected conv, depthwise or dense", "encode", "--layer",
                text("layer.json", "{\"kind\": \"pool\"}"), path("o"));
        udc.fails("layer.json: npu: found none, expected a value", "encode", "--layer",
                text("layer.json", "{\"kind\": \"conv\"}"), path("o"));
        udc.fails("unknown key 'colour'", "encode", "--layer", text("layer.json", "{\"kind\": \"conv\", "
                + "\"outChannels\": 9, \"npu\": \"ethos-u55-128\", \"weights\": \"in.bin\", \"colour\": 1}"),
                path("o"));
    }

    @Test
    void whatCannotBeDecodedIsSaidInOneLine() throws IOException {
        udc.fails("found no bytes, expected a weight stream", "decode", write("in.mlw", new byte[0]), path("o"));
        udc.fails("none: no such file", "decode", path("none"), path("o"));
        udc.run("encode", write("in.bin", WeightType.toInt16(weights(900, 100))), path("in.mlw"), "--dtype", "int16le");
        byte[] stream = Files.readAllBytes(path("in.mlw"));
        udc.fails("in.mlw: bit ", "decode", write("in.mlw", java.util.Arrays.copyOf(stream, 64)), path("o"));
        udc.fails("in.mlw: ", "decode", write("in.mlw", stream), path("o"), "--limit", "899");
        assertFalse(Files.exists(path("o")));
    }

    private static short[] weights(int count, int most) {
        Random random = new Random(3);
        short[] weights = new short[count];
        for (int i = 0; i < count; i++) {
            weights[i] = (short) (random.nextInt(2 * most + 1) - most);
        }
        return weights;
    }

    private Path path(String name) {
        return folder.resolve(name);
    }

    private Path write(String name, byte[] content) throws IOException {
        return Files.write(path(name), content);
    }

    private Path text(String name, String content) throws IOException {
        return Files.writeString(path(name), content);
    }
}
