package io.udc.search.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Depthwise;
import io.udc.device.Device;
import io.udc.json.Json;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.SearchEvent;
import io.udc.search.train.ParameterStore.Section;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try")
class OrthogonalMomentumTest {

    private final Architecture architecture = TinyData.architecture(new Compression(4, 0.5));
    private final NetworkParameters initial = NetworkParameters.random(architecture, 1);

    /** Matrices U diag(s) V^T of known s keep U and V. */
    @Test
    void singularValuesBecomeAboutOneAndSingularVectorsStay() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            for (int trial = 0; trial < 20; trial++) {
                int rows = 1 + random.nextInt(40);
                int columns = 1 + random.nextInt(200);
                int rank = Math.min(rows, columns);
                Tensor left = orthonormal(rows, rank, random);
                Tensor right = orthonormal(columns, rank, random);
                double[] values = random.doubles(rank, 0.02, 1).toArray();
                values[0] = 1;
                double scale = Math.exp(20 * random.nextDouble() - 10);
                Tensor matrix = left.mul(Tensor.create(values)).mm(right.t()).mul(new Scalar(scale));

                Tensor found = OrthogonalMomentum.orthogonal(matrix.to(torch.ScalarType.Float).unsqueeze(0));

                Tensor inside = left.t().mm(found.squeeze(0).to(torch.ScalarType.Double)).mm(right);
                String what = "seed " + seed + ", trial " + trial + ", " + rows + "x" + columns;
                Tensor diagonal = inside.diagonal();
                assertTrue(diagonal.min().item_double() > 0.6, what);
                assertTrue(diagonal.max().item_double() < 1.3, what);
                assertEquals(0, inside.sub(diagonal.diag()).abs().max().item_double(), 1e-3, what);
                assertEquals(diagonal.square().sum().item_double(),
                        found.square().sum().item_double(), 1e-3 * rank, what + ": nothing outside of the rank");
            }
        }
    }

    @Test
    void layersOfOneFormAreSteppedAsIfEachWereAlone() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (TrainableNetwork network = network();
                StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            ParameterStore store = network.store();
            Tensor momenta = store.flat(store.size(Section.WEIGHTS), torch.ScalarType.Float, Device.CPU);
            OrthogonalMomentum orthogonal = new OrthogonalMomentum(store, momenta);
            double[] expected = doubles(store.values(Section.WEIGHTS));
            double[] averages = new double[expected.length];
            for (int step = 0; step < 3; step++) {
                double[] gradients = random.doubles(expected.length, -1, 1).toArray();
                store.gradients(Section.WEIGHTS).copy_(Tensor.create(gradients));
                orthogonal.step(0.1, 0.8);
                for (LayerSlice slice : store.slices()) {
                    if (!(slice.node() instanceof Depthwise)) {
                        Reference.step(slice, expected, gradients, averages, 0.1, 0.8);
                    }
                }
            }
            assertArrayEquals(expected, doubles(store.values(Section.WEIGHTS)), 1e-3, "seed " + seed);
        }
    }

    @Test
    void withoutAnyGradientNothingMoves() {
        try (TrainableNetwork network = network();
                StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            ParameterStore store = network.store();
            Tensor momenta = store.flat(store.size(Section.WEIGHTS), torch.ScalarType.Float, Device.CPU);
            double[] before = doubles(store.values(Section.WEIGHTS));
            new OrthogonalMomentum(store, momenta).step(0.1, 0.9);
            assertArrayEquals(before, doubles(store.values(Section.WEIGHTS)));
        }
    }

    @Test
    void aNetworkLearnsByIt() {
        List<Double> losses = new ArrayList<>();
        TrainedNetwork trained = Trainer.builder(TinyData.classification(128, 40), recipe(10, 1, 1, 0))
                .optListener(event -> {
                    if (event instanceof SearchEvent.EpochDone done) {
                        losses.add(done.loss());
                    }
                })
                .build()
                .train(architecture, initial);
        assertTrue(losses.get(9) < 0.7 * losses.get(0), losses::toString);
        assertTrue(Double.isFinite(trained.integerMetric()));
    }

    @Test
    void aResumedTrainingEndsWithTheSameBytes(@TempDir Path folder) {
        for (int expansion : new int[] {0, 12}) {
            SavedTraining training = SavedTraining.run(TinyData.classification(128, 40), recipe(2, 1, 1, expansion),
                    architecture, initial, folder);
            for (int epoch = 0; epoch < 4; epoch++) {
                training.assertResumesToTheSameBytes(epoch);
            }
        }
    }

    private TrainableNetwork network() {
        return new TrainableNetwork(
                architecture, initial, TinyData.classification(8, 8).normalization(), Device.CPU);
    }

    private static TrainingConfig recipe(int dense, int quantization, int distillation, int expansion) {
        String json = Json.text(TinyData.recipe(dense, quantization, distillation))
                .replace("\"adamw\"", "\"muon\"")
                .replace("\"linearExpansion\" : 0", "\"linearExpansion\" : " + expansion);
        return Json.parse(json, TrainingConfig.class, "recipe");
    }

    private static Tensor orthonormal(int rows, int columns, Random random) {
        double[] numbers = new double[rows * columns];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = random.nextGaussian();
        }
        return torch.linalg_qr(Tensor.create(numbers, rows, columns)).get0();
    }

    private static double[] doubles(Tensor tensor) {
        float[] values = ParameterStore.read(tensor);
        double[] result = new double[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    /** The rule of one layer in float64, written plainly. */
    private static final class Reference {

        private Reference() {}

        static void step(
                LayerSlice slice, double[] weights, double[] gradients, double[] averages, double rate, double decay) {
            int rows = slice.channels();
            int columns = slice.weights() / rows;
            double[][] ahead = new double[rows][columns];
            double norm = 0;
            for (int i = 0; i < slice.weights(); i++) {
                int at = (int) slice.weightOffset() + i;
                averages[at] = decay * averages[at] + (1 - decay) * gradients[at];
                double value = decay * averages[at] + (1 - decay) * gradients[at];
                ahead[i / columns][i % columns] = value;
                norm += value * value;
            }
            double[][] x = scaled(ahead, 1 / Math.sqrt(norm));
            for (int i = 0; i < 5; i++) {
                double[][] cubic = product(product(x, transposed(x)), x);
                double[][] fifth = product(product(x, transposed(x)), cubic);
                for (int row = 0; row < rows; row++) {
                    for (int column = 0; column < columns; column++) {
                        x[row][column] = 3.4445 * x[row][column] - 4.7750 * cubic[row][column]
                                + 2.0315 * fifth[row][column];
                    }
                }
            }
            for (int i = 0; i < slice.weights(); i++) {
                weights[(int) slice.weightOffset() + i] -=
                        rate * 0.3 * Math.sqrt(Math.max(rows, columns)) * x[i / columns][i % columns];
            }
        }

        private static double[][] scaled(double[][] a, double factor) {
            double[][] result = new double[a.length][a[0].length];
            for (int i = 0; i < a.length; i++) {
                for (int j = 0; j < a[0].length; j++) {
                    result[i][j] = factor * a[i][j];
                }
            }
            return result;
        }

        private static double[][] transposed(double[][] a) {
            double[][] result = new double[a[0].length][a.length];
            for (int i = 0; i < a.length; i++) {
                for (int j = 0; j < a[0].length; j++) {
                    result[j][i] = a[i][j];
                }
            }
            return result;
        }

        private static double[][] product(double[][] a, double[][] b) {
            double[][] result = new double[a.length][b[0].length];
            for (int i = 0; i < a.length; i++) {
                for (int k = 0; k < b.length; k++) {
                    for (int j = 0; j < b[0].length; j++) {
                        result[i][j] += a[i][k] * b[k][j];
                    }
                }
            }
            return result;
        }
    }
}
