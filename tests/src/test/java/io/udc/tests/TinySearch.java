package io.udc.tests;

import io.udc.search.config.RunConfig;
import io.udc.search.config.RunConfigBuilder;
import io.udc.search.config.Task;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** Searches of a second or two: a few pictures, a space of one stage, an epoch for each part. */
final class TinySearch {

    private TinySearch() {}

    static RunConfigBuilder config(String budget, long seed) {
        return RunConfig.builder(Task.SHAPES, "quick")
                .set("space", space().toString())
                .set("budget", budget)
                .set("seed", Long.toString(seed))
                .set("threads", "1")
                .set("competitors", "false")
                .set("dataOptions.shapesTrain", "400")
                .set("dataOptions.shapesTest", "100")
                .set("search.batchSize", "32")
                .set("search.warmupEpochs", "1")
                .set("search.searchEpochs", "2")
                .set("training.batchSize", "32")
                .set("training.dense.epochs", "1")
                .set("training.quantization.epochs", "1")
                .set("training.distillation.epochs", "1");
    }

    private static Path space() {
        try {
            return Path.of(TinySearch.class.getResource("tiny-space.json").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
