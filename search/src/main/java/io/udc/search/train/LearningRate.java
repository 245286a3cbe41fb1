package io.udc.search.train;

import io.udc.search.train.TrainingConfig.ScheduleKind;

/** The learning rate over a stage, as a share of its peak. */
final class LearningRate {

    private static final double ONE_CYCLE_START = 0.04;

    private LearningRate() {}

    /**
     * The share at a step.
     *
     * @param progress share of the stage's steps that are done, 0 to below 1
     */
    static double share(ScheduleKind kind, double warmupShare, double progress) {
        if (progress < warmupShare) {
            double rise = progress / warmupShare;
            return kind == ScheduleKind.ONE_CYCLE
                    ? ONE_CYCLE_START + (1 - ONE_CYCLE_START) * (1 - cosine(rise))
                    : Math.max(rise, 0.01);
        }
        double rest = (progress - warmupShare) / (1 - warmupShare);
        return kind == ScheduleKind.CONSTANT ? 1 : cosine(rest);
    }

    /** From 1 down to 0. */
    private static double cosine(double progress) {
        return 0.5 + 0.5 * Math.cos(Math.PI * progress);
    }
}
