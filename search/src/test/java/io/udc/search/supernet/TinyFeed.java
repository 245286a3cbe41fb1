package io.udc.search.supernet;

import io.udc.data.Batch;
import io.udc.data.Examples;
import io.udc.data.Normalization;
import io.udc.device.Device;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A few batches of 8x8 pictures of three classes, each with a brightness of its own. */
final class TinyFeed {

    private static final int BATCH = 8;
    private static final int PIXELS = 3 * 8 * 8;

    private TinyFeed() {}

    /** Four batches for the weights, four for the decisions. */
    static SearchFeed create() {
        return new SearchFeed(new Spread(1), new Spread(2), BATCH, new Normalization(1 / 64.0, 0),
                torch::cross_entropy_loss, Device.CPU);
    }

    private record Spread(int seed) implements Examples {

        @Override
        public int batches() {
            return 4;
        }

        @Override
        public Iterable<Batch> epoch(int epoch) {
            return () -> IntStream.range(0, batches())
                    .mapToObj(i -> batch(new Random(1000L * seed + 10L * epoch + i)))
                    .iterator();
        }

        private static Batch batch(Random random) {
            byte[] pixels = new byte[BATCH * PIXELS];
            long[] classes = new long[BATCH];
            for (int picture = 0; picture < BATCH; picture++) {
                classes[picture] = random.nextInt(3);
                for (int i = 0; i < PIXELS; i++) {
                    pixels[picture * PIXELS + i] = (byte) (60 * classes[picture] + random.nextInt(100));
                }
            }
            Tensor images = Tensor.create(pixels, BATCH, 3, 8, 8);
            return new Batch(images, Tensor.create(classes));
        }

        @Override
        public double waitShare() {
            return 0;
        }

        @Override
        public void close() {}
    }
}
