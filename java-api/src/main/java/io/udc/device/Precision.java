package io.udc.device;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.udc.InputException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The numbers in which convolutions are computed, and feature maps kept, while a network learns. Parameters, their
 * gradients, statistics, a supernet's classifier, losses and every evaluation are float32 in any case.
 */
public enum Precision {
    FLOAT32(ScalarType.Float),
    /** float32 with 8 instead of 24 bits of significand: half of the traffic, and fast on GPUs. */
    BFLOAT16(ScalarType.BFloat16);

    private final ScalarType type;

    Precision(ScalarType type) {
        this.type = type;
    }

    /** The tensor in this precision; differentiable, and the tensor itself if it has this precision already. */
    public Tensor of(Tensor tensor) {
        return tensor.scalar_type().intern() == type ? tensor : tensor.to(type);
    }

    /**
     * Reads a precision's name.
     *
     * @throws InputException if there is none of this name
     */
    @JsonCreator
    public static Precision parse(String text) {
        return Arrays.stream(values())
                .filter(precision -> precision.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new InputException("found '" + text + "', expected one of "
                        + Arrays.stream(values()).map(Precision::toString).collect(Collectors.joining(", "))));
    }

    @Override
    @JsonValue
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
