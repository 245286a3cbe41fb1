package io.udc.embed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.arch.Shape;
import io.udc.format.UdcFile;
import io.udc.format.UdcModel;
import io.udc.integer.IntegerModel;
import io.udc.integer.IntegerNetwork;
import io.udc.integer.RandomModels;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.NpuConfig;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The C API's executor beside {@link IntegerNetwork}: equal in every byte. */
class NativeModelTest {

    private static final String[] NPUS = {"ethos-u55-128", "ethos-u65-512", "ethos-u55-32"};

    @Test
    void randomNetworksGiveTheBytesOfTheIntegerNetwork() {
        long distinct = 0;
        for (int seed = 0; seed < 32; seed++) {
            Random random = new Random(seed);
            IntegerModel model = seed % 4 == 3 ? RandomModels.upscaler(random) : RandomModels.classifier(random);
            distinct += compare(model, NPUS[seed % NPUS.length], random, "seed " + seed);
        }
        assertTrue(distinct > 500, "the networks' outputs must vary: " + distinct);
    }

    @Test
    void aSessionTakesPicturesOfAnotherSize() {
        Random random = new Random(11);
        IntegerModel model = RandomModels.upscaler(random);
        Shape larger = new Shape(1, 131, 77);
        IntegerModel resized = model.withInput(larger);
        byte[] pixels = new byte[(int) larger.elements()];
        random.nextBytes(pixels);
        byte[] expected = expected(resized, pixels, 1);
        try (NativeModel opened = NativeModel.open(encoded(model, NPUS[0]), NativeModel.Instructions.BEST);
                NativeSession session = opened.session(larger.height(), larger.width())) {
            assertEquals(new Shape(3, 262, 154), session.output());
            assertArrayEquals(expected, planar(session.run(interleaved(pixels, larger, 1), 1), session.output(), 1));
        }
    }

    @Test
    void aClassifierRefusesAnotherSizeAndADamagedFileIsNamed() {
        byte[] file = encoded(RandomModels.classifier(new Random(2)), NPUS[0]);
        try (NativeModel opened = NativeModel.open(file, NativeModel.Instructions.BEST)) {
            InputException e = assertThrows(InputException.class, () -> opened.session(100, 100));
            assertTrue(e.getMessage().startsWith("the network takes pictures of"), e.getMessage());
        }
        file[file.length - 1] ^= 1;
        InputException e = assertThrows(
                InputException.class, () -> NativeModel.open(file, NativeModel.Instructions.BEST));
        assertTrue(e.getMessage().startsWith("metadata 'sha256': found "), e.getMessage());
    }

    private static long compare(IntegerModel model, String npu, Random random, String what) {
        int pictures = 3;
        Shape shape = model.architecture().input();
        byte[] pixels = new byte[(int) (pictures * shape.elements())];
        random.nextBytes(pixels);
        byte[] expected = expected(model, pixels, pictures);
        byte[] file = encoded(model, npu);
        for (NativeModel.Instructions instructions : available(file)) {
            try (NativeModel opened = NativeModel.open(file, instructions);
                    NativeSession session = opened.session()) {
                byte[] found = session.run(interleaved(pixels, shape, pictures), pictures);
                assertArrayEquals(expected, planar(found, opened.output(), pictures),
                        () -> what + ", " + instructions + ", " + model.architecture());
            }
        }
        return new String(expected, StandardCharsets.ISO_8859_1).chars().distinct().count();
    }

    private static byte[] encoded(IntegerModel model, String npu) {
        return UdcFile.bytes(UdcModel.encode(
                "test", "test", List.of(), model, new EthosLayerCodec(NpuConfig.parse(npu))));
    }

    private static List<NativeModel.Instructions> available(byte[] file) {
        List<NativeModel.Instructions> available = new ArrayList<>();
        for (NativeModel.Instructions instructions : NativeModel.Instructions.values()) {
            try (NativeModel opened = NativeModel.open(file, instructions)) {
                available.add(opened.instructions());
            } catch (InputException e) {
                assertTrue(e.getMessage().startsWith("instructions: this machine does not have"), e.getMessage());
            }
        }
        return available;
    }

    private static byte[] expected(IntegerModel model, byte[] pixels, int pictures) {
        try (IntegerNetwork network = new IntegerNetwork(model)) {
            return network.run(pixels, pictures);
        }
    }

    /** From pixels [picture, channel, row, column] to int8 values [picture, row, column, channel]. */
    private static byte[] interleaved(byte[] pixels, Shape shape, int pictures) {
        byte[] values = new byte[pixels.length];
        int plane = shape.height() * shape.width();
        for (int i = 0; i < pixels.length; i++) {
            int channel = i / plane % shape.channels();
            int picture = i / plane / shape.channels();
            values[(picture * plane + i % plane) * shape.channels() + channel] = (byte) (pixels[i] ^ 0x80);
        }
        assertEquals(pictures * shape.elements(), pixels.length);
        return values;
    }

    /** From values [picture, row, column, channel] to [picture, channel, row, column]. */
    private static byte[] planar(byte[] values, Shape shape, int pictures) {
        byte[] turned = new byte[values.length];
        int plane = shape.height() * shape.width();
        for (int i = 0; i < values.length; i++) {
            int channel = i / plane % shape.channels();
            int picture = i / plane / shape.channels();
            turned[i] = values[(picture * plane + i % plane) * shape.channels() + channel];
        }
        assertEquals(pictures * shape.elements(), values.length);
        return turned;
    }
}
