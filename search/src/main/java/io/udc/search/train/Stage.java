package io.udc.search.train;

/** The three parts of a training, in order. */
enum Stage {
    /** Float, all weights. */
    DENSE,
    /** Fake-quantized, while sparsity rises to its goal. */
    QUANTIZATION,
    /** Fake-quantized with fixed masks, taught by the float network. */
    DISTILLATION;

    StagePlan plan(TrainingConfig config) {
        return switch (this) {
            case DENSE -> config.dense();
            case QUANTIZATION -> config.quantization();
            case DISTILLATION -> config.distillation();
        };
    }

    boolean quantized() {
        return this != DENSE;
    }

    /** The name in events. */
    String phase() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
