package io.udc.search.bench;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorflowlite.BuiltinOpResolver;
import org.bytedeco.tensorflowlite.FlatBufferModel;
import org.bytedeco.tensorflowlite.Interpreter;
import org.bytedeco.tensorflowlite.InterpreterBuilder;
import org.bytedeco.tensorflowlite.global.tensorflowlite;

/** TensorFlow Lite with its default delegate, XNNPACK, on one thread. */
final class TfliteRunner implements PictureRunner {

    private final BytePointer file;
    private final FlatBufferModel model;
    private final BuiltinOpResolver resolver = new BuiltinOpResolver();
    private final Interpreter interpreter = new Interpreter((Pointer) null);
    private final int outputs;

    /**
     * @param file content of a TFLite file
     * @param outputs number of its output values
     */
    TfliteRunner(byte[] file, int outputs) {
        this.file = new BytePointer(file);
        this.outputs = outputs;
        this.model = FlatBufferModel.BuildFromBuffer(this.file, file.length);
        if (model == null || model.isNull()) {
            throw new IllegalStateException("not a TFLite file to TensorFlow Lite");
        }
        try (InterpreterBuilder builder = new InterpreterBuilder(model, resolver)) {
            check(builder.apply(interpreter, 1));
        }
        check(interpreter.AllocateTensors());
    }

    @Override
    public String executor() {
        return "TensorFlow Lite, XNNPACK";
    }

    @Override
    public void setPicture(byte[] values) {
        interpreter.typed_input_tensor_byte(0).put(values);
    }

    @Override
    public void run() {
        check(interpreter.Invoke());
    }

    @Override
    public byte[] answer() {
        byte[] values = new byte[outputs];
        interpreter.typed_output_tensor_byte(0).get(values);
        return values;
    }

    @Override
    public long sessionBytes() {
        return -1;
    }

    private static void check(int status) {
        if (status != tensorflowlite.kTfLiteOk) {
            throw new IllegalStateException("TensorFlow Lite, status " + status);
        }
    }

    @Override
    public void close() {
        interpreter.close();
        resolver.close();
        model.close();
        file.close();
    }
}
