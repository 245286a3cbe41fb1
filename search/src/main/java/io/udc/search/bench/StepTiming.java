package io.udc.search.bench;

/**
 * What one step of a search costs beside one of plain training; medians of the same run.
 *
 * @param device where both ran
 * @param searchStepMs milliseconds of one step of the supernet's weights, all options mixed
 * @param floatStepMs milliseconds of one float training step of the widest network of the space, same batch
 * @param imagesPerSecond pictures that the search takes in
 * @param dataWaitShare share of the time, 0 to 1, that the search waited for pictures
 */
public record StepTiming(
        String device, double searchStepMs, double floatStepMs, double imagesPerSecond, double dataWaitShare) {}
