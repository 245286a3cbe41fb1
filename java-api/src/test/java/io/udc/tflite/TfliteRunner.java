package io.udc.tflite;

import io.udc.arch.Shape;
import java.nio.file.Path;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorflowlite.BuiltinOpResolverWithoutDefaultDelegates;
import org.bytedeco.tensorflowlite.FlatBufferModel;
import org.bytedeco.tensorflowlite.Interpreter;
import org.bytedeco.tensorflowlite.InterpreterBuilder;
import org.bytedeco.tensorflowlite.global.tensorflowlite;

/** Runs a TFLite file in TensorFlow Lite's interpreter, with its own optimised kernels and no delegate. */
final class TfliteRunner implements AutoCloseable {

    private final BuiltinOpResolverWithoutDefaultDelegates resolver = new BuiltinOpResolverWithoutDefaultDelegates();
    private final Interpreter interpreter = new Interpreter((Pointer) null);
    private final FlatBufferModel model;
    private final Shape input;
    private final Shape output;

    TfliteRunner(Path file, Shape input, Shape output) {
        this.input = input;
        this.output = output;
        this.model = FlatBufferModel.BuildFromFile(file.toString());
        if (model == null || model.isNull()) {
            throw new IllegalStateException(file + ": not a TFLite file to the interpreter");
        }
        try (InterpreterBuilder builder = new InterpreterBuilder(model, resolver)) {
            check(builder.apply(interpreter, 1));
        }
        check(interpreter.AllocateTensors());
    }

    /**
     * Runs one picture.
     *
     * @param pixels unsigned, [channels, rows, columns]
     * @return int8 values [channels, rows, columns]
     */
    byte[] run(byte[] pixels) {
        byte[] values = new byte[pixels.length];
        int plane = input.height() * input.width();
        for (int i = 0; i < values.length; i++) {
            values[i % plane * input.channels() + i / plane] = (byte) (pixels[i] ^ 0x80);
        }
        interpreter.typed_input_tensor_byte(0).put(values);
        check(interpreter.Invoke());
        byte[] found = new byte[Math.toIntExact(output.elements())];
        interpreter.typed_output_tensor_byte(0).get(found);
        byte[] planar = new byte[found.length];
        int outputPlane = output.height() * output.width();
        for (int i = 0; i < planar.length; i++) {
            planar[i] = found[i % outputPlane * output.channels() + i / outputPlane];
        }
        return planar;
    }

    private static void check(int status) {
        if (status != tensorflowlite.kTfLiteOk) {
            throw new IllegalStateException("TensorFlow Lite, status " + status);
        }
    }

    @Override
    public void close() {
        interpreter.close();
        model.close();
        resolver.close();
    }
}
