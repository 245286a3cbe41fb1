package io.udc.search.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.device.Precision;
import io.udc.integer.IntegerLayer;
import io.udc.json.Json;
import io.udc.memory.StepScope;
import io.udc.search.SearchEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {

    private final TrainingTask data = TinyData.classification(256, 200);
    private final Architecture architecture = TinyData.architecture(new Compression(4, 0.5));

    @Test
    void aTinyNetworkLearnsAndItsIntegersAgreeWithItsFakeQuantization() {
        List<SearchEvent.EpochDone> epochs = new ArrayList<>();
        TrainedNetwork trained = Trainer.builder(data, TinyData.recipe(8, 6, 3))
                .optListener(event -> {
                    if (event instanceof SearchEvent.EpochDone done) {
                        epochs.add(done);
                    }
                })
                .build()
                .train(architecture, NetworkParameters.random(architecture, 1));
        assertEquals(17, epochs.size());
        assertTrue(epochs.get(7).loss() < 0.7 * epochs.get(0).loss(), "the loss must fall: " + epochs);
        assertTrue(trained.integerMetric() > 90, trained::toString);
        assertEquals(trained.quantizedMetric(), trained.integerMetric(), 1, trained::toString);
        for (IntegerLayer layer : trained.model().layers()) {
            Compression compression = layer.node().matches("[acde]")
                    ? new Compression(4, 0.5)
                    : new Compression(8, 0);
            int zeros = 0;
            for (byte level : layer.weights()) {
                assertTrue(Math.abs(level) <= compression.maxLevel(), layer.node());
                zeros += level == 0 ? 1 : 0;
            }
            assertTrue(zeros >= Math.floor(layer.weights().length * compression.sparsity() + 0.5), layer.node());
        }
    }

    @Test
    void learnsInBfloat16AndIsMeasuredInFloat32() {
        NetworkParameters initial = NetworkParameters.random(architecture, 1);
        TrainedNetwork exact = Trainer.builder(data, TinyData.recipe(8, 6, 3)).build().train(architecture, initial);
        TrainedNetwork trained = Trainer.builder(data, TinyData.recipe(8, 6, 3))
                .optPrecision(Precision.BFLOAT16)
                .build()
                .train(architecture, initial);
        assertFalse(Arrays.equals(exact.parameters().get("a.weight"), trained.parameters().get("a.weight")));
        assertTrue(trained.integerMetric() > 90, trained::toString);
        assertEquals(trained.quantizedMetric(), trained.integerMetric(), 1, trained::toString);
    }

    @Test
    void theFloatStageAloneLearnsAndResumesToTheSameBytes(@TempDir Path folder) {
        NetworkParameters initial = NetworkParameters.random(architecture, 1);
        List<TrainingState> states = new ArrayList<>();
        Trainer trainer = Trainer.builder(data, TinyData.recipe(8, 6, 3))
                .optCheckpoints(state -> {
                    Path file = folder.resolve("state.safetensors");
                    state.write(file);
                    states.add(TrainingState.read(file));
                })
                .build();
        NetworkParameters trained = trainer.trainFloat(architecture, initial);
        assertEquals(8, states.size());
        assertEquals(Stage.DENSE, states.get(7).progress().stage());
        for (TrainingState state : List.of(states.get(2), states.get(7))) {
            NetworkParameters resumed = trainer.resumeFloat(architecture, state);
            trained.values().forEach((name, values) -> assertArrayEquals(values, resumed.get(name), name));
        }
        // What follows knows no difference between them and parameters that it was given from elsewhere.
        TrainedNetwork behind = Trainer.builder(data, TinyData.recipe(0, 6, 3)).build().train(architecture, trained);
        assertTrue(behind.floatMetric() > 50, behind::toString);
        assertTrue(behind.integerMetric() > 90, behind::toString);
    }

    @Test
    void distillationKeepsTheWeightsThatPruningChose() {
        Map<Stage, byte[]> survivors = new EnumMap<>(Stage.class);
        Trainer.builder(data, TinyData.recipe(1, 6, 1))
                .optCheckpoints(state -> survivors.put(state.progress().stage(), masks(state)))
                .build()
                .train(architecture, NetworkParameters.random(architecture, 1));
        assertFalse(Arrays.equals(survivors.get(Stage.DENSE), survivors.get(Stage.QUANTIZATION)));
        assertArrayEquals(survivors.get(Stage.QUANTIZATION), survivors.get(Stage.DISTILLATION));
    }

    private byte[] masks(TrainingState state) {
        long weights = architecture.weightedNodes().stream()
                .mapToLong(layer -> architecture.weightShape(layer).count())
                .sum();
        try (StepScope scope = StepScope.open()) {
            Tensor masks = torch.zeros(new long[] {weights}).to(torch.ScalarType.Byte);
            state.restore("masks", masks);
            return ParameterStore.readBytes(masks);
        }
    }

    @Test
    void theSameSeedGivesTheSameBytes() {
        TrainedNetwork first = train(3);
        TrainedNetwork second = train(3);
        TrainedNetwork other = train(4);
        first.parameters().values().forEach((name, values) ->
                assertArrayEquals(values, second.parameters().get(name), name));
        assertEquals(first.model().quantization(), second.model().quantization());
        assertFalse(Arrays.equals(
                first.parameters().get("a.weight"), other.parameters().get("a.weight")));
    }

    @Test
    void memoryStaysFlat() {
        TrainingTask small = TinyData.classification(64, 8);
        List<Long> bytes = new ArrayList<>();
        List<Long> resident = new ArrayList<>();
        Trainer.builder(small, TinyData.recipe(60, 60, 60))
                .optListener(event -> {
                    if (event instanceof SearchEvent.EpochDone) {
                        bytes.add(Pointer.totalBytes());
                        if (bytes.size() % 30 == 0) {
                            resident.add(Pointer.physicalBytes());
                        }
                    }
                })
                .build()
                .train(architecture, NetworkParameters.random(architecture, 1));
        assertEquals(180, bytes.size());
        assertNoGrowth(bytes.get(20), bytes.get(59), "native bytes in the dense stage");
        assertNoGrowth(bytes.get(130), bytes.get(179), "native bytes in the distillation stage");
        // A leak grows all the time, which the code cache and the allocator's arenas do not.
        long leastGrowth = IntStream.range(1, resident.size())
                .mapToLong(i -> resident.get(i) - resident.get(i - 1)).min().orElseThrow();
        assertTrue(leastGrowth < 16L << 20, "resident memory grew in all of " + resident);
    }

    /** Less is no leak: the collector may free what an earlier test left behind. */
    private static void assertNoGrowth(long before, long after, String what) {
        assertTrue(after <= before, () -> what + " grew from " + before + " to " + after);
    }

    @Test
    void divergenceIsOneClearLine() {
        TrainingConfig wild = TinyData.recipe(5, 0, 0).withStages(
                new StagePlan(5, 1000), new StagePlan(0, 1), new StagePlan(0, 1));
        NetworkParameters broken = NetworkParameters.random(architecture, 1);
        broken.get("classes.beta")[0] = Float.NaN;
        Exception e = assertThrows(DivergedException.class, () ->
                Trainer.builder(data, wild).build().train(architecture, broken));
        assertEquals("dense: the loss is not a number in epoch 1 at learning rate 1000.0; a lower learning rate or "
                + "gradientClipping may help", e.getMessage());
    }

    @Test
    void trainingGoesOnFromItsOwnParameters() {
        TrainedNetwork trained = train(5);
        TrainedNetwork again = Trainer.builder(data, TinyData.recipe(0, 0, 0))
                .build()
                .train(architecture, trained.parameters());
        assertEquals(trained.model().quantization(), again.model().quantization());
        assertEquals(trained.integerMetric(), again.integerMetric(), 2);
    }

    @Test
    void aResumedTrainingEndsWithTheSameBytes(@TempDir Path folder) {
        SavedTraining training = SavedTraining.run(data, TinyData.recipe(2, 2, 2), architecture,
                NetworkParameters.random(architecture, 1), folder);
        assertEquals(6, training.states().size());
        for (int epoch : new int[] {0, 3, 4}) {
            training.assertResumesToTheSameBytes(epoch);
        }
    }

    @Test
    void aTrainingIsNotResumedWithAnotherNetwork() {
        List<TrainingState> states = new ArrayList<>();
        Trainer trainer = Trainer.builder(data, TinyData.recipe(1, 0, 0)).optCheckpoints(states::add).build();
        trainer.train(architecture, NetworkParameters.random(architecture, 1));
        Architecture other = new Architecture("other", architecture.input(), architecture.nodes());
        String message = assertThrows(InputException.class, () -> trainer.resume(other, states.get(0))).getMessage();
        assertTrue(message.contains("expected that of 'other'"), message);
    }

    @Test
    void allOptionsTrain() {
        String json = Json.text(TinyData.recipe(4, 3, 2))
                .replace("\"adamw\"", "\"sgd\"")
                .replace("\"cosine\"", "\"one-cycle\"")
                .replace("\"moving-range\"", "\"learned\"")
                .replace("\"weightSteps\" : \"learned\"", "\"weightSteps\" : \"mean-square\"")
                .replace("\"mixup\" : 0.0", "\"mixup\" : 0.2")
                .replace("\"averaging\" : 0.0", "\"averaging\" : 0.9")
                .replace("\"gradientClipping\" : 0.0", "\"gradientClipping\" : 5.0")
                .replace("\"cutout\" : 0", "\"cutout\" : 2")
                .replace("\"none\"", "\"pad-crop-flip\"")
                .replace("\"cropPadding\" : 4", "\"cropPadding\" : 0");
        TrainingConfig config = Json.parse(json, TrainingConfig.class, "config");
        assertEquals(TrainingConfig.ActivationSteps.LEARNED, config.activationSteps());
        assertEquals(0.2, config.mixup());
        TrainedNetwork trained = Trainer.builder(data, config)
                .build()
                .train(architecture, NetworkParameters.random(architecture, 1));
        assertEquals(trained.quantizedMetric(), trained.integerMetric(), 2, trained::toString);
    }

    private TrainedNetwork train(long seed) {
        return Trainer.builder(data, TinyData.recipe(1, 2, 1))
                .optSeed(seed)
                .build()
                .train(architecture, NetworkParameters.random(architecture, 1));
    }
}
