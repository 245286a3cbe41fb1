package io.udc.search.bench;

/**
 * Speed of reducing decoded colour pictures in memory, in megapixels of the originals per second on all cores.
 *
 * @param scale ratio of the sides
 * @param megapixelsPerSecond bicubic as MATLAB's imresize: widened kernel, two roundings
 * @param opencvMegapixelsPerSecond OpenCV's INTER_CUBIC, which reads 16 pixels for each result whatever the scale
 */
public record ResizeTiming(int scale, double megapixelsPerSecond, double opencvMegapixelsPerSecond) {}
