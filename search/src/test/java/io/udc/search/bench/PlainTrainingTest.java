package io.udc.search.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.arch.Architecture;
import io.udc.device.Device;
import io.udc.search.config.RunConfig;
import io.udc.search.config.RunConfigBuilder;
import io.udc.search.config.Task;
import io.udc.search.task.SearchTask;
import io.udc.search.train.Trainer;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlainTrainingTest {

    private static final int STEPS = 20;

    private final RunConfig config = config();
    private final BenchedSearch search = new BenchedSearch(config);
    private final SearchTask task = search.task();
    private final Architecture widest = search.graph().architecture(search.graph().widest());

    private static RunConfig config() {
        RunConfigBuilder builder = RunConfig.builder(Task.SHAPES, "quick")
                .set("dataOptions.shapesTrain", "700")
                .set("dataOptions.shapesTest", "10");
        BenchedSearch.configure(builder, 32, 1);
        return builder.build();
    }

    @Test
    void itIsTheNetworkThatTheTrainerTrains() {
        double expected = trained().get(0);
        assertEquals(expected, plain().get(0), 1e-4 * expected);
    }

    @Test
    void itLearns() {
        List<Double> losses = plain();
        double first = losses.get(0);
        double last = losses.subList(STEPS - 5, STEPS).stream().mapToDouble(loss -> loss).average().orElseThrow();
        assertTrue(last < 0.98 * first, () -> losses.toString());
    }

    private List<Double> plain() {
        LossCurve curve = new LossCurve(STEPS);
        try (PlainTraining training = new PlainTraining(task, widest, config.training(), 1, Device.CPU)) {
            curve.await(() -> training.run(curve, 1));
        }
        return curve.losses();
    }

    private List<Double> trained() {
        LossCurve curve = new LossCurve(1);
        Trainer trainer = Trainer.builder(task, config.training())
                .optSeed(1)
                .optListener(curve)
                .optReports(curve)
                .optCancellation(curve.cancellation())
                .build();
        curve.await(() -> trainer.train(widest, task.initial(widest, 1)));
        return curve.losses();
    }
}
