package io.udc.search.report;

import io.udc.search.SearchEvent.EpochDone;
import io.udc.search.SearchEvent.SearchState;
import io.udc.search.config.RunConfig;
import io.udc.search.config.Task;
import io.udc.search.run.MetricsLog;
import io.udc.search.run.Result;
import io.udc.search.run.RunDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes a run directory with made-up values in the shape of a real one. */
public final class SampleRun {

    private static final int SEARCH_EPOCHS = 12;

    private SampleRun() {}

    public static RunDirectory write(Path folder) {
        RunDirectory run = RunDirectory.open(folder, RunDirectory.Mode.NEW);
        run.writeJson(run.config(), RunConfig.builder(Task.SHAPES, "quick").build());
        try (MetricsLog log = MetricsLog.open(run.metrics())) {
            for (int i = 1; i <= 4; i++) {
                log.on(new EpochDone("warmup", i, 4, 2.3 / i, 1.5, null, Map.of()));
            }
            for (int i = 1; i <= SEARCH_EPOCHS; i++) {
                log.on(new EpochDone("search", i, SEARCH_EPOCHS, 0.5 + 0.3 / i, 2, state(i), Map.of()));
            }
            for (int i = 1; i <= 8; i++) {
                log.on(new EpochDone("quantize", i, 8, 0.4 / i, 1, null, Map.of()));
            }
        }
        run.writeJson(run.result(), result());
        run.close();
        return run;
    }

    private static SearchState state(int epoch) {
        double left = 1 - epoch / (double) SEARCH_EPOCHS;
        return new SearchState(
                16000 + 24000 * left * left,
                epoch % 3 == 0 ? 16000 + Math.round(20000 * left) : null,
                1e-3,
                null,
                left,
                Map.of("bits", left * 0.95, "sparsity", left, "width", Math.min(1, left * 1.1), "depth", left * 0.8,
                        "operator", left * 0.7),
                Map.of("bytes", 2 - 2 * left, "entropy", 0.4 * left));
    }

    public static Result result() {
        List<Result.Layer> layers = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            layers.add(new Result.Layer("block" + i + ".conv", i % 2 == 0 ? "conv 3x3" : "depthwise 5x5", 16 + 8 * i,
                    24 + 8 * i, new int[] {8, 4, 3, 2, 5, 6, 4, 3, 2}[i], i * 0.1, 900 + 800 * i, 640 + 310 * i,
                    20000 - 1500 * i));
        }
        return new Result("shapes", "accuracy", 93.4, 93.5, 16102, 16384L, 17011, 15800, 1.42, null, 98304, 262144L,
                "ethos-u55-128", 12_400_000, 36_900, 1, 187,
                new Result.SearchedBytes(16_020, 15_970), layers,
                List.of(new Result.Competitor("uniform 8-bit", 8, 0, 86.2, 16220),
                        new Result.Competitor("uniform 4-bit, 75% sparse", 4, 0.75, 91.1, 15990)));
    }
}
