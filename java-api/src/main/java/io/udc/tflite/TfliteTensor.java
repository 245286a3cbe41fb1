package io.udc.tflite;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A tensor of a TFLite file.
 *
 * @param name as the file has it; may be empty
 * @param shape extents, outermost first
 * @param type such as INT8; the schema's name
 * @param scales one, or one a channel; empty if the tensor is not quantized
 * @param zeroPoints as many as scales
 * @param data the constant's bytes within the file, little endian, read-only; null if the tensor is computed
 */
public record TfliteTensor(
        String name,
        List<Integer> shape,
        String type,
        List<Float> scales,
        List<Long> zeroPoints,
        ByteBuffer data) {

    public TfliteTensor {
        shape = List.copyOf(shape);
        scales = List.copyOf(scales);
        zeroPoints = List.copyOf(zeroPoints);
    }

    public boolean isConstant() {
        return data != null;
    }

    public boolean isInt8() {
        return "INT8".equals(type);
    }

    /** Number of values. */
    public long elements() {
        return shape.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    }

    /** Whether two tensors' values stand for the same real numbers. */
    boolean isQuantizedAs(TfliteTensor other) {
        return scales.equals(other.scales) && zeroPoints.equals(other.zeroPoints);
    }
}
