/**
 * Super resolution's pictures: the reduction that makes low-resolution pictures, patches for training, and
 * the metrics as the literature computes them.
 */
package io.udc.sr;
