package io.udc.search.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.udc.npu.LayerTensor;
import io.udc.npu.WeightCodec;
import java.util.List;
import java.util.Locale;

/**
 * What {@code udc encode} and {@code udc decode} print.
 *
 * @param weights number of weights; of a decoded stream padding included
 * @param bytes of the encoded file
 * @param bitsPerWeight 8 bytes / weights
 * @param entropyBitsPerWeight zero-order entropy of the weights
 * @param seconds time of the coding alone
 * @param ofmBlockDepth of a layer: output channels of a block; else null
 * @param depthSlices of a layer; else null
 * @param ranges of a layer: its parts; else null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record CodecResult(
        long weights,
        long bytes,
        double bitsPerWeight,
        double entropyBitsPerWeight,
        double seconds,
        Integer ofmBlockDepth,
        List<Integer> depthSlices,
        List<LayerTensor.Range> ranges) {

    static CodecResult of(short[] weights, int bytes, double seconds) {
        return new CodecResult(weights.length, bytes, bytes * 8.0 / weights.length,
                WeightCodec.entropyBitsPerWeight(weights), seconds, null, null, null);
    }

    CodecResult withLayer(int blockDepth, List<Integer> slices, List<LayerTensor.Range> parts) {
        return new CodecResult(
                weights, bytes, bitsPerWeight, entropyBitsPerWeight, seconds, blockDepth, slices, parts);
    }

    /** A line for people. */
    String line() {
        return String.format(Locale.ROOT,
                "%,d weights, %,d bytes: %.3f bits per weight (entropy %.3f), %.1f M weights/s",
                weights, bytes, bitsPerWeight, entropyBitsPerWeight, weights / Math.max(seconds, 1e-9) / 1e6);
    }
}
