package io.udc.kernels;

import io.udc.kernels.KernelReference.Sum;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChannelNormalizerTest extends KernelTest {

    @ParameterizedTest
    @EnumSource
    void bringsChannelsToARootMeanSquareOfOne(Implementation implementation) {
        use(implementation);
        for (int[] shape : SHAPES) {
            int perChannel = shape[1];
            float[] values = normals(shape[0] * perChannel, 0.1);
            java.util.Arrays.fill(values, 0, perChannel, shape[0] > 1 ? 0 : 2); // a channel of zeros stays
            Tensor weights = place(values, shape[0], perChannel);
            Sum[] expected = Sum.array(values.length);
            Sum[] factors = Sum.array(shape[0]);
            for (int c = 0; c < shape[0]; c++) {
                double squares = 0;
                for (int i = c * perChannel; i < (c + 1) * perChannel; i++) {
                    squares += (double) values[i] * values[i];
                }
                factors[c].add(squares == 0 ? 1 : 1 / Math.sqrt(squares / perChannel));
                for (int i = c * perChannel; i < (c + 1) * perChannel; i++) {
                    expected[i].add(values[i] * factors[c].value);
                }
            }
            try (ChannelNormalizer normalizer = new ChannelNormalizer(List.of(weights))) {
                assertNear(factors, normalizer.normalize(), "factors");
            }
            assertNear(expected, weights, "weights");
        }
    }
}
