package io.udc.search.bench;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Speed and size of the weight-stream codec on one set of weights. Speeds are million weights per second on one thread.
 *
 * @param name of the weights
 * @param weights how many
 * @param entropyBitsPerWeight their zero-order entropy
 * @param fastBytes size of the fast encoder's stream
 * @param bestBytes size of the best encoder's stream
 * @param velaBytes size of Vela's stream; null if there is none
 * @param fast speed of the fast encoder
 * @param best speed of the best encoder
 * @param sizeOnly speed of the fast encoder's size without the stream
 * @param decode speed of the decoder
 * @param velaEncode Vela's speed as it was measured for such weights; null if it was not
 * @param velaDecode Vela's speed as it was measured for such weights; null if it was not
 */
public record CodecTiming(
        String name,
        int weights,
        double entropyBitsPerWeight,
        long fastBytes,
        long bestBytes,
        Long velaBytes,
        double fast,
        double best,
        double sizeOnly,
        double decode,
        Double velaEncode,
        Double velaDecode) {

    /** Bytes of the best stream over Vela's; null without Vela's. */
    @JsonProperty
    public Double bestOverVela() {
        return velaBytes == null ? null : (double) bestBytes / velaBytes;
    }
}
