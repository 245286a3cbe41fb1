package io.udc.search.train;

import io.udc.arch.Activation;
import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Convolution;
import io.udc.arch.Dense;
import io.udc.arch.Depthwise;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Shape;
import io.udc.data.ClassificationData;
import io.udc.data.ImageDataset;
import io.udc.data.Normalization;
import io.udc.json.Json;
import io.udc.search.task.ClassificationTask;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Pictures of 8x8 whose class is the quarter with the brightest spot, and a network that can learn them. */
final class TinyData {

    static final Shape SHAPE = new Shape(3, 8, 8);

    private TinyData() {}

    static ClassificationTask classification(int train, int test) {
        return new ClassificationTask("tiny", pictures(train, test));
    }

    static ClassificationData pictures(int train, int test) {
        return new ClassificationData(new Spots("train", train, 1), new Spots("test", test, 2),
                new Normalization(1 / 64.0, -28));
    }

    static Architecture architecture(Compression compression) {
        Compression eight = new Compression(8, 0);
        return new Architecture("tiny", SHAPE, List.of(
                new Convolution("stem", Architecture.INPUT, 8, 3, 2, Activation.RELU, eight),
                new Convolution("a", "stem", 8, 3, 1, Activation.RELU, compression),
                new Depthwise("b", "a", 3, 1, Activation.NONE, eight),
                new Add("sum", "stem", "b", Activation.RELU),
                new Convolution("c", "sum", 16, 1, 1, Activation.RELU, compression),
                new Convolution("d", "c", 16, 3, 2, Activation.RELU, compression),
                new Convolution("e", "d", 16, 3, 2, Activation.RELU, compression),
                new GlobalAveragePool("pool", "e"),
                new Dense("classes", "pool", 4, Activation.NONE, eight)));
    }

    /** A short recipe without augmentation. */
    static TrainingConfig recipe(int dense, int quantization, int distillation) {
        String json = Json.text(TrainingConfig.defaults())
                .replace("\"pad-crop-flip\"", "\"none\"")
                .replace("\"batchSize\" : 128", "\"batchSize\" : 32")
                .replace("\"recalibrationBatches\" : 40", "\"recalibrationBatches\" : 8");
        return Json.parse(json, TrainingConfig.class, "recipe")
                .withEpochs(dense, quantization, distillation);
    }

    private record Spots(String name, int size, long seed) implements ImageDataset {

        @Override
        public Shape imageShape() {
            return SHAPE;
        }

        @Override
        public List<String> classNames() {
            return IntStream.range(0, 4).mapToObj(i -> "quarter " + i).toList();
        }

        @Override
        public int label(int index) {
            return index % 4;
        }

        @Override
        public void read(int index, byte[] target, int offset) {
            Random random = new Random(seed * 1_000_003 + index);
            int quarter = label(index);
            int x = random.nextInt(3) + quarter % 2 * 4;
            int y = random.nextInt(3) + quarter / 2 * 4;
            for (int i = 0; i < SHAPE.elements(); i++) {
                int row = i / 8 % 8;
                int column = i % 8;
                boolean spot = (row == y || row == y + 1) && (column == x || column == x + 1);
                target[offset + i] = (byte) (random.nextInt(100) + (spot ? 120 : 0));
            }
        }
    }
}
