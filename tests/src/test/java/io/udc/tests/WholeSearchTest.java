package io.udc.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.udc.InputException;
import io.udc.data.ClassificationData;
import io.udc.device.Devices;
import io.udc.search.Cancellation;
import io.udc.search.CancelledException;
import io.udc.search.Search;
import io.udc.search.SearchEvent;
import io.udc.search.SearchListener;
import io.udc.search.config.RunConfig;
import io.udc.search.config.RunConfigBuilder;
import io.udc.search.config.Task;
import io.udc.search.model.ModelFile;
import io.udc.search.run.Result;
import io.udc.search.run.RunDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WholeSearchTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cuda"})
    void theEncodedNetworkKeepsItsBudgetAndEvaluatesToThePrintedAccuracy(String device) {
        boolean forced = device.equals(System.getenv("UDC_TEST_DEVICE"));
        assumeTrue(forced || device.equals("cpu") || Devices.cudaCount() > 0, "no GPU answers");
        RunConfig config = tiny("9KiB", 3).set("device", device).build();
        RunDirectory directory = open("run");
        Result result = Search.builder(config).build().run(directory);

        assertTrue(result.encodedBytes() <= 9 * 1024, result.encodedBytes() + " bytes");
        assertTrue(result.encodedBytes() >= 0.9 * 9 * 1024, result.encodedBytes() + " bytes");
        ClassificationData data = ClassificationData.open("shapes", null, config.dataOptions());
        assertEquals(result.metric(), ModelFile.read(directory.model()).accuracy(data.test()));
        assertTrue(Files.exists(directory.architecture()));
    }

    @ParameterizedTest
    @CsvSource({"adam, adamw", "muon, muon"})
    void aSearchThatWasStoppedInEveryPhaseEndsWithTheBytesOfAnUndisturbedOne(String ofSearch, String ofTraining)
            throws Exception {
        RunConfig config = tiny("9KiB", 5)
                .set("search.optimizer", ofSearch)
                .set("training.optimizer", ofTraining)
                .build();
        RunDirectory undisturbed = open("undisturbed");
        Search.builder(config).build().run(undisturbed);

        RunDirectory directory = open("stopped");
        stopAfter(config, directory, "search", 1);
        stopAfter(config, directory, "dense", 1);
        stopAfter(config, directory, "quantization", 1);
        Search.builder(config).build().run(directory);

        assertEquals(Files.readString(undisturbed.architecture()), Files.readString(directory.architecture()));
        assertArrayEquals(Files.readAllBytes(undisturbed.model()), Files.readAllBytes(directory.model()));
    }

    @Test
    void aBudgetBelowTheSmallestNetworkIsRefusedWithTheReachableSize() {
        RunConfig config = tiny("100B", 1).build();
        InputException refused = assertThrows(
                InputException.class, () -> Search.builder(config).build().run(open("refused")));
        assertTrue(refused.getMessage().matches("--budget: found 100 bytes, expected at least \\d+ bytes, .*"),
                refused.getMessage());
    }

    private RunDirectory open(String name) {
        return RunDirectory.open(folder.resolve(name), RunDirectory.Mode.NEW);
    }

    /** Runs until an epoch of a phase is done, then asks for a stop. */
    private static void stopAfter(RunConfig config, RunDirectory directory, String phase, int epoch) {
        Cancellation cancellation = new Cancellation();
        SearchListener stopping = event -> {
            if (event instanceof SearchEvent.EpochDone done && done.phase().equals(phase) && done.epoch() == epoch) {
                cancellation.request();
            }
        };
        assertThrows(CancelledException.class, () -> Search.builder(config)
                .optListener(stopping)
                .optCancellation(cancellation)
                .build()
                .run(directory));
    }

    private static RunConfigBuilder tiny(String budget, int seed) {
        return RunConfig.builder(Task.SHAPES, "quick")
                .set("budget", budget)
                .set("seed", Integer.toString(seed))
                .set("competitors", "false")
                .set("dataOptions.shapesTrain", "600")
                .set("dataOptions.shapesTest", "200")
                .set("search.warmupEpochs", "1")
                .set("search.searchEpochs", "2")
                .set("training.dense.epochs", "2")
                .set("training.quantization.epochs", "2")
                .set("training.distillation.epochs", "1");
    }
}
