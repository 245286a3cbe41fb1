package io.udc.search.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Depthwise;
import io.udc.device.Device;
import io.udc.format.Safetensors;
import io.udc.json.Json;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.SearchEvent;
import io.udc.search.train.ParameterStore.Section;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The layers have 4 to 16 outputs, so that 12 inner channels are more than some have and fewer than others. */
@SuppressWarnings("try")
class LinearFactorsTest {

    private static final int CHANNELS = 12;

    private final TrainingTask data = TinyData.classification(128, 40);
    private final Architecture architecture = TinyData.architecture(new Compression(4, 0.5));
    private final NetworkParameters initial = NetworkParameters.random(architecture, 1);

    @Test
    void factorsCollapseToTheWeightsTheyWereDrawnFor() {
        try (TrainableNetwork network = network();
                LinearFactors factors = factors(network);
                StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            Tensor weights = network.store().values(Section.WEIGHTS);
            float[] before = ParameterStore.read(weights);
            factors.collapse();
            float[] after = ParameterStore.read(weights);
            assertArrayEquals(before, after, 1e-5f);
            assertFalse(Arrays.equals(before, after), "the weights must come from the factors");
            assertEquals(1, factors.values().square().mean().sqrt().item_double(), 0.1);
        }
    }

    @Test
    void factorsFollowWeightsThatAreScaled() {
        try (TrainableNetwork network = network();
                LinearFactors factors = factors(network);
                StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            Random random = new Random(2);
            Tensor values = factors.values();
            ParameterStore.write(values, noise(values.numel(), random));
            factors.collapse();
            Tensor scales = network.weights().normalize().clone();
            factors.normalize(scales);
            float[] normalized = ParameterStore.read(network.store().values(Section.WEIGHTS));
            factors.collapse();
            assertArrayEquals(normalized, ParameterStore.read(network.store().values(Section.WEIGHTS)), 1e-5f);
        }
    }

    /** Weights are bilinear in the factors, so that central differences are exact but for rounding. */
    @Test
    void gradientsOfFactorsAreSlopes() {
        long seed = 3;
        Random random = new Random(seed);
        try (TrainableNetwork network = network();
                LinearFactors factors = factors(network);
                StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            ParameterStore store = network.store();
            Tensor upstream = Tensor.create(noise(store.size(Section.WEIGHTS), random));
            store.gradients(Section.WEIGHTS).copy_(upstream);
            factors.backward();
            Tensor start = factors.values().clone();
            for (int trial = 0; trial < 5; trial++) {
                Tensor direction = Tensor.create(noise(start.numel(), random));
                factors.values().copy_(start.add(direction));
                double ahead = collapsed(factors, store, upstream);
                factors.values().copy_(start.sub(direction));
                double slope = (ahead - collapsed(factors, store, upstream)) / 2;
                double expected = factors.gradients().dot(direction).item_double();
                assertEquals(expected, slope, 1e-3 * (1 + Math.abs(slope)), "seed " + seed + ", trial " + trial);
            }
            for (LayerSlice slice : store.slices()) {
                boolean kept = slice.node() instanceof Depthwise;
                Tensor left = store.weights(store.gradients(Section.WEIGHTS), slice);
                assertEquals(kept, left.abs().max().item_float() > 0, slice.node().name());
            }
        }
    }

    private static double collapsed(LinearFactors factors, ParameterStore store, Tensor upstream) {
        factors.collapse();
        return store.values(Section.WEIGHTS).to(torch.ScalarType.Double)
                .dot(upstream.to(torch.ScalarType.Double)).item_double();
    }

    @Test
    void trainingLowersTheLossAndRepeatsBitForBit() {
        List<Double> losses = new ArrayList<>();
        TrainedNetwork first = train(recipe(6, 1, 1), losses);
        TrainedNetwork second = train(recipe(6, 1, 1), new ArrayList<>());
        assertTrue(losses.get(5) < 0.7 * losses.get(0), losses::toString);
        assertEqual(first, second, "repeated");
        TrainedNetwork plain = train(recipe(6, 1, 1, 0), new ArrayList<>());
        assertFalse(Arrays.equals(first.parameters().get("a.weight"), plain.parameters().get("a.weight")));
    }

    @Test
    void aResumedTrainingEndsWithTheSameBytes(@TempDir Path folder) {
        TrainingConfig momentum = Json.parse(
                Json.text(recipe(2, 1, 0))
                        .replace("\"adamw\"", "\"sgd\"")
                        .replace("\"averaging\" : 0.0", "\"averaging\" : 0.9")
                        .replace("\"gradientClipping\" : 0.0", "\"gradientClipping\" : 5.0"),
                TrainingConfig.class, "recipe");
        for (TrainingConfig config : List.of(recipe(2, 1, 0), momentum)) {
            SavedTraining training = SavedTraining.run(data, config, architecture, initial, folder);
            for (int epoch = 0; epoch < 3; epoch++) {
                boolean inside = Safetensors.read(training.states().get(epoch)).tensors().keySet().stream()
                        .anyMatch(name -> name.contains("factors"));
                assertEquals(epoch < 2, inside, "factors are kept in the dense stage only");
                training.assertResumesToTheSameBytes(epoch);
            }
        }
    }

    private TrainableNetwork network() {
        return new TrainableNetwork(architecture, initial, data.normalization(), Device.CPU);
    }

    private static LinearFactors factors(TrainableNetwork network) {
        LinearFactors factors = new LinearFactors(network.store(), CHANNELS, Device.CPU);
        factors.draw(7);
        return factors;
    }

    private TrainedNetwork train(TrainingConfig config, List<Double> losses) {
        return Trainer.builder(data, config)
                .optListener(event -> {
                    if (event instanceof SearchEvent.EpochDone done) {
                        losses.add(done.loss());
                    }
                })
                .build()
                .train(architecture, initial);
    }

    private static TrainingConfig recipe(int dense, int quantization, int distillation) {
        return recipe(dense, quantization, distillation, CHANNELS);
    }

    private static TrainingConfig recipe(int dense, int quantization, int distillation, int expansion) {
        String json = Json.text(TinyData.recipe(dense, quantization, distillation))
                .replace("\"linearExpansion\" : 0", "\"linearExpansion\" : " + expansion);
        return Json.parse(json, TrainingConfig.class, "recipe");
    }

    private static void assertEqual(TrainedNetwork expected, TrainedNetwork found, String what) {
        expected.parameters().values().forEach((name, values) ->
                assertArrayEquals(values, found.parameters().get(name), what + ": " + name));
        assertEquals(expected.model().quantization(), found.model().quantization(), what);
    }

    private static float[] noise(long count, Random random) {
        float[] values = new float[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
