/**
 * TFLite files: integer networks written as such, and networks of anybody read and brought to the NPU's
 * operators.
 *
 * <p><b>Why the exported network computes our integers.</b> A TFLite file holds no multipliers. For each
 * output channel its kernels derive one, as frexp and rounding to 31 bits of
 *
 * <pre>    double(input scale) * double(filter scale) / double(output scale),</pre>
 *
 * where all three scales are float32. {@link io.udc.integer.Requantization#of} is that very function, and
 * training makes the records of a network with it from float32 scales. So for each record there is a float32
 * filter scale that leads back to it, and it lies within a few floats of multiplier / 2^shift * output scale
 * / input scale, where {@code FilterScale} looks for it. The scales of the feature maps are those of the
 * model.
 *
 * <p>A record that was made otherwise has a multiplier of 31 bits, which a float32 of 24 bits meets once in
 * 128 times. Then the neighbouring floats are compared by what matters: which of the accumulators that the
 * channel can have, its weights, bias and zero point given, come out differently. Often none does. If some
 * do, the export counts them.
 *
 * <p>The rest agrees by definition. Biases are TFLite's own (int32, input scale times filter scale, zero
 * point 0); weights are int8 with zero point 0; the zero point pads; the fused ReLU bounds the output by its
 * zero point; a sum brings both inputs to twice the greater scale with 20 more bits, as {@code ADD} does; a
 * pool is the rounded mean of the int8 values, as {@code AVERAGE_POOL_2D} has it and {@code MEAN} has not.
 *
 * <p><b>Rounding</b> is a property of the executor, not of the file. TFLite's reference kernels round as this
 * product does. Its optimised kernels on x86 round the last right shift of convolutions half up instead of
 * half away from zero, and those of other operators as the references do; {@link
 * io.udc.integer.Rounding#ofTfliteOnX86} is that, and with it every value is equal. The XNNPACK delegate
 * rounds once, in its own way.
 *
 * <p><b>What is read</b> was written by anybody. {@link io.udc.tflite.TfliteFile} takes the schema's
 * generated classes, whose every access is checked against the file's end by the buffer that holds it, and
 * bounds every count, and the sum of all, before room is made: in Java a wrong offset is an exception, never
 * a read outside of the file, so what AddressSanitizer finds in C++ cannot happen here. What can, an endless
 * loop or memory without bound, is what the mutation test and the fuzzer {@code TfliteFuzzer} look for.
 *
 * <p>{@link io.udc.tflite.TfliteOperators} makes Vela's rewrites. An operator without a counterpart in the
 * latency model is listed by name and position. A depth-to-space counts as the copy that it would be on the
 * NPU, as in networks of {@link io.udc.arch}; Vela 3.10 itself leaves it to the CPU. A mean (a depthwise
 * window and a multiplication) and a lookup table (on the operator before it, or on a sum with 0) follow
 * Vela's description, without figures of Vela's to compare with.
 */
package io.udc.tflite;
