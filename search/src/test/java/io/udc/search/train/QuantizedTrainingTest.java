package io.udc.search.train;

import io.udc.memory.NoGradient;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.data.ClassificationData;
import io.udc.device.Device;
import io.udc.integer.IntegerNetwork;
import io.udc.memory.StepScope;
import io.udc.search.task.ClassificationTask;
import io.udc.search.train.ParameterStore.Section;
import io.udc.search.train.TrainableNetwork.Mode;
import io.udc.search.train.TrainingConfig.ActivationSteps;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try")
class QuantizedTrainingTest {

    private final ClassificationData data = TinyData.pictures(64, 64);
    private final Architecture architecture = TinyData.architecture(new Compression(3, 0.5));

    /** The formulas of the weight quantizer, in float64. */
    @Test
    void gradientsOfWeightsAndStepsAreThoseOfTheFormulas() {
        try (TrainableNetwork network = network(NetworkParameters.random(architecture, 1))) {
            network.prune(1);
            network.resetSteps();
            ParameterStore store = network.store();
            float[] upstream = noise((int) store.size(Section.WEIGHTS), 5);
            float[] weights;
            float[] quantized;
            float[] gradient;
            float[] stepGradient;
            try (StepScope scope = StepScope.open();
                    NoGradient off = NoGradient.open()) {
                weights = ParameterStore.read(store.values(Section.WEIGHTS));
                network.weights().forward();
                quantized = ParameterStore.read(network.weights().quantized());
                ParameterStore.write(store.gradients(Section.WEIGHTS), upstream);
                network.weights().backward(false);
                gradient = ParameterStore.read(store.gradients(Section.WEIGHTS));
                stepGradient = ParameterStore.read(store.gradients(Section.WEIGHT_STEPS));
            }
            byte[] mask = ParameterStore.readBytes(network.weights().masks());
            float[] steps = network.weightSteps();
            for (LayerSlice slice : store.slices()) {
                for (int c = 0; c < slice.channels(); c++) {
                    double step = steps[(int) slice.channelOffset() + c];
                    double sum = 0;
                    int begin = (int) slice.weightOffset() + c * slice.shape().perChannel();
                    for (int i = begin; i < begin + slice.shape().perChannel(); i++) {
                        double x = weights[i] / step;
                        boolean border = Math.abs(Math.abs(x) - slice.maxLevel()) < 1e-4; // rounding decides
                        boolean inside = border ? gradient[i] != 0 : Math.abs(x) <= slice.maxLevel();
                        double level = inside ? Math.rint(x) : Math.signum(x) * slice.maxLevel();
                        sum += upstream[i] * mask[i] * (inside ? level - x : level) * step;
                        assertEquals(mask[i] * level * step, quantized[i], 1e-5 * (1 + Math.abs(level)));
                        assertEquals(inside ? upstream[i] * mask[i] : 0, gradient[i], 1e-6);
                    }
                    assertEquals(sum, stepGradient[(int) slice.channelOffset() + c], 1e-4 + 1e-4 * Math.abs(sum));
                }
            }
        }
    }

    @Test
    void dampeningDrawsSurvivingWeightsToTheirQuantizedValues() {
        try (TrainableNetwork network = network(NetworkParameters.random(architecture, 11));
                StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            network.prune(1);
            network.resetSteps();
            network.weights().forward();
            float[] quantized = ParameterStore.read(network.weights().quantized());
            byte[] mask = ParameterStore.readBytes(network.weights().masks());
            float[] before = ParameterStore.read(network.store().values(Section.WEIGHTS));
            network.weights().dampen(0.25);
            float[] after = ParameterStore.read(network.store().values(Section.WEIGHTS));
            for (int i = 0; i < before.length; i++) {
                double expected = mask[i] == 0 ? before[i] : 0.75 * before[i] + 0.25 * quantized[i];
                assertEquals(expected, after[i], 1e-6, "weight " + i);
            }
        }
    }

    /** Float weights, gains and biases against central differences: the leaves are wired to the right places. */
    @Test
    void gradientsOfTheFloatNetworkAreItsSlopes() {
        try (TrainableNetwork network = network(NetworkParameters.random(architecture, 2))) {
            ParameterStore store = network.store();
            float[] values = ParameterStore.read(store.values());
            float[] gradients = floatGradients(network);
            Random random = new Random(3);
            int trained = (int) (values.length - store.size(Section.WEIGHT_STEPS) - store.size(Section.MAP_STEPS));
            double dot = 0;
            float[] direction = noise(values.length, 9);
            Arrays.fill(direction, trained, values.length, 0);
            for (int i = 0; i < trained; i++) {
                dot += (double) gradients[i] * direction[i];
            }
            double eps = 1e-3;
            double above = loss(network, moved(values, direction, eps));
            double below = loss(network, moved(values, direction, -eps));
            double slope = (above - below) / (2 * eps);
            assertEquals(slope, dot, 0.1 * Math.abs(dot) + 1e-3, "along a random direction (kinks on the way)");
            for (int trial = 0; trial < 20; trial++) {
                float[] one = new float[values.length];
                int at = random.nextInt(trained);
                one[at] = 1;
                double small = 2e-2;
                double difference =
                        (loss(network, moved(values, one, small)) - loss(network, moved(values, one, -small)))
                                / (2 * small);
                assertEquals(difference, gradients[at], 5e-3 + 0.05 * Math.abs(difference), "parameter " + at);
            }
        }
    }

    /** With 8 bits everywhere rounding is noise, so gradients that reach all parameters resemble those in float. */
    @Test
    void gradientsGoOnOverTheCutsOfTheQuantizedGraph() {
        Architecture eightBits = TinyData.architecture(new Compression(8, 0));
        for (ActivationSteps kind : ActivationSteps.values()) {
            try (TrainableNetwork network = new TrainableNetwork(
                            eightBits, NetworkParameters.random(eightBits, 7), data.normalization(), Device.CPU);
                    StepScope scope = StepScope.open()) {
                try (NoGradient off = NoGradient.open()) {
                    network.prune(0);
                    network.resetSteps();
                    network.forward(images(), new Mode(0.1, false, true));
                }
                network.features().learn(kind);
                Tensor inFloat = gradients(network, new Mode(0.1, false, false));
                Tensor quantized = gradients(network, new Mode(0.1, true, false));
                for (Section section : new Section[] {Section.WEIGHTS, Section.GAINS, Section.BIASES}) {
                    long begin = network.store().values(section).storage_offset();
                    long count = network.store().size(section);
                    Tensor a = inFloat.narrow(0, begin, count);
                    Tensor b = quantized.narrow(0, begin, count);
                    double cosine = a.dot(b).item_double() / (a.norm().item_double() * b.norm().item_double());
                    assertTrue(cosine > 0.7, kind + ", " + section + ": cosine " + cosine);
                }
                boolean moves = network.store().gradients(Section.MAP_STEPS).abs().min().item_float() > 0;
                assertEquals(kind == ActivationSteps.LEARNED, moves, "steps of maps have gradients");
            }
        }
    }

    private Tensor gradients(TrainableNetwork network, Mode mode) {
        network.store().gradients().zero_();
        if (mode.quantized()) {
            try (NoGradient off = NoGradient.open()) {
                network.weights().forward();
            }
        }
        Tensor outputs = network.forward(images(), mode);
        Tensor loss = outputs.mul(outputs).mean();
        try (NoGradient off = NoGradient.open()) {
            network.backward(loss, mode, false);
        }
        return network.store().gradients().clone();
    }

    @Test
    void theIntegerNetworkAgreesWithTheFakeQuantizedOne() {
        Map<String, float[]> values = new LinkedHashMap<>(NetworkParameters.random(architecture, 4).values());
        Random random = new Random(6);
        values.replaceAll((name, array) -> array.clone());
        values.forEach((name, array) -> {
            for (int i = 0; i < array.length; i++) {
                if (name.endsWith(".gamma") || name.endsWith(".beta")) {
                    array[i] += (float) (0.5 * random.nextGaussian());
                } else if (name.endsWith(".variance")) {
                    array[i] = 20 + 20 * random.nextFloat();
                }
            }
        });
        values.get("a.gamma")[1] = 0;
        values.get("stem.gamma")[2] = -1;
        TrainedNetwork trained = Trainer.builder(new ClassificationTask("tiny", data), TinyData.recipe(0, 0, 0))
                .build()
                .train(architecture, NetworkParameters.of(architecture, values));
        float[] fake = outputs(trained.parameters());
        int off = 0;
        int outputs = 0;
        try (IntegerNetwork executor = new IntegerNetwork(trained.model())) {
            byte[] pixels = new byte[64 * 3 * 8 * 8];
            for (int i = 0; i < 64; i++) {
                data.test().read(i, pixels, i * 3 * 8 * 8);
            }
            byte[] integers = executor.run(pixels, 64);
            for (int i = 0; i < integers.length; i++) {
                double steps = fake[i] / trained.model().outputQuantization().scale()
                        + trained.model().outputQuantization().zeroPoint();
                off += Math.abs(steps - integers[i]) > 0.5 ? 1 : 0;
                outputs++;
                assertEquals(steps, integers[i], 4, "output " + i);
            }
        }
        assertTrue(off < outputs / 2, off + " of " + outputs + " outputs differ");
    }

    @Test
    void theWidestUniformNetworkThatFitsIsFound() {
        UniformNetwork fit = UniformNetwork.fit(
                width -> TinyNetworks.wide(8 * (int) Math.max(1, Math.round(width * 8))), 0.1, 4,
                new Compression(4, 0.5), Architecture::weightCount, 20_000);
        assertTrue(fit.encodedBytes() <= 20_000);
        int channels = fit.architecture().weightedNodes().get(1)
                .weightShape(new io.udc.arch.Shape(8, 8, 8))
                .outChannels();
        assertTrue(TinyNetworks.wide(channels + 8).weightCount() > 20_000, fit::toString);
        InputException e = Assertions.assertThrows(InputException.class, () -> UniformNetwork.fit(
                width -> TinyNetworks.wide(8), 1, 2, new Compression(4, 0.5), Architecture::weightCount, 10));
        assertTrue(e.getMessage().startsWith("budget: found 10 bytes, expected at least "), e.getMessage());
    }

    private TrainableNetwork network(NetworkParameters parameters) {
        return new TrainableNetwork(architecture, parameters, data.normalization(), Device.CPU);
    }

    private float[] outputs(NetworkParameters parameters) {
        try (TrainableNetwork network = network(parameters);
                StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            network.prune(1);
            network.weights().forward();
            return ParameterStore.read(network.forward(images(), Mode.EVALUATE_QUANTIZED));
        }
    }

    private float[] floatGradients(TrainableNetwork network) {
        try (StepScope scope = StepScope.open()) {
            return ParameterStore.read(gradients(network, new Mode(0.1, false, false)));
        }
    }

    private double loss(TrainableNetwork network, float[] values) {
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            ParameterStore.write(network.store().values(), values);
            return lossTensor(network).item_double();
        }
    }

    /** A smooth function of the outputs. */
    private Tensor lossTensor(TrainableNetwork network) {
        Tensor outputs = network.forward(images(), new Mode(0.1, false, false));
        return outputs.mul(outputs).mean();
    }

    private Tensor images() {
        byte[] pixels = new byte[64 * 3 * 8 * 8];
        for (int i = 0; i < 64; i++) {
            data.test().read(i, pixels, i * 3 * 8 * 8);
        }
        return data.normalization().toFloat(Tensor.create(pixels, 64, 3, 8, 8).to(torch.ScalarType.Byte));
    }

    private static float[] moved(float[] values, float[] direction, double by) {
        float[] moved = values.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) (by * direction[i]);
        }
        return moved;
    }

    private static float[] noise(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
