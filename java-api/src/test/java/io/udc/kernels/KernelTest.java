package io.udc.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.udc.kernels.KernelReference.Sum;
import io.udc.memory.StepScope;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the tests of the kernels share: random tensors in the memory of an implementation, at any alignment, and
 * comparisons with {@link KernelReference}. UDC_TEST_SEED repeats a failure.
 */
abstract class KernelTest {

    /** Channels and weights per channel: one, few, odd numbers, thousands. */
    static final int[][] SHAPES = {
        {1, 1}, {1, 7}, {3, 9}, {17, 27}, {33, 25}, {1, 4097}, {64, 1}, {3000, 3}, {5, 1025}, {1, 70001}
    };

    private final long seed = System.getenv("UDC_TEST_SEED") == null
            ? System.nanoTime()
            : Long.parseLong(System.getenv("UDC_TEST_SEED"));
    final Random random = new Random(seed);
    private StepScope scope;
    private boolean cuda;

    @BeforeEach
    void openScope() {
        scope = StepScope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
        System.clearProperty(KernelExecution.PORTABLE);
    }

    void use(Implementation implementation) {
        implementation.use();
        cuda = implementation.isCuda();
    }

    /** Values in the implementation's memory, up to three elements away from an aligned start. */
    Tensor place(float[] values, long... shape) {
        int offset = random.nextInt(4);
        Tensor host = torch.zeros(values.length + 4);
        new FloatPointer(host.data_ptr()).position(offset).put(values);
        return (cuda ? host.cuda() : host).narrow(0, offset, values.length).view(shape);
    }

    Tensor zeros(long... shape) {
        int count = 1;
        for (long extent : shape) {
            count *= (int) extent;
        }
        return place(new float[count], shape);
    }

    Tensor zeroBytes(long... shape) {
        return zeros(shape).to(torch.ScalarType.Byte);
    }

    static float[] read(Tensor tensor) {
        float[] values = new float[(int) tensor.numel()];
        new FloatPointer(tensor.cpu().contiguous().data_ptr()).get(values);
        return values;
    }

    static byte[] readBytes(Tensor tensor) {
        byte[] values = new byte[(int) tensor.numel()];
        new BytePointer(tensor.cpu().contiguous().data_ptr()).get(values);
        return values;
    }

    float[] normals(int count, double scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * scale);
        }
        return values;
    }

    float[] uniforms(int count, double low, double high) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (low + random.nextDouble() * (high - low));
        }
        return values;
    }

    /** Equal to the rounding of float32 sums. */
    void assertNear(Sum[] expected, Tensor tensor, String name) {
        float[] actual = read(tensor);
        for (int i = 0; i < expected.length; i++) {
            double value = expected[i].value;
            String place = name + "[" + i + "], " + seedMessage();
            if (Double.isNaN(value) || Double.isInfinite(value)) {
                assertEquals((float) value, actual[i], place);
            } else {
                assertEquals(value, actual[i], 16 * 0x1p-24 * expected[i].magnitude + 1e-37, place);
            }
        }
    }

    void assertSameBits(float[] expected, float[] actual, String name) {
        assertArrayEquals(expected, actual, name + ", " + seedMessage());
    }

    String seedMessage() {
        return "UDC_TEST_SEED=" + seed;
    }
}
