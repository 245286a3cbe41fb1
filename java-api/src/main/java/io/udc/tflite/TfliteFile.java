package io.udc.tflite;

import com.google.flatbuffers.Table;
import io.udc.InputException;
import io.udc.files.WholeFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import org.tensorflow.lite.schema.Buffer;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.Operator;
import org.tensorflow.lite.schema.OperatorCode;
import org.tensorflow.lite.schema.QuantizationParameters;
import org.tensorflow.lite.schema.SubGraph;
import org.tensorflow.lite.schema.Tensor;
import org.tensorflow.lite.schema.TensorType;

/**
 * Reads TFLite files of anybody. A FlatBuffer is a graph of offsets, of which a small file can make a large network:
 * its tables may overlap and share what they point to. So every number of things is bounded before room is made for
 * them, and so is their sum; constants stay where they are in the file.
 */
public final class TfliteFile {

    private static final int MAX_TENSORS = 1 << 16;
    private static final int MAX_OPERATORS = 1 << 14;
    private static final int MAX_RANK = 8;
    private static final int MAX_EXTENT = 1 << 26;
    private static final int MAX_OPERANDS = 1 << 12;
    private static final int MAX_CHANNELS = 1 << 16;
    private static final int MAX_TEXT = 1 << 14;

    /** Numbers and characters that a network may have in all, constants not counted. */
    private static final long MAX_CONTENT = 1 << 23;

    /** Bytes of constants that operators may read in all, those that they share counted for each. */
    private static final long MAX_CONSTANTS = 1 << 28;

    private static final int IDENTIFIER_AT = 4;
    private static final byte[] IDENTIFIER = "TFL3".getBytes(StandardCharsets.US_ASCII);

    private final Model model;
    private final OperatorCodes codes;
    private long content;
    private long constants;

    private TfliteFile(ByteBuffer file) {
        this.model = Model.getRootAsModel(file);
        this.codes = new OperatorCodes(file);
    }

    /** Whether a file's content claims to be TFLite. */
    public static boolean isTflite(byte[] content) {
        for (int i = 0; i < IDENTIFIER.length; i++) {
            if (content.length < IDENTIFIER_AT + IDENTIFIER.length || content[IDENTIFIER_AT + i] != IDENTIFIER[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads a file.
     *
     * @throws InputException if it is not there or not a TFLite file that makes sense; the message names it
     */
    public static TfliteNetwork read(Path file) {
        return parse(WholeFile.read(file), file.toString());
    }

    /**
     * Reads a file's content, to which the network's constants refer.
     *
     * @param source for messages
     * @throws InputException if it is not a TFLite file that makes sense
     */
    public static TfliteNetwork parse(byte[] content, String source) {
        if (!isTflite(content)) {
            throw new InputException(source + ": found no 'TFL3' at byte 4, so this is not a TFLite file");
        }
        try {
            return new TfliteFile(ByteBuffer.wrap(content).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN)).network();
        } catch (InputException e) {
            throw new InputException(source + ": " + e.getMessage(), e);
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            // Every access is checked by the buffer: an offset out of the file ends here.
            throw new InputException(source + ": found an offset that leaves the file, expected a TFLite file", e);
        }
    }

    private TfliteNetwork network() {
        count("subgraphs", model.subgraphsLength(), 1, MAX_OPERATORS);
        SubGraph graph = model.subgraphs(0);
        int tensorCount = count("tensors", graph.tensorsLength(), 1, MAX_TENSORS);
        List<TfliteTensor> tensors = new ArrayList<>(tensorCount);
        for (int i = 0; i < tensorCount; i++) {
            tensors.add(tensor(graph.tensors(i), "tensors[" + i + "]"));
        }
        int operatorCount = count("operators", graph.operatorsLength(), 0, MAX_OPERATORS);
        List<TfliteOperator> operators = new ArrayList<>(operatorCount);
        for (int i = 0; i < operatorCount; i++) {
            operators.add(operator(graph.operators(i), i, tensors));
        }
        return new TfliteNetwork(text(graph.nameAsByteBuffer(), "name"), tensors, operators,
                numbers("inputs", graph.inputsLength(), graph::inputs, 0, tensorCount),
                numbers("outputs", graph.outputsLength(), graph::outputs, 0, tensorCount));
    }

    private TfliteTensor tensor(Tensor tensor, String where) {
        int rank = count(where + ".shape", tensor.shapeLength(), 0, MAX_RANK);
        List<Integer> shape = new ArrayList<>(rank);
        long elements = 1;
        for (int i = 0; i < rank; i++) {
            shape.add(count(where + ".shape[" + i + "]", tensor.shape(i), 0, MAX_EXTENT));
            elements *= shape.get(i);
            if (elements > Integer.MAX_VALUE) {
                throw new InputException(where + ".shape: found more than 2^31 values");
            }
        }
        QuantizationParameters quantization = tensor.quantization();
        int scales = quantization == null ? 0 : quantization.scaleLength();
        int zeroPoints = quantization == null ? 0 : quantization.zeroPointLength();
        int type = tensor.type();
        return new TfliteTensor(
                text(tensor.nameAsByteBuffer(), where + ".name"),
                shape,
                type >= 0 && type < TensorType.names.length ? TensorType.name(type) : "TYPE_" + type,
                list(where + ".scale", scales, MAX_CHANNELS, i -> quantization.scale(i)),
                list(where + ".zeroPoint", zeroPoints, MAX_CHANNELS, i -> quantization.zeroPoint(i)),
                constant(tensor, where));
    }

    /** The bytes of a tensor's buffer, or null if it has none. */
    private ByteBuffer constant(Tensor tensor, String where) {
        long index = tensor.buffer();
        if (index == 0) {
            return null;
        }
        if (index >= model.buffersLength()) {
            throw new InputException(where + ".buffer: found " + index + " of " + model.buffersLength());
        }
        Buffer buffer = model.buffers((int) index);
        ByteBuffer data = buffer.dataAsByteBuffer();
        return data == null || !data.hasRemaining()
                ? null
                : data.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    private TfliteOperator operator(Operator operator, int position, List<TfliteTensor> tensors) {
        String where = "operators[" + position + "]";
        long code = operator.opcodeIndex();
        if (code >= model.operatorCodesLength()) {
            throw new InputException(
                    where + ".opcodeIndex: found " + code + " of " + model.operatorCodesLength());
        }
        List<Integer> inputs =
                numbers(where + ".inputs", operator.inputsLength(), operator::inputs, -1, tensors.size());
        inputs.stream().filter(number -> number >= 0).map(tensors::get).filter(TfliteTensor::isConstant)
                .forEach(tensor -> constants += tensor.data().remaining());
        if (constants > MAX_CONSTANTS) {
            throw new InputException(where + ": found more than " + MAX_CONSTANTS + " bytes of constants");
        }
        return new TfliteOperator(
                position,
                kind((int) code),
                inputs,
                numbers(where + ".outputs", operator.outputsLength(), operator::outputs, 0, tensors.size()),
                TfliteOptions.of(operator, where));
    }

    private String kind(int index) {
        OperatorCode code = model.operatorCodes(index);
        int builtin = Math.max(code.builtinCode(), codes.builtinCode(index));
        if (builtin == BuiltinOperator.CUSTOM) {
            return "CUSTOM " + text(code.customCodeAsByteBuffer(), "operatorCodes[" + index + "].customCode");
        }
        return OperatorNames.of(builtin);
    }

    private List<Integer> numbers(String where, int length, IntFunction<Integer> values, int least, int bound) {
        List<Integer> numbers = list(where, length, MAX_OPERANDS, values);
        for (int number : numbers) {
            if (number < least || number >= bound) {
                throw new InputException(where + ": found tensor " + number + " of " + bound);
            }
        }
        return numbers;
    }

    private <T> List<T> list(String where, int length, int most, IntFunction<T> values) {
        count(where, length, 0, most);
        spend(length);
        if (length == 0) {
            return Collections.emptyList();
        }
        List<T> list = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            list.add(values.apply(i));
        }
        return list;
    }

    /** A text without the control characters that a terminal would obey. */
    private String text(ByteBuffer bytes, String where) {
        if (bytes == null) {
            return "";
        }
        count(where + ": length", bytes.remaining(), 0, MAX_TEXT);
        spend(bytes.remaining());
        return StandardCharsets.UTF_8.decode(bytes).toString().replaceAll("\\p{Cntrl}", "?");
    }

    private static int count(String where, int value, int least, int most) {
        if (value < least || value > most) {
            throw new InputException(where + ": found " + value + ", expected " + least + " to " + most);
        }
        return value;
    }

    private void spend(int amount) {
        content += amount;
        if (content > MAX_CONTENT) {
            throw new InputException("found more than " + MAX_CONTENT + " numbers and characters beside the constants");
        }
    }

    /**
     * The field {@code builtin_code} of operator codes, which the generated classes are too old to know: it took over
     * when the codes outgrew the byte that they read.
     */
    private static final class OperatorCodes extends Table {

        private static final int OPERATOR_CODES = 6;
        private static final int BUILTIN_CODE = 10;

        OperatorCodes(ByteBuffer file) {
            __reset(file.getInt(0), file);
        }

        /** The field, 0 if it is not there. */
        int builtinCode(int index) {
            int codes = __offset(OPERATOR_CODES);
            int table = __indirect(__vector(codes) + Integer.BYTES * index);
            int vtable = table - bb.getInt(table);
            int field = BUILTIN_CODE < bb.getShort(vtable) ? bb.getShort(vtable + BUILTIN_CODE) : 0;
            return field == 0 ? 0 : bb.getInt(table + field);
        }
    }
}
