package io.udc.npu;

import io.udc.bindings.Npu;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An encoded layer: for every depth slice and core the scale records, padded to 16 bytes, and the weight stream.
 *
 * @param bytes the whole of it; not copied, so not to be changed
 * @param ranges its parts in order
 */
public record LayerTensor(byte[] bytes, List<Range> ranges) {

    private static final long ALIGNMENT = 16;

    /**
     * One core's part of one depth slice.
     *
     * @param core from 0
     * @param firstChannel the slice's first channel plus the core's index
     * @param channels number of output channels
     * @param offset of the records in the tensor
     * @param recordBytes bytes of the records without their padding
     * @param streamBytes bytes of the stream, which follows the padding
     */
    public record Range(int core, int firstChannel, int channels, long offset, long recordBytes, long streamBytes) {}

    public LayerTensor {
        ranges = List.copyOf(ranges);
    }

    /** The weight streams alone, one after the other, as every decoder of streams reads them. */
    public byte[] streams() {
        ByteArrayOutputStream streams = new ByteArrayOutputStream(bytes.length);
        for (Range range : ranges) {
            long records = (range.recordBytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
            streams.write(bytes, Math.toIntExact(range.offset + records), Math.toIntExact(range.streamBytes));
        }
        return streams.toByteArray();
    }

    static LayerTensor of(byte[] buffer, int size, Npu.udc_npu_layer_range parts, int count) {
        List<Range> ranges = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Npu.udc_npu_layer_range part = parts.getPointer(i);
            ranges.add(new Range(part.core(), part.first_channel(), part.channels(), part.offset(),
                    part.record_bytes(), part.stream_bytes()));
        }
        return new LayerTensor(Arrays.copyOf(buffer, size), ranges);
    }
}
