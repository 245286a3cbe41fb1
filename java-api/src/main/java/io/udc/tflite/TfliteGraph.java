package io.udc.tflite;

import com.google.flatbuffers.FlatBufferBuilder;
import io.udc.integer.Quantization;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.lite.schema.Buffer;
import org.tensorflow.lite.schema.BuiltinOptions;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.Operator;
import org.tensorflow.lite.schema.OperatorCode;
import org.tensorflow.lite.schema.QuantizationParameters;
import org.tensorflow.lite.schema.SubGraph;
import org.tensorflow.lite.schema.Tensor;
import org.tensorflow.lite.schema.TensorType;

/** Puts a TFLite model together, tensor by tensor and operator by operator. The same calls give the same bytes. */
final class TfliteGraph {

    /** The only version of the schema that there has been. */
    private static final int SCHEMA_VERSION = 3;

    private static final String IDENTIFIER = "TFL3";

    /** TFLite reads constants in place and wants them aligned so. */
    private static final int DATA_ALIGNMENT = 16;

    private static final int NONE = 0;

    private final FlatBufferBuilder builder = new FlatBufferBuilder(1 << 16);
    private final Map<OperatorKind, Integer> kinds = new LinkedHashMap<>();
    private final List<Integer> buffers = new ArrayList<>();
    private final List<Integer> tensors = new ArrayList<>();
    private final List<Integer> operators = new ArrayList<>();

    /**
     * What an operator computes.
     *
     * @param code one of {@link org.tensorflow.lite.schema.BuiltinOperator}
     * @param version the least version of the operator that takes these types
     */
    record OperatorKind(byte code, int version) {}

    /**
     * An operator's parameters.
     *
     * @param type one of {@link BuiltinOptions}
     * @param offset where they lie in the builder's buffer
     */
    record Options(byte type, int offset) {

        static final Options NONE = new Options(BuiltinOptions.NONE, 0);
    }

    TfliteGraph() {
        // By convention the first buffer is empty: that of all tensors without constants.
        Buffer.startBuffer(builder);
        buffers.add(Buffer.endBuffer(builder));
    }

    /** For the generated classes that make options. */
    FlatBufferBuilder builder() {
        return builder;
    }

    /** Adds a feature map and gives its number. */
    int featureMap(String name, int[] shape, Quantization quantization) {
        int parameters =
                quantization(new float[] {quantization.scale()}, new long[] {quantization.zeroPoint()}, 0);
        return tensor(name, shape, TensorType.INT8, 0, parameters);
    }

    /** Adds constant int8 weights, or int32 biases, with a scale for each channel and zero points 0. */
    int channelConstant(String name, int[] shape, byte type, byte[] data, float[] scales, int channelAxis) {
        int buffer = constant(data);
        return tensor(name, shape, type, buffer, quantization(scales, new long[scales.length], channelAxis));
    }

    /** Adds constant integers that stand for themselves. */
    int integers(String name, int... values) {
        int buffer = constant(littleEndian(values));
        return tensor(name, new int[] {values.length}, TensorType.INT32, buffer, NONE);
    }

    void operator(OperatorKind kind, Options options, int[] inputs, int output) {
        int code = kinds.computeIfAbsent(kind, added -> kinds.size());
        int in = Operator.createInputsVector(builder, inputs);
        int out = Operator.createOutputsVector(builder, new int[] {output});
        Operator.startOperator(builder);
        Operator.addOpcodeIndex(builder, code);
        Operator.addInputs(builder, in);
        Operator.addOutputs(builder, out);
        Operator.addBuiltinOptionsType(builder, options.type());
        Operator.addBuiltinOptions(builder, options.offset());
        operators.add(Operator.endOperator(builder));
    }

    /** The file. */
    byte[] finish(String name, String description, int input, int output) {
        int tensorList = SubGraph.createTensorsVector(builder, array(tensors));
        int inputs = SubGraph.createInputsVector(builder, new int[] {input});
        int outputs = SubGraph.createOutputsVector(builder, new int[] {output});
        int operatorList = SubGraph.createOperatorsVector(builder, array(operators));
        int subgraph = SubGraph.createSubGraph(
                builder, tensorList, inputs, outputs, operatorList, builder.createString(name));
        int subgraphs = Model.createSubgraphsVector(builder, new int[] {subgraph});
        int codes = Model.createOperatorCodesVector(builder, kinds.keySet().stream()
                .mapToInt(kind -> OperatorCode.createOperatorCode(builder, kind.code, NONE, kind.version))
                .toArray());
        int text = builder.createString(description);
        int bufferList = Model.createBuffersVector(builder, array(buffers));
        int model = Model.createModel(builder, SCHEMA_VERSION, codes, subgraphs, text, bufferList, NONE, NONE);
        builder.finish(model, IDENTIFIER);
        return builder.sizedByteArray();
    }

    static byte[] littleEndian(int[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        return bytes.array();
    }

    private int tensor(String name, int[] shape, byte type, int buffer, int quantization) {
        int text = builder.createString(name);
        int extents = Tensor.createShapeVector(builder, shape);
        Tensor.startTensor(builder);
        Tensor.addShape(builder, extents);
        Tensor.addType(builder, type);
        Tensor.addBuffer(builder, buffer);
        Tensor.addName(builder, text);
        if (quantization != NONE) {
            Tensor.addQuantization(builder, quantization);
        }
        tensors.add(Tensor.endTensor(builder));
        return tensors.size() - 1;
    }

    private int quantization(float[] scales, long[] zeroPoints, int channelAxis) {
        int scale = QuantizationParameters.createScaleVector(builder, scales);
        int zeroPoint = QuantizationParameters.createZeroPointVector(builder, zeroPoints);
        QuantizationParameters.startQuantizationParameters(builder);
        QuantizationParameters.addScale(builder, scale);
        QuantizationParameters.addZeroPoint(builder, zeroPoint);
        QuantizationParameters.addQuantizedDimension(builder, channelAxis);
        return QuantizationParameters.endQuantizationParameters(builder);
    }

    private int constant(byte[] data) {
        builder.createUnintializedVector(1, data.length, DATA_ALIGNMENT).put(data);
        buffers.add(Buffer.createBuffer(builder, builder.endVector()));
        return buffers.size() - 1;
    }

    private static int[] array(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }
}
