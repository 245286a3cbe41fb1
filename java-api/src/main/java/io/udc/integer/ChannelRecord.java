package io.udc.integer;

/**
 * The bias and the rescaling of one output channel: output = zeroPoint + (accumulator + bias) * rescale.
 *
 * @param bias in units of input scale times weight scale; 32 bits, although the NPU's record holds 40
 * @param rescale from accumulator to output units
 */
public record ChannelRecord(int bias, Requantization rescale) {}
