package io.udc.npu;

import com.fasterxml.jackson.annotation.JsonValue;
import io.udc.arch.Shape;
import io.udc.bindings.Npu;
import java.util.List;

/**
 * The shape of a feature map or of a block of one, in the NPU's order.
 *
 * @param height rows
 * @param width columns
 * @param depth channels
 */
public record Hwc(int height, int width, int depth) {

    /** A feature map of an architecture. */
    public static Hwc of(Shape shape) {
        return new Hwc(shape.height(), shape.width(), shape.channels());
    }

    static Hwc of(Npu.udc_npu_shape3 shape) {
        return new Hwc(shape.height(), shape.width(), shape.depth());
    }

    void writeTo(Npu.udc_npu_shape3 shape) {
        shape.height(height);
        shape.width(width);
        shape.depth(depth);
    }

    /** In JSON: height, width, depth. */
    @JsonValue
    public List<Integer> toList() {
        return List.of(height, width, depth);
    }
}
