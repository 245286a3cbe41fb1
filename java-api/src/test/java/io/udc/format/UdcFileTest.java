package io.udc.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.integer.IntegerModel;
import io.udc.integer.RandomModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UdcFileTest {

    @TempDir
    Path folder;

    private final IntegerModel network = RandomModels.upscaler(new Random(5));
    private final UdcModel model = UdcModel.encode("0.1", "sr", List.of(), network, new PlainCodec());

    @Test
    void aModelComesBackAsItWas() {
        Path file = folder.resolve("model.udc");
        UdcFile.write(file, model);
        UdcModel read = UdcFile.read(file);
        assertEquals(model.architecture(), read.architecture());
        assertEquals(model.quantization(), read.quantization());
        assertEquals(model.encodedBytes(), read.encodedBytes());
        IntegerModel decoded = read.decode(new PlainCodec());
        assertArrayEquals(network.layers().get(1).weights(), decoded.layers().get(1).weights());
        assertEquals(network.layers().get(1).channels(), decoded.layers().get(1).channels());
    }

    @Test
    void everyFlippedByteIsFound() throws IOException {
        Path file = folder.resolve("model.udc");
        UdcFile.write(file, model);
        byte[] good = Files.readAllBytes(file);
        int harmless = 0;
        for (int i = 0; i < good.length; i++) {
            for (int flip : new int[] {0x01, 0x20, 0xFF}) {
                byte[] bad = good.clone();
                bad[i] ^= (byte) flip;
                try {
                    UdcModel read = UdcFile.parse(Safetensors.parse(bad, "m"), "m");
                    assertEquals(model.quantization(), read.quantization());
                    assertEquals(model.architecture(), read.architecture());
                    assertArrayEquals(
                            model.layers().get(0).tensor(), read.layers().get(0).tensor());
                    harmless++;
                } catch (InputException e) {
                    assertTrue(e.getMessage().startsWith("m: ") && e.getMessage().lines().count() == 1, e::getMessage);
                }
            }
        }
        assertTrue(harmless <= 24, "only the padding of the header may change: " + harmless);
    }

    @Test
    void anotherVersionIsNamed() {
        Safetensors content = UdcFile.content(model);
        Map<String, String> metadata = new TreeMap<>(content.metadata());
        metadata.put("formatVersion", "2");
        InputException e = assertThrows(InputException.class, () ->
                UdcFile.parse(new Safetensors(metadata, content.tensors()), "m.udc"));
        assertEquals("m.udc: metadata 'formatVersion': found 2, expected 1", e.getMessage());
    }

    @Test
    void checkpointTensorsComeBack() {
        Path file = folder.resolve("state.safetensors");
        float[] floats = {1.5f, -0f, Float.NaN, 3e-40f};
        long[] longs = {Long.MIN_VALUE, 42};
        new Safetensors(
                        Map.of("step", "7"),
                        Map.of(
                                "w", StoredTensor.ofFloats(floats, 2, 2),
                                "n", StoredTensor.ofLongs(longs, 2),
                                "empty", StoredTensor.ofFloats(new float[0], 0, 3)))
                .write(file);
        Safetensors read = Safetensors.read(file);
        assertArrayEquals(floats, read.tensors().get("w").toFloats());
        assertArrayEquals(longs, read.tensors().get("n").toLongs());
        assertEquals(List.of(0L, 3L), read.tensors().get("empty").shape());
        assertEquals("7", read.metadata().get("step"));
    }

    @Test
    void aFileThatCouldNotBeReadBackIsNotWritten() {
        StoredTensor large = StoredTensor.ofBytes(new byte[1 << 27]);
        Map<String, StoredTensor> tensors = new TreeMap<>();
        for (int i = 0; i < 16; i++) {
            tensors.put("t" + i, large);
        }
        Path file = folder.resolve("large.safetensors");
        String message = assertThrows(
                InputException.class, () -> new Safetensors(Map.of(), tensors).write(file)).getMessage();
        assertTrue(message.startsWith(file + ": 2147483648 bytes of tensors, expected at most "), message);
        assertFalse(Files.exists(file));
    }

    @Test
    void brokenHeadersAreRefused() {
        refuse("{", "header");
        refuse("[]", "expected an object");
        refuse("{\"a\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[0,0]}}", "dtype");
        refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,3]}}", "expected 4");
        refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[1,4]}}", "expected 0");
        refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[9],\"data_offsets\":[0,9]}}", "expected 9");
        refuse("{\"a\":{\"dtype\":\"F64\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}", "fewer");
        refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", "expected 4");
        refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                + "\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[4,4]}}", "Duplicate");
        refuse("{\"__metadata__\":{\"a\":1}}", "expected a text");
    }

    private static void refuse(String header, String reason) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        byte[] file = new byte[8 + text.length + 4];
        file[0] = (byte) text.length;
        System.arraycopy(text, 0, file, 8, text.length);
        InputException e = assertThrows(InputException.class, () -> Safetensors.parse(file, "x"));
        assertTrue(e.getMessage().contains(reason), e.getMessage());
    }
}
