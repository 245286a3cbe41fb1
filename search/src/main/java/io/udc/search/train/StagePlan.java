package io.udc.search.train;

/**
 * Length and pace of one training stage.
 *
 * @param epochs passes over the training pictures, 0 to 10,000; 0 leaves the stage out
 * @param learningRate the peak of the stage's schedule, above 0
 */
public record StagePlan(int epochs, double learningRate) {

    public StagePlan {
        TrainingRanges.within("epochs", epochs, 0, 10_000);
        TrainingRanges.above("learningRate", learningRate, 0, 1_000);
    }
}
