package io.udc.search.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.json.Json;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.SearchEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
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
                double scale = Math.pow(10, 25 * random.nextDouble() - 12);
                Tensor matrix = left.mul(Tensor.create(values)).mm(right.t()).mul(new Scalar(scale));

                Tensor found = orthogonal(matrix.to(torch.ScalarType.Float));

                Tensor inside = left.t().mm(found.to(torch.ScalarType.Double)).mm(right);
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
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            int[][] forms = {{1, 8, 27}, {1, 16, 9}, {1, 8, 27}, {5, 1, 9}, {1, 1, 1}, {2, 1, 9}};
            List<OrthogonalMomentum.Layer> layers = Stream.of(forms).map(form -> layer(form, random)).toList();
            List<double[]> expected = layers.stream().map(layer -> doubles(layer.values())).toList();
            List<double[]> averages = layers.stream().map(layer -> doubles(layer.momenta())).toList();
            OrthogonalMomentum optimizer = new OrthogonalMomentum(layers);
            for (int step = 0; step < 3; step++) {
                for (int i = 0; i < forms.length; i++) {
                    Tensor gradient = gaussian(forms[i], random);
                    layers.get(i).gradients().copy_(gradient);
                    Reference.step(forms[i], expected.get(i), doubles(gradient), averages.get(i), 0.1, 0.8);
                }
                optimizer.step(0.1, 0.8);
            }
            for (int i = 0; i < forms.length; i++) {
                String what = "seed " + seed + ", layer " + i;
                assertArrayEquals(expected.get(i), doubles(layers.get(i).values()), 1e-3, what);
                assertArrayEquals(averages.get(i), doubles(layers.get(i).momenta()), 1e-6, what);
            }
        }
    }

    @Test
    void withoutAnyGradientNothingMoves() {
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            OrthogonalMomentum.Layer layer = layer(new int[] {1, 3, 9}, new Random(1));
            double[] before = doubles(layer.values());
            new OrthogonalMomentum(List.of(layer)).step(0.1, 0.9);
            assertArrayEquals(before, doubles(layer.values()));
        }
    }

    @Test
    void stepsAreFiniteHoweverSmallTheMomentum() {
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            Random random = new Random(1);
            for (int[] form : new int[][] {{1, 3, 9}, {4, 1, 9}}) {
                OrthogonalMomentum.Layer layer = layer(form, random);
                layer.momenta().copy_(gaussian(form, random));
                try (OrthogonalMomentum optimizer = new OrthogonalMomentum(List.of(layer))) {
                    for (int step = 0; step < 500; step++) {
                        optimizer.step(0.1, 0.8); // the momentum shrinks by 10^-48
                    }
                }
                assertTrue(Double.isFinite(layer.values().sum().item_double()));
            }
        }
    }

    @Test
    void sizesThatDifferAreRefused() {
        try (StepScope scope = StepScope.open()) {
            Tensor values = torch.zeros(1, 2, 3);
            Tensor others = torch.zeros(1, 3, 2);
            String message = assertThrows(IllegalArgumentException.class,
                            () -> new OrthogonalMomentum.Layer(values, others, values))
                    .getMessage();
            assertTrue(message.contains("values [1, 2, 3], gradients [1, 3, 2]"), message);
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

    /** The direction of the first step along this gradient. */
    private static Tensor orthogonal(Tensor gradient) {
        Tensor values = torch.zeros_like(gradient.unsqueeze(0));
        OrthogonalMomentum.Layer layer =
                new OrthogonalMomentum.Layer(values, gradient.unsqueeze(0), torch.zeros_like(values));
        try (OrthogonalMomentum optimizer = new OrthogonalMomentum(List.of(layer))) {
            optimizer.step(1, 0);
        }
        double length = 0.3 * Math.sqrt(Math.max(gradient.size(0), gradient.size(1)));
        return values.squeeze(0).mul(new Scalar(-1 / length));
    }

    private static OrthogonalMomentum.Layer layer(int[] form, Random random) {
        Tensor values = gaussian(form, random);
        return new OrthogonalMomentum.Layer(values, torch.zeros_like(values), torch.zeros_like(values));
    }

    private static Tensor gaussian(int[] form, Random random) {
        float[] numbers = new float[form[0] * form[1] * form[2]];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return Tensor.create(numbers, form[0], form[1], form[2]);
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
                int[] form, double[] weights, double[] gradients, double[] averages, double rate, double decay) {
            for (int group = 0; group < form[0]; group++) {
                step(form[1], form[2], group * form[1] * form[2], weights, gradients, averages, rate, decay);
            }
        }

        private static void step(int rows, int columns, int from,
                double[] weights, double[] gradients, double[] averages, double rate, double decay) {
            double[][] ahead = new double[rows][columns];
            double norm = 0;
            for (int i = 0; i < rows * columns; i++) {
                int at = from + i;
                averages[at] = decay * averages[at] + (1 - decay) * gradients[at];
                double value = decay * averages[at] + (1 - decay) * gradients[at];
                ahead[i / columns][i % columns] = value;
                norm += value * value;
            }
            double[][] x = scaled(ahead, 1 / Math.sqrt(norm));
            for (int i = 0; i < (Math.min(rows, columns) == 1 ? 0 : 5); i++) {
                double[][] cubic = product(product(x, transposed(x)), x);
                double[][] fifth = product(product(x, transposed(x)), cubic);
                for (int row = 0; row < rows; row++) {
                    for (int column = 0; column < columns; column++) {
                        x[row][column] = 3.4445 * x[row][column] - 4.7750 * cubic[row][column]
                                + 2.0315 * fifth[row][column];
                    }
                }
            }
            double unit = 0.3 * Math.sqrt(Math.max(rows, columns));
            for (int i = 0; i < rows * columns; i++) {
                weights[from + i] -= rate * unit * x[i / columns][i % columns];
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
