package io.udc.npu;

import java.util.List;

/** Where the encoded sizes of an operator's weights come from. */
public sealed interface EncodedSizes {

    /** Of operators without weights. */
    EncodedSizes NONE = new Given(0, List.of());

    /** The size of all channels; ranges of channels take their share of it. */
    static EncodedSizes total(long bytes) {
        return new Given(bytes, List.of());
    }

    /** Sizes of ranges of output channels, and of all of them. */
    record Given(long total, List<Range> ranges) implements EncodedSizes {
        public Given {
            ranges = List.copyOf(ranges);
        }
    }

    /** Output channels begin (inclusive) to end (exclusive) and their encoded bytes. */
    record Range(int begin, int end, long bytes) {}

    /** Sizes that are found by encoding. */
    record Encoded(Encoder encoder) implements EncodedSizes {}

    /** Encodes ranges of output channels. */
    @FunctionalInterface
    interface Encoder {

        /**
         * Bytes of scale records, padding and weight streams of all cores.
         *
         * @param ofmBlockDepth output channels of one block of the NPU's traversal
         * @param begin first output channel
         * @param end behind the last output channel
         */
        long bytes(int ofmBlockDepth, int begin, int end);
    }
}
