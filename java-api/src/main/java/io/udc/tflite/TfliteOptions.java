package io.udc.tflite;

import com.google.flatbuffers.Table;
import io.udc.InputException;
import org.tensorflow.lite.schema.ActivationFunctionType;
import org.tensorflow.lite.schema.AddOptions;
import org.tensorflow.lite.schema.BuiltinOptions;
import org.tensorflow.lite.schema.Conv2DOptions;
import org.tensorflow.lite.schema.DepthToSpaceOptions;
import org.tensorflow.lite.schema.DepthwiseConv2DOptions;
import org.tensorflow.lite.schema.FullyConnectedOptions;
import org.tensorflow.lite.schema.MulOptions;
import org.tensorflow.lite.schema.Operator;
import org.tensorflow.lite.schema.Padding;
import org.tensorflow.lite.schema.Pool2DOptions;
import org.tensorflow.lite.schema.SubOptions;

/**
 * Parameters of the operators that have a place on the NPU; those that an operator does not have are as in
 * {@link #NONE}.
 *
 * @param same whether windows are padded "same", else "valid"
 * @param kernelHeight rows of a pool's window; a filter's are those of its weights
 * @param kernelWidth columns of it
 * @param block of a depth-to-space
 * @param activation what is fused
 */
public record TfliteOptions(
        boolean same,
        int strideY,
        int strideX,
        int dilationY,
        int dilationX,
        int kernelHeight,
        int kernelWidth,
        int block,
        Fused activation) {

    /** Of operators without parameters. */
    static final TfliteOptions NONE = fused(Fused.NONE);

    /** A fused activation. */
    public enum Fused {
        NONE,
        /** ReLU, ReLU6 or ReLU -1..1. */
        RELU,
        /** Anything else. */
        OTHER
    }

    private static TfliteOptions fused(Fused activation) {
        return new TfliteOptions(false, 1, 1, 1, 1, 1, 1, 1, activation);
    }

    private static TfliteOptions window(
            byte padding, int strideY, int strideX, int dilationY, int dilationX, byte activation) {
        return new TfliteOptions(
                padding == Padding.SAME, strideY, strideX, dilationY, dilationX, 1, 1, 1, of(activation));
    }

    /**
     * Reads an operator's parameters.
     *
     * @param where names the operator in messages
     */
    static TfliteOptions of(Operator operator, String where) {
        return switch (operator.builtinOptionsType()) {
            case BuiltinOptions.Conv2DOptions -> {
                Conv2DOptions o = table(operator, where, new Conv2DOptions());
                yield window(o.padding(), o.strideH(), o.strideW(), o.dilationHFactor(), o.dilationWFactor(),
                        o.fusedActivationFunction());
            }
            case BuiltinOptions.DepthwiseConv2DOptions -> {
                DepthwiseConv2DOptions o = table(operator, where, new DepthwiseConv2DOptions());
                yield window(o.padding(), o.strideH(), o.strideW(), o.dilationHFactor(), o.dilationWFactor(),
                        o.fusedActivationFunction());
            }
            case BuiltinOptions.Pool2DOptions -> {
                Pool2DOptions o = table(operator, where, new Pool2DOptions());
                yield new TfliteOptions(o.padding() == Padding.SAME, o.strideH(), o.strideW(), 1, 1,
                        o.filterHeight(), o.filterWidth(), 1, of(o.fusedActivationFunction()));
            }
            case BuiltinOptions.FullyConnectedOptions ->
                fused(of(table(operator, where, new FullyConnectedOptions()).fusedActivationFunction()));
            case BuiltinOptions.AddOptions ->
                fused(of(table(operator, where, new AddOptions()).fusedActivationFunction()));
            case BuiltinOptions.SubOptions ->
                fused(of(table(operator, where, new SubOptions()).fusedActivationFunction()));
            case BuiltinOptions.MulOptions ->
                fused(of(table(operator, where, new MulOptions()).fusedActivationFunction()));
            case BuiltinOptions.DepthToSpaceOptions -> new TfliteOptions(false, 1, 1, 1, 1, 1, 1,
                    table(operator, where, new DepthToSpaceOptions()).blockSize(), Fused.NONE);
            default -> NONE;
        };
    }

    private static <T extends Table> T table(Operator operator, String where, T options) {
        if (operator.builtinOptions(options) == null) {
            throw new InputException(where + ": found no options, expected those of its kind");
        }
        return options;
    }

    private static Fused of(byte activation) {
        return switch (activation) {
            case ActivationFunctionType.NONE -> Fused.NONE;
            case ActivationFunctionType.RELU, ActivationFunctionType.RELU6, ActivationFunctionType.RELU_N1_TO_1 ->
                Fused.RELU;
            default -> Fused.OTHER;
        };
    }
}
