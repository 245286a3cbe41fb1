package io.udc.npu;

import io.udc.InputException;
import io.udc.bindings.Npu;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.ShortPointer;

/**
 * The compressed weight stream of Ethos-U55 and Ethos-U65 (npu-backend/docs/weight-stream.md). Weights are integers in
 * -255..255; the order in which an NPU reads a layer's weights is the business of {@link LayerCodec}.
 *
 * <p>All methods may be used by several threads. They throw {@link InputException} for no weights at all and for
 * weights out of range.
 */
public final class WeightCodec {

    /** How hard the encoder searches. Both give streams that every conforming decoder reads. */
    public enum Effort {
        /** One palette for the whole stream. */
        FAST(Npu.UDC_NPU_EFFORT_FAST),
        /** Splits the stream where its statistics change; never larger than {@link #FAST}. */
        BEST(Npu.UDC_NPU_EFFORT_BEST);

        private final int value;

        Effort(int value) {
            this.value = value;
        }

        /** The C ABI's code. */
        int code() {
            return value;
        }
    }

    private WeightCodec() {}

    /** The weights' stream, a multiple of 16 bytes. */
    public static byte[] encode(short[] weights, Effort effort) {
        long capacity = Npu.udc_npu_encoded_size_bound(weights.length);
        try (ShortPointer input = new ShortPointer(weights);
                BytePointer out = new BytePointer(Math.max(capacity, 1));
                LongPointer size = new LongPointer(1);
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            NpuCalls.check(
                    Npu.udc_npu_encode_weights(input, weights.length, effort.value, out, capacity, size, error), error);
            byte[] stream = new byte[Math.toIntExact(size.get())];
            out.get(stream);
            return stream;
        }
    }

    /** Bytes of {@link #encode}'s stream, without making it. */
    public static long encodedBytes(short[] weights, Effort effort) {
        try (ShortPointer input = new ShortPointer(weights);
                LongPointer size = new LongPointer(1);
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            NpuCalls.check(
                    Npu.udc_npu_encoded_size(input, weights.length, effort.value, size, error), error);
            return size.get();
        }
    }

    /**
     * Decodes a stream that anybody may have written.
     *
     * @param limit most weights to accept
     * @throws InputException if the stream is corrupt, with the bit position, or holds more weights than the limit
     */
    public static short[] decode(byte[] stream, int limit) {
        try (BytePointer input = new BytePointer(stream);
                LongPointer count = new LongPointer(1);
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            NpuCalls.check(
                    Npu.udc_npu_decode_weights(input, stream.length, (ShortPointer) null, limit, count, error), error);
            int weights = Math.toIntExact(count.get());
            try (ShortPointer out = new ShortPointer(Math.max(weights, 1))) {
                NpuCalls.check(
                        Npu.udc_npu_decode_weights(input, stream.length, out, weights, count, error), error);
                short[] result = new short[Math.max(weights, 1)];
                out.get(result);
                return Arrays.copyOf(result, weights);
            }
        }
    }

    /** Zero-order entropy in bits per weight, a yardstick beside the stream's size. */
    public static double entropyBitsPerWeight(short[] weights) {
        try (ShortPointer input = new ShortPointer(weights);
                DoublePointer bits = new DoublePointer(1);
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            NpuCalls.check(Npu.udc_npu_weight_entropy(input, weights.length, bits, error), error);
            return bits.get();
        }
    }
}
