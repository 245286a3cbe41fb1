package io.udc.search.bench;

/**
 * What one step of a search costs beside steps of plain training of the same batch size. The three loops take turns of a
 * few steps; times are the medians of the turns' means.
 *
 * @param device where all ran
 * @param searchStepMs milliseconds of a step of the search, all options mixed: the mean over steps of weights and of
 *     decisions in the proportion in which a search epoch takes them
 * @param floatStepMs milliseconds of one float training step of the widest network of the space, by the trainer
 * @param ratio how many times as long as the latter the former takes, the median over turns that followed each other
 * @param libtorchStepMs the same network written with libtorch alone
 * @param imagesPerSecond pictures that the search takes in
 * @param dataWaitShare share of the time, 0 to 1, that the search waited for pictures
 * @param hostStepMs milliseconds that the host takes to enqueue a step of the search; null on the CPU
 * @param gpuBusyShare share of the time, 0 to 1, that the GPU had work of the search; null on the CPU
 */
public record StepTiming(
        String device,
        double searchStepMs,
        double floatStepMs,
        double ratio,
        double libtorchStepMs,
        double imagesPerSecond,
        double dataWaitShare,
        Double hostStepMs,
        Double gpuBusyShare) {}
