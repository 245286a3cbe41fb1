package io.udc.search.train;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * The recipe by which a given architecture is trained. All of it has a JSON form with the components' names;
 * every value is checked and an error names its component.
 *
 * <p>Weights are held at a root mean square of 1 per output channel, so a learning rate says by which share
 * of itself a weight may turn in a step, whatever the layer. With adamw or muon, 0.003 to 0.1 is the usual range.
 *
 * @param dense float training from the given parameters
 * @param quantization quantization-aware training while pruning rises to each layer's sparsity
 * @param distillation training with fixed masks and the float network as teacher
 * @param batchSize pictures of a step, 1 to 65,536
 * @param optimizer sgd, adamw or muon
 * @param momentum of sgd and muon, 0 to below 1; also adamw's first decay rate
 * @param nesterov whether sgd looks ahead
 * @param weightDecay of the batch norms' gains, 0 to 1 for a learning rate of 1 (decoupled); weights have no
 *     norm that could decay
 * @param schedule of the learning rate over each stage
 * @param warmupShare share of a stage's steps in which the learning rate rises from 0, 0 to 0.9
 * @param labelSmoothing probability moved from the right class to all, 0 to below 1
 * @param averaging decay of the moving average of the parameters that replaces them at the end of a stage, 0
 *     (off) to below 1
 * @param linearExpansion inner channels of the linear blocks as which convolutions and dense layers are
 *     trained in the dense stage, and collapsed (SESR, arXiv 2103.09404), 0 (off) to 1,024; at least as many
 *     as a layer has outputs
 * @param augmentation how pictures are changed; a search changes none under {@code none}, and crops and mirrors them
 *     under both others
 * @param cropPadding border of pad-crop-flip in pixels, 0 to 64
 * @param minCropArea least share of the picture that random-resized-crop keeps, above 0 to 1
 * @param cutout side of a greyed square in pixels, 0 (off) to 1,024
 * @param mixup parameter of the beta distribution by which pairs of pictures are mixed, 0 (off) to 10
 * @param distillationWeight share of the teacher in the loss, 0 to 1
 * @param distillationTemperature above 0 to 100
 * @param activationSteps how the scale of feature maps is found
 * @param weightSteps how the step of each output channel's weights is found
 * @param stepLearningRate learning rate of learned steps (of their logarithm) as a share of the others', 0 to
 *     10
 * @param gradientClipping greatest norm of a step's gradient, 0 (off) to 1e6
 * @param dampening how strongly surviving weights are drawn to what they are quantized to, 0 (off) to 100: by this
 *     share of their distance, times the learning rate, in every step. It rises from 0 over the quantization stage.
 *     Weights that swing between two levels come to rest (Nagel et al., arXiv 2203.11086, sections 3 and 4, who add
 *     the distance to the loss)
 * @param pruningShare share of the quantization stage's steps in which sparsity rises, above 0 to 1
 * @param recalibrationBatches batches from which batch norm statistics are taken anew after a stage, 1 to
 *     10,000
 */
public record TrainingConfig(
        StagePlan dense,
        StagePlan quantization,
        StagePlan distillation,
        int batchSize,
        OptimizerKind optimizer,
        double momentum,
        boolean nesterov,
        double weightDecay,
        ScheduleKind schedule,
        double warmupShare,
        double labelSmoothing,
        double averaging,
        int linearExpansion,
        AugmentationKind augmentation,
        int cropPadding,
        double minCropArea,
        int cutout,
        double mixup,
        double distillationWeight,
        double distillationTemperature,
        ActivationSteps activationSteps,
        WeightSteps weightSteps,
        double stepLearningRate,
        double gradientClipping,
        double dampening,
        double pruningShare,
        int recalibrationBatches) {

    /** The rule by which gradients change parameters. */
    public enum OptimizerKind {
        @JsonProperty("sgd")
        SGD,
        @JsonProperty("adamw")
        ADAMW,
        /** Orthogonal steps for the matrices of the dense stage, adamw for the rest. */
        @JsonProperty("muon")
        MUON
    }

    /** How the learning rate goes over a stage. */
    public enum ScheduleKind {
        /** Warm-up, then half a cosine down to 0. */
        @JsonProperty("cosine")
        COSINE,
        /** Half a cosine up and one down to 0, momentum the other way round (Smith, arXiv 1803.09820). */
        @JsonProperty("one-cycle")
        ONE_CYCLE,
        /** Warm-up, then no change. */
        @JsonProperty("constant")
        CONSTANT
    }

    /** How training pictures are changed at random. */
    public enum AugmentationKind {
        @JsonProperty("none")
        NONE,
        @JsonProperty("pad-crop-flip")
        PAD_CROP_FLIP,
        @JsonProperty("random-resized-crop")
        RANDOM_RESIZED_CROP
    }

    /** How the scale of a feature map is found. */
    public enum ActivationSteps {
        /** From a moving average of its least and greatest value. */
        @JsonProperty("moving-range")
        MOVING_RANGE,
        /** By gradient descent, starting from the range (LSQ, arXiv 1902.08153). */
        @JsonProperty("learned")
        LEARNED
    }

    /** How the step of an output channel's weights is found. */
    public enum WeightSteps {
        /** The step of least mean square error, found anew every few steps. */
        @JsonProperty("mean-square")
        MEAN_SQUARE,
        /** The same while pruning rises, then by gradient descent (LSQ, arXiv 1902.08153). */
        @JsonProperty("learned")
        LEARNED
    }

    public TrainingConfig {
        TrainingRanges.present("dense", dense);
        TrainingRanges.present("quantization", quantization);
        TrainingRanges.present("distillation", distillation);
        TrainingRanges.present("optimizer", optimizer);
        TrainingRanges.present("schedule", schedule);
        TrainingRanges.present("augmentation", augmentation);
        TrainingRanges.present("activationSteps", activationSteps);
        TrainingRanges.present("weightSteps", weightSteps);
        TrainingRanges.within("batchSize", batchSize, 1, 65_536);
        TrainingRanges.below("momentum", momentum, 0, 1);
        TrainingRanges.within("weightDecay", weightDecay, 0, 1);
        TrainingRanges.within("warmupShare", warmupShare, 0, 0.9);
        TrainingRanges.below("labelSmoothing", labelSmoothing, 0, 1);
        TrainingRanges.below("averaging", averaging, 0, 1);
        TrainingRanges.within("linearExpansion", linearExpansion, 0, 1_024);
        TrainingRanges.within("cropPadding", cropPadding, 0, 64);
        TrainingRanges.above("minCropArea", minCropArea, 0, 1);
        TrainingRanges.within("cutout", cutout, 0, 1_024);
        TrainingRanges.within("mixup", mixup, 0, 10);
        TrainingRanges.within("distillationWeight", distillationWeight, 0, 1);
        TrainingRanges.above("distillationTemperature", distillationTemperature, 0, 100);
        TrainingRanges.within("stepLearningRate", stepLearningRate, 0, 10);
        TrainingRanges.within("gradientClipping", gradientClipping, 0, 1e6);
        TrainingRanges.within("dampening", dampening, 0, 100);
        TrainingRanges.above("pruningShare", pruningShare, 0, 1);
        TrainingRanges.within("recalibrationBatches", recalibrationBatches, 1, 10_000);
    }

    /** A recipe for pictures of 32x32: 10 float, 8 quantization-aware and 4 distillation epochs. */
    public static TrainingConfig defaults() {
        return new TrainingConfig(
                new StagePlan(10, 0.01),
                new StagePlan(8, 0.005),
                new StagePlan(4, 0.002),
                128,
                OptimizerKind.ADAMW,
                0.9,
                true,
                0.01,
                ScheduleKind.COSINE,
                0.1,
                0.1,
                0,
                0,
                AugmentationKind.PAD_CROP_FLIP,
                4,
                0.25,
                0,
                0,
                0.5,
                4,
                ActivationSteps.MOVING_RANGE,
                WeightSteps.LEARNED,
                0.1,
                0,
                0,
                0.6,
                40);
    }

    /** The same recipe with other numbers of epochs. */
    public TrainingConfig withEpochs(int denseEpochs, int quantizationEpochs, int distillationEpochs) {
        return withStages(
                new StagePlan(denseEpochs, dense.learningRate()),
                new StagePlan(quantizationEpochs, quantization.learningRate()),
                new StagePlan(distillationEpochs, distillation.learningRate()));
    }

    /**
     * What a trained network gets when its masks have changed: the last stage, without a teacher. Its own
     * float weights would make a poor one: those of few bits are only meant to be rounded.
     */
    public TrainingConfig settling(int epochs) {
        return with(new StagePlan(0, dense.learningRate()), new StagePlan(0, quantization.learningRate()),
                new StagePlan(epochs, distillation.learningRate()), 0);
    }

    /** The same recipe with other stages. */
    public TrainingConfig withStages(StagePlan first, StagePlan second, StagePlan third) {
        return with(first, second, third, distillationWeight);
    }

    private TrainingConfig with(StagePlan first, StagePlan second, StagePlan third, double teacherWeight) {
        return new TrainingConfig(
                first, second, third, batchSize, optimizer, momentum, nesterov, weightDecay, schedule, warmupShare,
                labelSmoothing, averaging, linearExpansion, augmentation, cropPadding, minCropArea, cutout, mixup,
                teacherWeight, distillationTemperature, activationSteps, weightSteps, stepLearningRate,
                gradientClipping, dampening, pruningShare, recalibrationBatches);
    }
}
