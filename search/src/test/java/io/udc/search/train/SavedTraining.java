package io.udc.search.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.udc.arch.Architecture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A training without interruption, whose state was written to a file after every epoch.
 *
 * @param whole what it ended with
 * @param states one file for each epoch
 */
public record SavedTraining(
        TrainingTask task, TrainingConfig config, Architecture architecture, TrainedNetwork whole, List<Path> states) {

    public static SavedTraining run(
            TrainingTask task,
            TrainingConfig config,
            Architecture architecture,
            NetworkParameters initial,
            Path folder) {
        List<Path> states = new ArrayList<>();
        TrainedNetwork whole = Trainer.builder(task, config)
                .optCheckpoints(state -> {
                    states.add(folder.resolve(states.size() + ".safetensors"));
                    state.write(states.get(states.size() - 1));
                })
                .build()
                .train(architecture, initial);
        return new SavedTraining(task, config, architecture, whole, states);
    }

    /** Resumes behind an epoch, counted from 0, and compares what both trainings ended with. */
    public void assertResumesToTheSameBytes(int epoch) {
        String resumption = config.optimizer() + " from epoch " + epoch;
        TrainedNetwork resumed = Trainer.builder(task, config)
                .build()
                .resume(architecture, TrainingState.read(states.get(epoch)));
        whole.parameters().values().forEach((name, values) ->
                assertArrayEquals(values, resumed.parameters().get(name), name + ", " + resumption));
        assertEquals(whole.model().quantization(), resumed.model().quantization(), resumption);
        assertEquals(whole.integerMetric(), resumed.integerMetric(), resumption);
    }
}
